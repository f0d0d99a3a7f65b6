#include "base/crypto/line_client.hpp"

#include <fcntl.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/crypto/digest.hpp"
#include "base/crypto/hash.hpp"
#include "base/encoding.hpp"
#include "base/ip.hpp"
#include "base/messages.hpp"
#include "base/text.hpp"

namespace digue {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t max_line = std::size_t{64} << 10;
constexpr std::size_t max_literal = std::size_t{64} << 20;

template <class T, void (*free)(T*)>
struct Freed {
  void operator()(T* one) const { free(one); }
};
using Context = std::unique_ptr<SSL_CTX, Freed<SSL_CTX, SSL_CTX_free>>;
using Session = std::unique_ptr<SSL, Freed<SSL, SSL_free>>;

std::string last_tls_error() {
  const auto code = ::ERR_peek_last_error();
  ::ERR_clear_error();
  const char* text = code == 0 ? nullptr : ::ERR_reason_error_string(code);
  return text == nullptr ? "TLS" : text;
}

/// The digest of the key in the certificate, as a pin writes it.
std::string pin_of(X509* certificate) {
  unsigned char* der = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
  if (size <= 0) return {};
  const auto digest = sha256({reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)});
  OPENSSL_free(der);
  return "sha256//" + base64(bytes_of(digest));
}

std::string own_end(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  char host[NI_MAXHOST], port[NI_MAXSERV];
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0 ||
      ::getnameinfo(reinterpret_cast<sockaddr*>(&address), size, host, sizeof host, port, sizeof port, NI_NUMERICHOST | NI_NUMERICSERV) !=
          0)
    return {};
  const std::string text = host;
  return (text.find(':') == std::string::npos ? text : "[" + text + "]") + ":" + port;
}

}  // namespace

struct LineClient::State {
  std::string host, where, own, waiting;
  Clock::time_point end;
  int socket = -1;
  Context context;
  Session tls;

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    tls.reset();
    if (socket >= 0) ::close(socket);
  }

  tl::unexpected<Error> trouble(std::string_view key, const std::string& why) const {
    return fail(ErrorCode::io, tr(key, {{"why", to_utf8_lossy(why)}}), where, tr(std::string(key) + ".help"));
  }

  /// False when the time is over.
  bool wait(short event) const {
    while (true) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now()).count();
      if (left <= 0) return false;
      pollfd ready{socket, event, 0};
      const int got = ::poll(&ready, 1, static_cast<int>(std::min<long long>(left, 60'000)));
      if (got > 0) return true;
      if (got < 0 && errno != EINTR) return false;
    }
  }

  /// What a call of OpenSSL waits for; 0: nothing, it failed.
  short wanted(int code) const {
    const int error = ::SSL_get_error(tls.get(), code);
    return error == SSL_ERROR_WANT_READ ? POLLIN : error == SSL_ERROR_WANT_WRITE ? POLLOUT : short{0};
  }

  /// Reads what there is into `waiting`.
  Result<void> fill() {
    char buffer[16384];
    while (true) {
      if (tls != nullptr) {
        ::ERR_clear_error();
        const int got = ::SSL_read(tls.get(), buffer, sizeof buffer);
        if (got > 0) {
          waiting.append(buffer, static_cast<std::size_t>(got));
          return {};
        }
        const short event = wanted(got);
        if (event == 0) return trouble("http.cut", ::SSL_get_error(tls.get(), got) == SSL_ERROR_ZERO_RETURN ? "EOF" : last_tls_error());
        if (!wait(event)) return trouble("http.late", "TLS");
        continue;
      }
      const auto got = ::recv(socket, buffer, sizeof buffer, 0);
      if (got > 0) {
        waiting.append(buffer, static_cast<std::size_t>(got));
        return {};
      }
      if (got == 0) return trouble("http.cut", "EOF");
      if (errno == EINTR) continue;
      if (errno != EAGAIN) return trouble("http.cut", std::strerror(errno));
      if (!wait(POLLIN)) return trouble("http.late", "TCP");
    }
  }
};

LineClient::LineClient(std::unique_ptr<State> state) : state_(std::move(state)) {}
LineClient::LineClient(LineClient&&) noexcept = default;
LineClient& LineClient::operator=(LineClient&&) noexcept = default;
LineClient::~LineClient() = default;

const std::string& LineClient::source() const {
  return state_->own;
}

Result<LineClient> LineClient::connect(const std::string& host, std::uint16_t port, std::chrono::milliseconds limit) {
  auto state = std::make_unique<State>();
  state->host = host;
  state->where = (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + std::to_string(port);
  state->end = Clock::now() + limit;
  addrinfo wanted{};
  wanted.ai_family = AF_UNSPEC;
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int code = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &found); code != 0)
    return state->trouble("http.unreachable", ::gai_strerror(code));
  const std::unique_ptr<addrinfo, Freed<addrinfo, ::freeaddrinfo>> addresses(found);
  int problem = ETIMEDOUT;
  for (const auto* one = found; one != nullptr; one = one->ai_next) {
    state->socket = ::socket(one->ai_family, one->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, one->ai_protocol);
    if (state->socket >= 0 && (::connect(state->socket, one->ai_addr, one->ai_addrlen) == 0 || errno == EINPROGRESS)) {
      problem = ETIMEDOUT;
      socklen_t size = sizeof problem;
      if (state->wait(POLLOUT)) ::getsockopt(state->socket, SOL_SOCKET, SO_ERROR, &problem, &size);
    } else {
      problem = errno;
    }
    if (problem == 0) break;
    if (state->socket >= 0) ::close(std::exchange(state->socket, -1));
  }
  if (state->socket < 0) return state->trouble("http.unreachable", std::strerror(problem));
  state->own = own_end(state->socket);
  return LineClient(std::move(state));
}

Result<void> LineClient::start_tls(const Trust& trust) {
  auto& state = *state_;
  if (!state.waiting.empty()) return state.trouble("http.tls", tr("tls.slipped"));
  ::ERR_clear_error();
  state.context.reset(::SSL_CTX_new(::TLS_client_method()));
  auto* context = state.context.get();
  if (context == nullptr || ::SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1)
    return state.trouble("http.tls", last_tls_error());
  const bool believed = trust.ca_file.empty() ? ::SSL_CTX_set_default_verify_paths(context) == 1
                                              : ::SSL_CTX_load_verify_locations(context, trust.ca_file.c_str(), nullptr) == 1;
  if (!believed) return state.trouble("http.tls", trust.ca_file + ": " + last_tls_error());
  ::SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  state.tls.reset(::SSL_new(context));
  auto* tls = state.tls.get();
  const bool named = parse_ip(state.host)
                         ? ::X509_VERIFY_PARAM_set1_ip_asc(::SSL_get0_param(tls), state.host.c_str()) == 1
                         : ::SSL_set1_host(tls, state.host.c_str()) == 1 &&
                               ::SSL_ctrl(tls, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, state.host.data()) == 1;
  if (!named || ::SSL_set_fd(tls, state.socket) != 1) return state.trouble("http.tls", last_tls_error());
  while (true) {
    const int done = ::SSL_connect(tls);
    if (done == 1) break;
    const short event = state.wanted(done);
    if (event == 0) {
      const auto verified = ::SSL_get_verify_result(tls);
      return state.trouble("http.tls", verified == X509_V_OK ? last_tls_error() : ::X509_verify_cert_error_string(verified));
    }
    if (!state.wait(event)) return state.trouble("http.late", "TLS");
  }
  if (!trust.pin.empty()) {
    const std::unique_ptr<X509, Freed<X509, X509_free>> certificate(::SSL_get1_peer_certificate(tls));
    if (certificate == nullptr || pin_of(certificate.get()) != trust.pin) return state.trouble("http.tls", tr("tls.pin"));
  }
  return {};
}

Result<void> LineClient::send(std::string_view bytes) {
  auto& state = *state_;
  while (!bytes.empty()) {
    std::size_t gone = 0;
    short event = POLLOUT;
    if (state.tls != nullptr) {
      ::ERR_clear_error();
      const int sent = ::SSL_write(state.tls.get(), bytes.data(), static_cast<int>(std::min<std::size_t>(bytes.size(), 16384)));
      if (sent > 0)
        gone = static_cast<std::size_t>(sent);
      else if ((event = state.wanted(sent)) == 0)
        return state.trouble("http.cut", last_tls_error());
    } else {
      const auto sent = ::send(state.socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent > 0)
        gone = static_cast<std::size_t>(sent);
      else if (errno != EAGAIN && errno != EINTR)
        return state.trouble("http.cut", std::strerror(errno));
    }
    bytes.remove_prefix(gone);
    if (gone == 0 && !state.wait(event)) return state.trouble("http.late", "TCP");
  }
  return {};
}

Result<std::string> LineClient::line() {
  auto& state = *state_;
  std::size_t end;
  while ((end = state.waiting.find('\n')) == std::string::npos) {
    if (state.waiting.size() > max_line) return fail(ErrorCode::limit, tr("http.long", {{"bytes", std::to_string(max_line)}}), state.where);
    if (auto more = state.fill(); !more) return tl::make_unexpected(more.error());
  }
  std::string out = state.waiting.substr(0, end);
  state.waiting.erase(0, end + 1);
  if (out.ends_with('\r')) out.pop_back();
  return out;
}

Result<std::string> LineClient::bytes(std::size_t size) {
  auto& state = *state_;
  if (size > max_literal) return fail(ErrorCode::limit, tr("http.long", {{"bytes", std::to_string(max_literal)}}), state.where);
  while (state.waiting.size() < size)
    if (auto more = state.fill(); !more) return tl::make_unexpected(more.error());
  std::string out = state.waiting.substr(0, size);
  state.waiting.erase(0, size);
  return out;
}

Result<std::string> LineClient::some(std::size_t most) {
  auto& waiting = state_->waiting;
  if (waiting.empty())
    if (auto more = state_->fill(); !more) return tl::make_unexpected(more.error());
  std::string out = waiting.substr(0, most);
  waiting.erase(0, most);
  return out;
}

void LineClient::allow(std::chrono::milliseconds limit) {
  state_->end = Clock::now() + limit;
}

int LineClient::descriptor() const {
  return state_->socket;
}

}  // namespace digue
