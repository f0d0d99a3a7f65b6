#include "worker/document.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <mutex>

#include "base/json/writer.hpp"
#include "base/messages.hpp"
#include "base/text.hpp"
#include "worker/document_exit.hpp"
#include "worker/pipe.hpp"

extern char** environ;

namespace digue::worker {

namespace {

constexpr std::size_t max_told = 4096;
constexpr int poll_ms = 100;

Error failure(std::string_view key, const std::string& told) {
  return {ErrorCode::internal, tr(key), told, tr("document.print_instead")};
}

std::string request_of(const std::string& html, const PdfOptions& options) {
  std::string out;
  JsonWriter json(out);
  json.open_object().key("html").number(static_cast<std::int64_t>(html.size())).key("archival").boolean(options.archival);
  json.key("attachments").open_array();
  for (const auto& file : options.attachments)
    json.open_object()
        .key("name")
        .text(file.name)
        .key("description")
        .text(file.description)
        .key("type")
        .text(file.type)
        .key("bytes")
        .number(static_cast<std::int64_t>(file.bytes.size()))
        .close_object();
  json.close_array().close_object();
  out += '\n';
  out += html;
  for (const auto& file : options.attachments) out += file.bytes;
  return out;
}

struct Pipes {
  Pipe in, out, err;
  bool open() const { return in.open() && out.open() && err.open(); }
};

Result<pid_t> start(Pipes& pipes, const std::string& python) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, pipes.in.end(0), 0);
  posix_spawn_file_actions_adddup2(&actions, pipes.out.end(1), 1);
  posix_spawn_file_actions_adddup2(&actions, pipes.err.end(1), 2);
  std::string program = "digue";
  std::string command = "document";
  std::string argument = python;
  std::array<char*, 4> arguments{program.data(), command.data(), argument.data(), nullptr};
  pid_t child = -1;
  const int error = ::posix_spawn(&child, "/proc/self/exe", &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return tl::make_unexpected(failure("document.failed", std::strerror(error)));
  pipes.in.close(0);
  pipes.out.close(1);
  pipes.err.close(1);
  return child;
}

/// Reads what is there, `bound` bytes at most in all; false at the end.
bool take(int from, std::string& to, std::size_t bound) {
  std::array<char, 64 * 1024> buffer;
  const ssize_t got = ::read(from, buffer.data(), buffer.size());
  if (got < 0) return errno == EINTR || errno == EAGAIN;
  to.append(buffer.data(), std::min(static_cast<std::size_t>(got), bound - to.size()));
  return got > 0;
}

/// Feeds the child and reads its answer at once, so that neither waits for the other for ever.
Result<void> converse(Pipes& pipes, const std::string& request, const PdfOptions& options, std::string& pdf, std::string& told) {
  const auto deadline = std::chrono::steady_clock::now() + options.limit;
  std::size_t sent = 0;
  ::fcntl(pipes.in.end(1), F_SETFL, O_NONBLOCK);
  while (pipes.out.end(0) >= 0 || pipes.err.end(0) >= 0) {
    if (std::chrono::steady_clock::now() >= deadline)
      return fail(ErrorCode::limit, tr("document.too_long", {{"seconds", std::to_string(options.limit.count())}}), {},
                  tr("document.print_instead"));
    std::array<pollfd, 3> waits{pollfd{pipes.out.end(0), POLLIN, 0}, pollfd{pipes.err.end(0), POLLIN, 0},
                                pollfd{pipes.in.end(1), POLLOUT, 0}};
    if (::poll(waits.data(), waits.size(), poll_ms) < 0 && errno != EINTR)
      return tl::make_unexpected(failure("document.failed", std::strerror(errno)));
    if (waits[2].revents != 0) {
      const ssize_t wrote = ::write(pipes.in.end(1), request.data() + sent, request.size() - sent);
      if (wrote > 0) sent += static_cast<std::size_t>(wrote);
      if (sent == request.size() || (wrote < 0 && errno != EAGAIN && errno != EINTR)) pipes.in.close(1);
    }
    if (waits[1].revents != 0 && !take(pipes.err.end(0), told, max_told)) pipes.err.close(0);
    if (waits[0].revents != 0 && !take(pipes.out.end(0), pdf, max_pdf + 1)) pipes.out.close(0);
    if (pdf.size() > max_pdf) return fail(ErrorCode::limit, tr("document.too_large"), {}, tr("document.print_instead"));
  }
  return {};
}

/// The last line that the child wrote: of a Python traceback, the reason.
std::string reason_of(std::string_view told) {
  told = trim(told);
  const auto end = told.rfind('\n');
  return to_utf8_lossy(clip(end == std::string_view::npos ? told : told.substr(end + 1), 500));
}

}  // namespace

Result<std::string> render_pdf(const std::string& html, const PdfOptions& options) {
  std::size_t size = html.size();
  for (const auto& file : options.attachments) size += file.bytes.size();
  if (html.size() > max_html || size > max_pdf) return fail(ErrorCode::limit, tr("document.too_large"), {}, tr("document.print_instead"));
  static std::mutex one_at_a_time;  // each takes some 300 MB
  const std::lock_guard turn(one_at_a_time);
  std::signal(SIGPIPE, SIG_IGN);
  Pipes pipes;
  if (!pipes.open()) return tl::make_unexpected(failure("document.failed", std::strerror(errno)));
  const auto child = start(pipes, options.python);
  if (!child) return tl::make_unexpected(child.error());
  std::string pdf;
  std::string told;
  const auto answered = converse(pipes, request_of(html, options), options, pdf, told);
  if (!answered) ::kill(*child, SIGKILL);
  int status = 0;
  while (::waitpid(*child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!answered) return tl::make_unexpected(answered.error());
  if (!WIFEXITED(status)) return tl::make_unexpected(failure("document.failed", ::strsignal(WTERMSIG(status))));
  switch (WEXITSTATUS(status)) {
    case 0:
      break;
    case document_exit::no_renderer:
      return fail(ErrorCode::not_found, tr("document.no_renderer"), "weasyprint", tr("document.install"));
    case document_exit::no_jail:
      return fail(ErrorCode::forbidden, tr("document.no_jail"), {}, tr("document.print_instead"));
    default:
      return tl::make_unexpected(failure("document.failed", reason_of(told)));
  }
  if (!pdf.starts_with("%PDF-")) return tl::make_unexpected(failure("document.failed", reason_of(told)));
  return pdf;
}

}  // namespace digue::worker
