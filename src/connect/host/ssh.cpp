#include <fcntl.h>
#include <libssh/libssh.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <thread>

#include "base/messages.hpp"
#include "base/quote.hpp"
#include "base/text.hpp"
#include "connect/host/transport.hpp"

namespace digue::connect {

namespace {

using Clock = std::chrono::steady_clock;

template <class Type, void (*release)(Type*)>
struct Release {
  void operator()(Type* one) const { release(one); }
};
using Session = std::unique_ptr<ssh_session_struct, Release<ssh_session_struct, ssh_free>>;
using Key = std::unique_ptr<ssh_key_struct, Release<ssh_key_struct, ssh_key_free>>;
using Channel = std::unique_ptr<ssh_channel_struct, Release<ssh_channel_struct, ssh_channel_free>>;

Key private_key(const std::string& identity) {
  ssh_key key = nullptr;
  // Without a function that asks, an encrypted key is an error and no question at a terminal.
  const auto refuse = [](const char*, char*, std::size_t, int, int, void*) { return -1; };
  if (ssh_pki_import_privkey_base64(identity.c_str(), nullptr, refuse, nullptr, &key) != SSH_OK) return nullptr;
  return Key(key);
}

/// Cuts the connection at the deadline, whatever the library is waiting for.
class Cutter {
 public:
  Cutter(int socket, Clock::time_point deadline) : socket_(::fcntl(socket, F_DUPFD_CLOEXEC, 0)) {
    thread_ = std::thread([this, deadline] {
      std::unique_lock lock(mutex_);
      if (ended_.wait_until(lock, deadline, [this] { return done_; })) return;
      late_ = true;
      ::shutdown(socket_, SHUT_RDWR);
    });
  }
  ~Cutter() {
    {
      const std::lock_guard lock(mutex_);
      done_ = true;
    }
    ended_.notify_one();
    thread_.join();
    if (socket_ >= 0) ::close(socket_);
  }
  Cutter(const Cutter&) = delete;
  Cutter& operator=(const Cutter&) = delete;
  bool late() const { return late_; }

 private:
  const int socket_;
  std::mutex mutex_;
  std::condition_variable ended_;
  bool done_ = false;
  std::atomic<bool> late_ = false;
  std::thread thread_;
};

class SshHost final : public Host {
 public:
  SshHost(SshTarget target, std::vector<std::string> words) : target_(std::move(target)), words_(std::move(words)) {}

  Result<HostAnswer> run(const std::vector<std::string>& arguments, std::string_view input, std::chrono::milliseconds limit) override {
    const auto deadline = Clock::now() + limit;
    auto words = words_;
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::string command;
    for (const auto& word : words) {
      const auto quoted = quote::sh_bytes(word);
      if (!quoted) return tl::make_unexpected(quoted.error());
      command += (command.empty() ? "" : " ") + *quoted;
    }
    const auto socket = connect(deadline);
    if (!socket) return tl::make_unexpected(socket.error());
    const Session session(ssh_new());
    Cutter cutter(*socket, deadline);
    if (auto in = sign_in(session.get(), *socket, limit, cutter); !in) {
      ssh_disconnect(session.get());
      return tl::make_unexpected(in.error());
    }
    auto answer = execute(session.get(), command, input);
    if (!answer && answer.error().code == ErrorCode::io && cutter.late())
      answer.error().message = tr("host.late", {{"program", words_.back()}, {"seconds", std::to_string((limit.count() + 999) / 1000)}});
    ssh_disconnect(session.get());
    return answer;
  }

 private:
  tl::unexpected<Error> unreachable(const std::string& why) const {
    return fail(ErrorCode::io, tr("host.unreachable", {{"host", target_.host}, {"why", why}}), {}, tr("host.not_done"));
  }
  tl::unexpected<Error> unreachable(ssh_session session, const Cutter& cutter) const {
    return unreachable(cutter.late() ? tr("host.slow") : to_utf8_lossy(clip(ssh_get_error(session), 300)));
  }
  tl::unexpected<Error> cut() const { return fail(ErrorCode::io, tr("host.cut", {{"program", words_.back()}}), {}, tr("host.unknown")); }

  /// A connected socket, that the caller owns.
  Result<int> connect(Clock::time_point deadline) const {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (::getaddrinfo(target_.host.c_str(), std::to_string(target_.port).c_str(), &hints, &found) != 0)
      return unreachable(tr("host.no_address"));
    int problem = ECONNREFUSED;
    int socket = -1;
    for (const auto* at = found; at != nullptr && socket < 0; at = at->ai_next) {
      socket = ::socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, at->ai_protocol);
      if (socket < 0) continue;
      problem = ::connect(socket, at->ai_addr, at->ai_addrlen) == 0 ? 0 : errno;
      if (problem == EINPROGRESS) {
        pollfd ready{socket, POLLOUT, 0};
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
        socklen_t size = sizeof problem;
        if (::poll(&ready, 1, static_cast<int>(std::max<std::int64_t>(left, 0))) <= 0)
          problem = ETIMEDOUT;
        else
          ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &problem, &size);
      }
      if (problem != 0) {
        ::close(socket);
        socket = -1;
      }
    }
    ::freeaddrinfo(found);
    if (socket < 0) return unreachable(std::strerror(problem));
    ::fcntl(socket, F_SETFL, ::fcntl(socket, F_GETFL) & ~O_NONBLOCK);
    return socket;
  }

  /// Takes the socket over. Nothing of ours is sent before the server's key is the expected one.
  Result<void> sign_in(ssh_session session, int socket, std::chrono::milliseconds limit, const Cutter& cutter) const {
    const int no = 0;
    const long seconds = static_cast<long>(limit.count() / 1000 + 1);
    ssh_options_set(session, SSH_OPTIONS_PROCESS_CONFIG, &no);
    ssh_options_set(session, SSH_OPTIONS_HOST, target_.host.c_str());
    ssh_options_set(session, SSH_OPTIONS_USER, target_.user.c_str());
    ssh_options_set(session, SSH_OPTIONS_TIMEOUT, &seconds);
    ssh_options_set(session, SSH_OPTIONS_FD, &socket);
    if (ssh_connect(session) != SSH_OK) return unreachable(session, cutter);
    const auto seen = fingerprint(session);
    if (seen != target_.host_key)
      return fail(ErrorCode::forbidden, tr("host.key", {{"host", target_.host}, {"seen", seen}, {"expected", target_.host_key}}), {},
                  tr("host.key.help"));
    const auto key = private_key(target_.identity);
    const int answered = key ? ssh_userauth_publickey(session, nullptr, key.get()) : static_cast<int>(SSH_AUTH_DENIED);
    if (answered == SSH_AUTH_SUCCESS) return {};
    if (answered == SSH_AUTH_ERROR && (cutter.late() || ssh_is_connected(session) == 0)) return unreachable(session, cutter);
    return fail(ErrorCode::forbidden, tr("host.refused", {{"host", target_.host}, {"user", target_.user}}), {}, tr("host.refused.help"));
  }

  static std::string fingerprint(ssh_session session) {
    ssh_key key = nullptr;
    if (ssh_get_server_publickey(session, &key) != SSH_OK) return "-";
    const Key owned(key);
    unsigned char* hash = nullptr;
    std::size_t size = 0;
    if (ssh_get_publickey_hash(key, SSH_PUBLICKEY_HASH_SHA256, &hash, &size) != 0) return "-";
    char* text = ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash, size);
    std::string out = text != nullptr ? text : "-";
    ssh_string_free_char(text);
    ssh_clean_pubkey_hash(&hash);
    return out;
  }

  Result<HostAnswer> execute(ssh_session session, const std::string& command, std::string_view input) const {
    const Channel channel(ssh_channel_new(session));
    if (channel == nullptr || ssh_channel_open_session(channel.get()) != SSH_OK)
      return unreachable(to_utf8_lossy(clip(ssh_get_error(session), 300)));
    // From here on it may have begun.
    if (ssh_channel_request_exec(channel.get(), command.c_str()) != SSH_OK) return cut();
    while (!input.empty()) {
      const int sent =
          ssh_channel_write(channel.get(), input.data(), static_cast<std::uint32_t>(std::min<std::size_t>(input.size(), 32768)));
      if (sent <= 0) break;  // it may have ended without reading all: its exit status says so
      input.remove_prefix(static_cast<std::size_t>(sent));
    }
    ssh_channel_send_eof(channel.get());
    HostAnswer answer;
    std::array<char, 64 * 1024> buffer;
    while (ssh_channel_is_eof(channel.get()) == 0) {
      bool nothing = true;
      for (const int stream : {0, 1}) {
        const int got = ssh_channel_read_nonblocking(channel.get(), buffer.data(), buffer.size(), stream);
        if (got == SSH_ERROR) return cut();
        if (got <= 0) continue;
        nothing = false;
        auto& to = stream == 0 ? answer.out : answer.err;
        to.append(buffer.data(), static_cast<std::size_t>(got));
        if (to.size() > max_host_answer)
          return fail(ErrorCode::limit, tr("host.long", {{"program", words_.back()}, {"bytes", std::to_string(max_host_answer)}}), {},
                      tr("host.unknown"));
      }
      if (!nothing) continue;
      if (ssh_channel_is_closed(channel.get()) != 0 || ssh_is_connected(session) == 0) break;
      pollfd ready{ssh_get_fd(session), POLLIN, 0};
      ::poll(&ready, 1, 100);
    }
    answer.exit = ssh_channel_get_exit_status(channel.get());
    if (answer.exit < 0) return cut();
    return answer;
  }

  const SshTarget target_;
  const std::vector<std::string> words_;
};

}  // namespace

bool is_private_key(const std::string& identity) {
  return private_key(identity) != nullptr;
}

std::unique_ptr<Host> ssh_host(SshTarget target, std::vector<std::string> words) {
  return std::make_unique<SshHost>(std::move(target), std::move(words));
}

}  // namespace digue::connect
