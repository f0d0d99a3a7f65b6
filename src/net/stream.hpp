#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/system/error_code.hpp>
#include <functional>
#include <memory>
#include <string_view>

namespace digue::net {

/// A connection's bytes. Virtual so that plain and TLS connections share one session, compiled once.
class Stream {
 public:
  virtual ~Stream() = default;
  using Done = std::function<void(const boost::system::error_code&, std::size_t)>;
  virtual void read_some(char* to, std::size_t size, Done done) = 0;
  /// All of both parts, which stay valid until `done`.
  virtual void write(std::string_view first, std::string_view second, Done done) = 0;
  /// No more bytes to the client; it can still send.
  virtual void end_write() = 0;
  virtual void close() = 0;
};

std::unique_ptr<Stream> plain_stream(boost::asio::ip::tcp::socket socket);
std::unique_ptr<Stream> plain_stream(boost::asio::local::stream_protocol::socket socket);

}  // namespace digue::net
