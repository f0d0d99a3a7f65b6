#include "net/server.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <csignal>
#include <filesystem>
#include <vector>

#include "base/messages.hpp"
#include "net/session.hpp"
#include "net/tls.hpp"

namespace digue::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using asio::local::stream_protocol;
using boost::system::error_code;

struct Server::State {
  State(const ServerOptions& given, Handler& to) : options(given), handler(to), pool(given.threads) {}

  ServerOptions options;
  Handler& handler;
  Timeouts timeouts;
  asio::io_context io{1};
  asio::thread_pool pool;
  std::shared_ptr<asio::ssl::context> tls;
  tcp::acceptor acceptor{io};
  stream_protocol::acceptor local_acceptor{io};
  asio::steady_timer local_pause{io};
  asio::signal_set signals{io};
  asio::steady_timer last_call{io};
  std::vector<std::weak_ptr<Session>> sessions;
  bool stopping = false;

  std::unique_ptr<Stream> stream_of(tcp::socket socket) const {
    return tls ? tls_stream(std::move(socket), tls) : plain_stream(std::move(socket));
  }
  static std::unique_ptr<Stream> stream_of(stream_protocol::socket socket) { return plain_stream(std::move(socket)); }

  template <class Acceptor>
  void accept(Acceptor& from, asio::steady_timer& pause) {
    from.async_accept([this, &from, &pause](const error_code& problem, typename Acceptor::protocol_type::socket socket) {
      if (stopping) return;
      if (problem) {
        // Out of descriptors: a pause lets some connections end.
        pause.expires_after(std::chrono::milliseconds(200));
        pause.async_wait([this, &from, &pause](const error_code& cancelled) {
          if (!cancelled && !stopping) accept(from, pause);
        });
        return;
      }
      Peer peer;
      peer.local = std::is_same_v<Acceptor, stream_protocol::acceptor>;
      if constexpr (std::is_same_v<Acceptor, tcp::acceptor>) {
        error_code ignored;
        socket.set_option(tcp::no_delay(true), ignored);
        peer.address = socket.remote_endpoint(ignored).address().to_string();
        peer.secure = tls != nullptr;
      }
      auto stream = stream_of(std::move(socket));
      std::erase_if(sessions, [](const auto& one) { return one.expired(); });
      const auto session = std::make_shared<Session>(io, pool, std::move(stream), handler, timeouts, std::move(peer));
      const bool full = sessions.size() >= options.max_connections;
      sessions.push_back(session);
      if (full)
        session->turn_away();
      else
        session->start();
      accept(from, pause);
    });
  }

  void stop() {
    if (std::exchange(stopping, true)) return;
    error_code ignored;
    acceptor.close(ignored);
    local_acceptor.close(ignored);
    local_pause.cancel();
    signals.cancel(ignored);
    for (const auto& one : sessions)
      if (const auto session = one.lock()) session->stop();
    last_call.expires_after(std::chrono::seconds(5));
    last_call.async_wait([this](const error_code& cancelled) {
      if (cancelled) return;
      for (const auto& one : sessions)
        if (const auto session = one.lock()) session->close();
    });
    watch_end();
  }

  // run() returns when nothing is left to do: the last call must not keep it waiting once all sessions are gone.
  void watch_end() {
    std::erase_if(sessions, [](const auto& one) { return one.expired(); });
    if (sessions.empty()) {
      last_call.cancel();
      return;
    }
    const auto timer = std::make_shared<asio::steady_timer>(io, std::chrono::milliseconds(20));
    timer->async_wait([this, timer](const error_code&) { watch_end(); });
  }
};

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}
Server::~Server() {
  state_->pool.join();
}

Result<std::unique_ptr<Server>> Server::listen(const ServerOptions& options, Handler& handler) {
  error_code problem;
  const auto loopback = is_loopback(options.address);
  if (!loopback) return tl::make_unexpected(loopback.error());
  const auto address = asio::ip::make_address(options.address, problem);
  const bool secure = !options.certificate.empty() || !options.key.empty();
  if (!*loopback && !secure) return fail(ErrorCode::usage, tr("serve.not_loopback"), options.address, tr("serve.not_loopback_help"));
  auto state = std::make_unique<State>(options, handler);
  if (secure) {
    auto context = tls_context(options.certificate, options.key);
    if (!context) return tl::make_unexpected(context.error());
    state->tls = std::move(*context);
  }
  const tcp::endpoint endpoint(address, options.port);
  const auto step = [&](auto&& call) {
    if (!problem) call();
  };
  step([&] { state->acceptor.open(endpoint.protocol(), problem); });
  step([&] { state->acceptor.set_option(tcp::acceptor::reuse_address(true), problem); });
  step([&] { state->acceptor.bind(endpoint, problem); });
  step([&] { state->acceptor.listen(asio::socket_base::max_listen_connections, problem); });
  if (problem == asio::error::address_in_use)
    return fail(ErrorCode::conflict, tr("serve.port_taken", {{"port", std::to_string(options.port)}}), {}, tr("serve.port_taken_help"));
  if (problem) return fail(ErrorCode::io, tr("serve.cannot_listen", {{"reason", problem.message()}}), options.address);
  if (!options.local.empty()) {
    std::error_code ignored;
    std::filesystem::remove(options.local, ignored);
    step([&] { state->local_acceptor.open(stream_protocol(), problem); });
    step([&] { state->local_acceptor.bind(stream_protocol::endpoint(options.local), problem); });
    step([&] { std::filesystem::permissions(options.local, std::filesystem::perms(0600)); });
    step([&] { state->local_acceptor.listen(asio::socket_base::max_listen_connections, problem); });
    if (problem) return fail(ErrorCode::io, tr("serve.cannot_listen", {{"reason", problem.message()}}), options.local);
  }
  return std::unique_ptr<Server>(new Server(std::move(state)));
}

std::uint16_t Server::port() const {
  error_code ignored;
  return state_->acceptor.local_endpoint(ignored).port();
}

void Server::run() {
  error_code ignored;
  state_->signals.add(SIGINT, ignored);
  state_->signals.add(SIGTERM, ignored);
  state_->signals.async_wait([this](const error_code& cancelled, int) {
    if (!cancelled) state_->stop();
  });
  state_->accept(state_->acceptor, state_->last_call);
  if (state_->local_acceptor.is_open()) state_->accept(state_->local_acceptor, state_->local_pause);
  state_->io.run();
}

void Server::stop() {
  asio::post(state_->io, [this] { state_->stop(); });
}

Result<bool> is_loopback(const std::string& address) {
  error_code problem;
  const auto read = asio::ip::make_address(address, problem);
  if (problem) return fail(ErrorCode::usage, tr("serve.bad_address"), address);
  return read.is_loopback();
}

std::string authority(const std::string& address, std::uint16_t port) {
  const bool six = address.find(':') != std::string::npos;
  return (six ? "[" + address + "]" : address) + ":" + std::to_string(port);
}

}  // namespace digue::net
