#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "net/http.hpp"

namespace digue::net {

struct ServerOptions {
  std::string address = "127.0.0.1";  ///< beyond loopback with TLS only
  std::uint16_t port = 0;             ///< 0: a free one
  std::string certificate;            ///< PEM file; with `key`: TLS
  std::string key;                    ///< PEM file
  std::string local;                  ///< Unix socket listened on beside, mode 0600; an old one there is replaced; empty: none
  std::size_t threads = 16;           ///< for handlers, which wait for the disk
  std::size_t max_connections = 256;
};

/// Listener, network thread and pool.
class Server {
 public:
  /// Listens from then on. usage when the address is none, or beyond loopback without TLS; conflict when the port is taken.
  static Result<std::unique_ptr<Server>> listen(const ServerOptions& options, Handler& handler);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::uint16_t port() const;
  /// Serves on the calling thread until stop(), SIGTERM or SIGINT; then lets requests under way end for at most five seconds.
  void run();
  /// Any thread.
  void stop();

 private:
  struct State;
  explicit Server(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Whether the text is an IP address of the machine itself; usage when it is none.
Result<bool> is_loopback(const std::string& address);

/// "127.0.0.1:8047", "[::1]:8047".
std::string authority(const std::string& address, std::uint16_t port);

}  // namespace digue::net
