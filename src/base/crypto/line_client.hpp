#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/trust.hpp"

namespace digue {

/// A dialogue with a server, mostly in lines (IMAP, ManageSieve, SMTP), in clear or over TLS. Every call blocks, until one time limit for
/// the whole dialogue. Errors: io, whose message says which of unreachable, TLS wrong, out of time, cut; limit for a line or literal beyond
/// its bound.
class LineClient {
 public:
  static Result<LineClient> connect(const std::string& host, std::uint16_t port, std::chrono::milliseconds limit);
  LineClient(LineClient&&) noexcept;
  LineClient& operator=(LineClient&&) noexcept;
  ~LineClient();

  /// TLS from here on, with the server named as in connect(). What the server said in clear and was not read yet is refused: it could
  /// have been slipped in.
  Result<void> start_tls(const Trust& trust);
  Result<void> send(std::string_view bytes);
  /// The next line without its end, 64 KiB at most; hostile text.
  Result<std::string> line();
  /// The next `size` bytes.
  Result<std::string> bytes(std::size_t size);
  /// What comes next: one byte at least, `most` at most. For protocols without lines.
  Result<std::string> some(std::size_t most);
  /// From now on the time limit is that long from now.
  void allow(std::chrono::milliseconds limit);
  /// To be told apart from other connections; not to be read from.
  int descriptor() const;
  /// "127.0.0.1:40312": our own end.
  const std::string& source() const;

 private:
  struct State;
  explicit LineClient(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace digue
