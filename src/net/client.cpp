#include "net/client.hpp"

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>

#include "base/messages.hpp"

namespace digue::net {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::local::stream_protocol;
using boost::system::error_code;

namespace {

tl::unexpected<Error> broken(const std::string& socket, const error_code& problem) {
  return fail(ErrorCode::io, tr("client.broken", {{"reason", problem.message()}}), socket);
}

}  // namespace

Result<ClientReply> ask_local(const std::string& path, const ClientRequest& request, const std::function<void(const ClientReply&)>& told,
                              const std::function<void(std::string_view)>& sink) {
  asio::io_context io;
  stream_protocol::socket socket(io);
  error_code problem;
  if (path.size() < 108) socket.connect(stream_protocol::endpoint(path), problem);  // sun_path holds no more
  if (path.size() >= 108 || problem) return fail(ErrorCode::not_found, tr("client.nobody"), path);
  std::string head = request.method + " " + request.target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
  for (const auto& [name, value] : request.headers) head.append(name).append(": ").append(value).append("\r\n");
  if (request.body) head += "Content-Length: " + std::to_string(request.size) + "\r\n";
  head += "\r\n";
  asio::write(socket, asio::buffer(head), problem);
  std::array<char, 64 * 1024> part;
  for (std::uint64_t left = request.body ? request.size : 0; left > 0 && !problem;) {
    const auto got = request.body(part.data(), static_cast<std::size_t>(std::min<std::uint64_t>(part.size(), left)));
    if (!got) return tl::make_unexpected(got.error());
    if (*got == 0) return fail(ErrorCode::io, tr("client.shrunk"), path);
    left -= *got;
    asio::write(socket, asio::buffer(part.data(), *got), problem);  // an early refusal closes the way: the answer tells why
  }
  boost::beast::flat_buffer buffer;
  http::response_parser<http::buffer_body> parser;
  parser.body_limit(boost::none);
  problem = {};
  http::read_header(socket, buffer, parser, problem);
  if (problem) return broken(path, problem);
  const auto type = parser.get()[http::field::content_type];
  const ClientReply reply{static_cast<int>(parser.get().result_int()), std::string(type.data(), type.size())};
  told(reply);
  while (!parser.is_done()) {
    parser.get().body().data = part.data();
    parser.get().body().size = part.size();
    http::read(socket, buffer, parser, problem);
    if (problem == http::error::need_buffer) problem = {};
    if (problem) return broken(path, problem);
    sink({part.data(), part.size() - parser.get().body().size});
  }
  return reply;
}

}  // namespace digue::net
