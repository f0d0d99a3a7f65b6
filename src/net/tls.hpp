#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "net/stream.hpp"

namespace digue::net {

/// TLS 1.2 and 1.3 with a certificate (chain) and its key, PEM files. bad_input tells which file and why.
Result<std::shared_ptr<boost::asio::ssl::context>> tls_context(const std::string& certificate, const std::string& key);

/// The server's side of TLS; the handshake comes before the first byte.
std::unique_ptr<Stream> tls_stream(boost::asio::ip::tcp::socket socket, std::shared_ptr<boost::asio::ssl::context> context);

}  // namespace digue::net
