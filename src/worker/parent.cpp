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
#include <limits>
#include <utility>

#include "base/json/value.hpp"
#include "worker/job.hpp"
#include "worker/pipe.hpp"

extern char** environ;

namespace digue::worker {

namespace {

Error system_failure(const std::string& what) {
  return {ErrorCode::internal, "cannot start the analysis process: " + what + ": " + std::strerror(errno), {}, {}};
}

Result<pid_t> start(const Pipe& to_child, const Pipe& from_child, const Job& job) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, to_child.end(0), 0);
  posix_spawn_file_actions_adddup2(&actions, from_child.end(1), 1);
  // A descriptor duplicated onto itself loses its close-on-exec mark, and so is inherited.
  for (const Job::Source& source : job.sources)
    if (source.fd >= 0) posix_spawn_file_actions_adddup2(&actions, source.fd, source.fd);
  std::string program = "digue";
  std::string command = "worker";
  std::array<char*, 3> arguments{program.data(), command.data(), nullptr};
  pid_t child = -1;
  const int error = ::posix_spawn(&child, "/proc/self/exe", &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    errno = error;
    return tl::make_unexpected(system_failure("spawn"));
  }
  return child;
}

Error told_by_child(std::string_view payload) {
  const auto value = json::parse(payload, {max_payload, 4});
  if (!value) return {ErrorCode::internal, "the analysis process failed without a readable reason", {}, {}};
  json::Fields fields(*value);
  const auto code =
      fields.optional_integer("code", 0, static_cast<int>(ErrorCode::internal)).value_or(static_cast<int>(ErrorCode::internal));
  return {static_cast<ErrorCode>(code), fields.text_or("message", 4096, "unknown reason"), fields.text_or("where", 4096, ""),
          fields.text_or("help", 4096, "")};
}

Result<Outcome> outcome_from(std::string_view payload, const Job& job) {
  const auto value = json::parse(payload, {max_payload, 4});
  if (!value) return tl::make_unexpected(value.error());
  json::Fields fields(*value);
  Outcome out;
  out.rejected = static_cast<std::uint64_t>(fields.integer("rejected", 0, std::numeric_limits<std::int64_t>::max()));
  if (const auto worst = fields.optional_integer("worst", 0, static_cast<int>(Severity::critical)))
    out.worst = static_cast<Severity>(*worst);
  if (auto done = fields.done(); !done) return tl::make_unexpected(done.error());
  if (const auto* silent = value->as_object().contains("silent") ? value->as_object().at("silent").if_array() : nullptr)
    for (const json::Value& item : *silent)
      if (const auto* index = item.if_int64(); index != nullptr && *index >= 0 && static_cast<std::size_t>(*index) < job.sources.size())
        out.silent_sources.push_back(static_cast<std::uint32_t>(*index));
  return out;
}

/// What one frame means; the outcome when the child said that it is done.
Result<std::optional<Outcome>> handle(const Frame& frame, const Job& job, const JobEvents& events) {
  switch (frame.type) {
    case FrameType::started: {
      const auto value = json::parse(frame.payload, {1024, 4});
      if (!value) return tl::make_unexpected(value.error());
      json::Fields fields(*value);
      const auto abi = fields.optional_integer("landlock_abi", 0, 1000).value_or(0);
      if (events.started) events.started(static_cast<int>(abi));
      return std::nullopt;
    }
    case FrameType::progress: {
      const auto progress = decode_progress(frame.payload);
      if (!progress) return tl::make_unexpected(progress.error());
      if (events.progress) events.progress(*progress);
      return std::nullopt;
    }
    case FrameType::output: {
      if (frame.payload.empty()) return fail(ErrorCode::bad_input, "the analysis process answered with damaged data");
      const auto stream = static_cast<Stream>(frame.payload[0]);
      if (std::find(job.streams.begin(), job.streams.end(), stream) == job.streams.end())
        return fail(ErrorCode::bad_input, "the analysis process answered with an output that was not asked for");
      if (auto written = events.output(stream, frame.payload.substr(1)); !written) return tl::make_unexpected(written.error());
      return std::nullopt;
    }
    case FrameType::failed:
      return tl::make_unexpected(told_by_child(frame.payload));
    case FrameType::done:
      break;
  }
  auto outcome = outcome_from(frame.payload, job);
  if (!outcome) return tl::make_unexpected(outcome.error());
  return std::optional(std::move(*outcome));
}

/// Sends the job and reads the answer; the pipes carry both at once so that neither side waits for the other for ever.
Result<std::optional<Outcome>> converse(Pipe& to_child, Pipe& from_child, const Job& job, const JobEvents& events,
                                        const std::atomic<bool>& cancelled) {
  const std::string request = to_json(job);
  std::size_t sent = 0;
  FrameDecoder decoder;
  std::string buffer(256 * 1024, '\0');
  ::fcntl(to_child.end(1), F_SETFL, O_NONBLOCK);
  while (!cancelled) {
    std::array<pollfd, 2> waits{pollfd{from_child.end(0), POLLIN, 0}, pollfd{to_child.end(1), POLLOUT, 0}};
    if (::poll(waits.data(), to_child.end(1) >= 0 ? 2 : 1, 100) < 0 && errno != EINTR) return tl::make_unexpected(system_failure("poll"));
    if (to_child.end(1) >= 0 && waits[1].revents != 0) {
      const ssize_t wrote = ::write(to_child.end(1), request.data() + sent, request.size() - sent);
      if (wrote > 0) sent += static_cast<std::size_t>(wrote);
      if (sent == request.size() || (wrote < 0 && errno != EAGAIN && errno != EINTR)) to_child.close(1);
    }
    if (waits[0].revents == 0) continue;
    const ssize_t got = ::read(from_child.end(0), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return std::nullopt;
    decoder.feed(std::string_view(buffer).substr(0, static_cast<std::size_t>(got)));
    while (true) {
      const auto frame = decoder.next();
      if (!frame) return tl::make_unexpected(frame.error());
      if (!*frame) break;
      auto finished = handle(**frame, job, events);
      if (!finished || *finished) return finished;
    }
  }
  return fail(ErrorCode::cancelled, "cancelled");
}

}  // namespace

Result<Outcome> run(const Job& job, const JobEvents& events, const std::atomic<bool>& cancelled) {
  Pipe to_child;
  Pipe from_child;
  if (!to_child.open() || !from_child.open()) return tl::make_unexpected(system_failure("pipe"));
  const auto child = start(to_child, from_child, job);
  if (!child) return tl::make_unexpected(child.error());
  to_child.close(0);
  from_child.close(1);
  const auto answer = converse(to_child, from_child, job, events, cancelled);
  if (!answer) ::kill(*child, SIGKILL);
  int status = 0;
  while (::waitpid(*child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!answer) return tl::make_unexpected(answer.error());
  if (*answer) return **answer;
  const std::string how = WIFSIGNALED(status)
                              ? "was ended by signal " + std::to_string(WTERMSIG(status)) + " (" + ::strsignal(WTERMSIG(status)) + ")"
                              : "ended with code " + std::to_string(WEXITSTATUS(status));
  return fail(
      ErrorCode::internal, "the analysis process " + how + " before it was done", {},
      "The evidence and all that was saved are intact. Run the analysis again; when it fails once more, leave out the last file named.");
}

}  // namespace digue::worker
