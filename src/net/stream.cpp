#include "net/stream.hpp"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

namespace digue::net {

namespace {

using boost::asio::ip::tcp;
using boost::asio::local::stream_protocol;

template <class Socket>
class PlainStream final : public Stream {
 public:
  explicit PlainStream(Socket socket) : socket_(std::move(socket)) {}
  void read_some(char* to, std::size_t size, Done done) override {
    socket_.async_read_some(boost::asio::buffer(to, size), std::move(done));
  }
  void write(std::string_view first, std::string_view second, Done done) override {
    const std::array parts{boost::asio::buffer(first.data(), first.size()), boost::asio::buffer(second.data(), second.size())};
    boost::asio::async_write(socket_, parts, std::move(done));
  }
  void end_write() override {
    boost::system::error_code ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
  }
  void close() override {
    boost::system::error_code ignored;
    socket_.close(ignored);
  }

 private:
  Socket socket_;
};

}  // namespace

std::unique_ptr<Stream> plain_stream(tcp::socket socket) {
  return std::make_unique<PlainStream<tcp::socket>>(std::move(socket));
}

std::unique_ptr<Stream> plain_stream(stream_protocol::socket socket) {
  return std::make_unique<PlainStream<stream_protocol::socket>>(std::move(socket));
}

}  // namespace digue::net
