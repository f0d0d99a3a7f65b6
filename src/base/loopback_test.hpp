#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/folder_test.hpp"

namespace digue::testing {

/// A connection that a test answers by hand.
class Peer {
 public:
  explicit Peer(int socket) : socket_(socket) {}
  /// All that came until `end` did, or the other side closed.
  std::string read_until(std::string_view end) const;
  void send(std::string_view bytes) const;
  /// Waits for the other side to close.
  void wait_for_close() const;

 private:
  int socket_;
};

/// A server on a free port of 127.0.0.1 that answers each connection in turn by `serve`, then closes it.
class RawServer {
 public:
  explicit RawServer(std::function<void(const Peer&)> serve);
  ~RawServer();
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;
  std::uint16_t port() const { return port_; }
  int connections() const { return connections_; }

 private:
  int socket_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_ = 0;
  std::atomic<bool> ended_ = false;
  std::thread thread_;
};

/// A port of 127.0.0.1 on which nobody listens (for now), never the same twice.
std::uint16_t closed_port();

/// A program, with its output in `log`, that ends with this process. Not a shell: words.
pid_t start_program(const std::vector<std::string>& words, const std::string& log);
/// SIGTERM, then waits.
void stop_program(pid_t child);

/// A new self-signed certificate: cert.pem and key.pem in the folder; for localhost and 127.0.0.1 unless another name is given.
void make_certificate(const std::string& folder, const std::string& name = {});
/// Its pin (base/trust.hpp), as the OpenSSL program computes it.
std::string pin_of(const std::string& certificate);
/// What a command of the shell prints.
std::string output_of(const std::string& command);

/// TLS with that certificate, by `openssl s_server`: answers each GET by a page of its own.
class TlsServer {
 public:
  explicit TlsServer(const std::string& folder, const std::vector<std::string>& more = {});
  ~TlsServer();
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;
  std::uint16_t port() const { return port_; }

 private:
  pid_t child_ = 0;
  std::uint16_t port_ = 0;
};

}  // namespace digue::testing
