#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <thread>
#include <tuple>
#include <utility>

#include "base/messages.hpp"
#include "connect/host/transport.hpp"

extern char** environ;

namespace digue::connect {

namespace {

using Clock = std::chrono::steady_clock;

/// Both ends of one stream, closed on exec; a socket, so that writing to a program that ended is an error and no signal.
struct Stream {
  int ours = -1, theirs = -1;
  Stream() {
    std::array<int, 2> ends{-1, -1};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0) std::tie(ours, theirs) = std::pair(ends[0], ends[1]);
  }
  ~Stream() {
    close(ours);
    close(theirs);
  }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  static void close(int& end) {
    if (end >= 0) ::close(std::exchange(end, -1));
  }
};

struct Streams {
  Stream in, out, err;
};

/// In a process group of its own, with the signals as a program expects them.
Result<pid_t> start(Streams& streams, std::vector<std::string> words) {
  std::vector<char*> list;
  for (auto& word : words) list.push_back(word.data());
  list.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, streams.in.theirs, 0);
  posix_spawn_file_actions_adddup2(&actions, streams.out.theirs, 1);
  posix_spawn_file_actions_adddup2(&actions, streams.err.theirs, 2);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none, defaults;
  sigemptyset(&none);
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  pid_t child = -1;
  const int error = ::posix_spawnp(&child, words.front().c_str(), &actions, &attributes, list.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0)
    return fail(ErrorCode::io, tr("host.start", {{"program", words.front()}, {"why", std::strerror(error)}}), {}, tr("host.not_done"));
  for (Stream* one : {&streams.in, &streams.out, &streams.err}) Stream::close(one->theirs);
  return child;
}

class LocalHost final : public Host {
 public:
  explicit LocalHost(std::vector<std::string> words) : words_(std::move(words)) {}

  Result<HostAnswer> run(const std::vector<std::string>& arguments, std::string_view input, std::chrono::milliseconds limit) override {
    Streams streams;
    if (streams.in.theirs < 0 || streams.out.theirs < 0 || streams.err.theirs < 0)
      return fail(ErrorCode::io, tr("host.start", {{"program", program()}, {"why", std::strerror(errno)}}), {}, tr("host.not_done"));
    auto words = words_;
    words.insert(words.end(), arguments.begin(), arguments.end());
    for (const auto& word : words)
      if (word.find('\0') != std::string::npos) return fail(ErrorCode::bad_input, tr("quote.nul"));
    const auto child = start(streams, std::move(words));
    if (!child) return tl::make_unexpected(child.error());
    HostAnswer answer;
    const auto deadline = Clock::now() + limit;
    auto told = converse(streams, input, deadline, answer);
    int status = 0;
    while (told && ::waitpid(*child, &status, WNOHANG) == 0) {
      if (Clock::now() >= deadline) told = fail(ErrorCode::io, {});
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    if (!told) end(*child);
    if (!told && told.error().code == ErrorCode::io)
      return fail(ErrorCode::io, tr("host.late", {{"program", program()}, {"seconds", std::to_string((limit.count() + 999) / 1000)}}), {},
                  tr("host.unknown"));
    if (!told) return tl::make_unexpected(told.error());
    if (!WIFEXITED(status)) return fail(ErrorCode::io, tr("host.cut", {{"program", program()}}), {}, tr("host.unknown"));
    answer.exit = WEXITSTATUS(status);
    return answer;
  }

 private:
  const std::string& program() const { return words_.back(); }

  /// Feeds it and reads what it says at once, so that neither waits for the other for ever. io when it takes too long.
  Result<void> converse(Streams& streams, std::string_view input, Clock::time_point deadline, HostAnswer& answer) const {
    ::fcntl(streams.in.ours, F_SETFL, O_NONBLOCK);
    if (input.empty()) Stream::close(streams.in.ours);
    while (streams.out.ours >= 0 || streams.err.ours >= 0) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
      if (left <= 0) return fail(ErrorCode::io, {});
      std::array<pollfd, 3> waits{pollfd{streams.out.ours, POLLIN, 0}, pollfd{streams.err.ours, POLLIN, 0},
                                  pollfd{streams.in.ours, POLLOUT, 0}};
      ::poll(waits.data(), waits.size(), static_cast<int>(std::min<std::int64_t>(left, 1000)));
      if (waits[2].revents != 0) {
        const auto sent = ::send(streams.in.ours, input.data(), input.size(), MSG_NOSIGNAL);
        if (sent > 0) input.remove_prefix(static_cast<std::size_t>(sent));
        if (input.empty() || (sent < 0 && errno != EAGAIN && errno != EINTR)) Stream::close(streams.in.ours);
      }
      if (waits[0].revents != 0) take(streams.out.ours, answer.out);
      if (waits[1].revents != 0) take(streams.err.ours, answer.err);
      if (answer.out.size() > max_host_answer || answer.err.size() > max_host_answer)
        return fail(ErrorCode::limit, tr("host.long", {{"program", program()}, {"bytes", std::to_string(max_host_answer)}}), {},
                    tr("host.unknown"));
    }
    return {};
  }

  /// With whatever it started. What runs through sudo is not ours to kill: it is waited for elsewhere.
  static void end(pid_t child) {
    const bool killed = ::kill(-child, SIGKILL) == 0;
    const auto wait = [child] {
      while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
      }
    };
    killed ? wait() : std::thread(wait).detach();
  }

  static void take(int& from, std::string& to) {
    std::array<char, 64 * 1024> buffer;
    const auto got = ::read(from, buffer.data(), buffer.size());
    if (got > 0) to.append(buffer.data(), static_cast<std::size_t>(got));
    if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN)) Stream::close(from);
  }

  const std::vector<std::string> words_;
};

}  // namespace

std::unique_ptr<Host> local_host(std::vector<std::string> words) {
  return std::make_unique<LocalHost>(std::move(words));
}

}  // namespace digue::connect
