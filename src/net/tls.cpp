#include "net/tls.hpp"

#include <array>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <vector>

#include "base/messages.hpp"

namespace digue::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

/// Shared with the operations under way: a shutdown can outlive the session that asked for it.
struct Connection : std::enable_shared_from_this<Connection> {
  Connection(tcp::socket socket, std::shared_ptr<asio::ssl::context> with)
      : context(std::move(with)), stream(std::move(socket), *context) {}

  std::shared_ptr<asio::ssl::context> context;
  asio::ssl::stream<tcp::socket> stream;
  enum class Hands { apart, shaking, shaken } hands = Hands::apart;
  std::vector<std::function<void(const error_code&)>> waiting;  ///< for the handshake

  enum class End { open, ending, ended } end = End::open;
  std::function<void()> last_read;

  void shaken(std::function<void(const error_code&)> then) {
    if (hands == Hands::shaken) return then({});
    waiting.push_back(std::move(then));
    if (std::exchange(hands, Hands::shaking) == Hands::shaking) return;
    stream.async_handshake(asio::ssl::stream_base::server, [self = shared_from_this()](const error_code& problem) {
      if (!problem) self->hands = Hands::shaken;
      for (const auto& one : std::exchange(self->waiting, {})) one(problem);
    });
  }

  void read(char* to, std::size_t size, Stream::Done done) {
    // Behind the close of our side the client's bytes are no longer TLS to us: they are counted and thrown away.
    if (end == End::ended) return stream.next_layer().async_read_some(asio::buffer(to, size), std::move(done));
    if (end == End::ending) {
      last_read = [self = shared_from_this(), to, size, done = std::move(done)]() mutable { self->read(to, size, std::move(done)); };
      return;
    }
    stream.async_read_some(asio::buffer(to, size), std::move(done));
  }

  void end_write() {
    if (end != End::open || hands != Hands::shaken) return;
    end = End::ending;
    stream.async_shutdown([self = shared_from_this()](const error_code&) {
      error_code ignored;
      self->stream.next_layer().shutdown(tcp::socket::shutdown_send, ignored);
      self->end = End::ended;
      if (const auto read = std::exchange(self->last_read, nullptr)) read();
    });
  }
};

class TlsStream final : public Stream {
 public:
  TlsStream(tcp::socket socket, std::shared_ptr<asio::ssl::context> context)
      : connection_(std::make_shared<Connection>(std::move(socket), std::move(context))) {}

  void read_some(char* to, std::size_t size, Done done) override {
    connection_->shaken([connection = connection_.get(), to, size, done = std::move(done)](const error_code& problem) {
      if (problem) return done(problem, 0);
      connection->read(to, size, done);
    });
  }
  void write(std::string_view first, std::string_view second, Done done) override {
    connection_->shaken([connection = connection_.get(), first, second, done = std::move(done)](const error_code& problem) {
      if (problem) return done(problem, 0);
      const std::array parts{asio::buffer(first.data(), first.size()), asio::buffer(second.data(), second.size())};
      asio::async_write(connection->stream, parts, done);
    });
  }
  void end_write() override { connection_->end_write(); }
  void close() override {
    error_code ignored;
    connection_->stream.next_layer().close(ignored);
    connection_->last_read = nullptr;
  }

 private:
  std::shared_ptr<Connection> connection_;
};

}  // namespace

Result<std::shared_ptr<asio::ssl::context>> tls_context(const std::string& certificate, const std::string& key) {
  using asio::ssl::context;
  const auto made = std::make_shared<context>(context::tls_server);
  error_code problem;
  made->set_options(context::default_workarounds | context::no_sslv2 | context::no_sslv3 | context::no_tlsv1 | context::no_tlsv1_1 |
                        context::no_compression | context::single_dh_use | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_RENEGOTIATION,
                    problem);
  SSL_CTX_set_cipher_list(made->native_handle(),
                          "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:"
                          "ECDHE-RSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256");
  const auto refused = [&](const std::string& file, const char* message) {
    return fail(ErrorCode::bad_input, tr(message, {{"reason", problem.message()}}), file, tr("tls.help"));
  };
  made->use_certificate_chain_file(certificate, problem);
  if (problem) return refused(certificate, "tls.certificate");
  // Never asks a passphrase at the terminal of a server: an encrypted key is refused.
  made->set_password_callback([](std::size_t, context::password_purpose) { return std::string(); }, problem);
  made->use_private_key_file(key, context::pem, problem);
  if (problem) return refused(key, "tls.key");
  if (SSL_CTX_check_private_key(made->native_handle()) != 1) return refused(key, "tls.mismatch");
  return made;
}

std::unique_ptr<Stream> tls_stream(tcp::socket socket, std::shared_ptr<asio::ssl::context> context) {
  return std::make_unique<TlsStream>(std::move(socket), std::move(context));
}

}  // namespace digue::net
