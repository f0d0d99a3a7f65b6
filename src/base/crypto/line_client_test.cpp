#include "base/crypto/line_client.hpp"

#include <doctest/doctest.h>

#include "base/loopback_test.hpp"
#include "base/messages.hpp"

using namespace digue;
using namespace digue::testing;
using namespace std::chrono_literals;

namespace {

/// A server of TLS, asked for its page.
std::string page(std::uint16_t port, const std::string& host, const Trust& trust) {
  const LanguageScope english(Language::en);
  auto client = LineClient::connect(host, port, 10s);
  if (!client) return client.error().message;
  if (auto safe = client->start_tls(trust); !safe) return safe.error().message;
  REQUIRE(client->send("GET / HTTP/1.0\r\n\r\n"));
  const auto line = client->line();
  return line ? *line : line.error().message;
}

}  // namespace

TEST_CASE("line client: lines and literals come whole, and our own end is named") {
  RawServer server([](const Peer& peer) {
    peer.send("* OK ready\r\n* 1 FETCH {5}\r\na\r\nb");
    peer.send("c)\nlast\r\n");
    CHECK(peer.read_until("\r\n") == "a1 NOOP\r\n");
  });
  auto client = LineClient::connect("127.0.0.1", server.port(), 10s);
  REQUIRE(client);
  CHECK(client->source().starts_with("127.0.0.1:"));
  CHECK(client->line().value() == "* OK ready");
  CHECK(client->line().value() == "* 1 FETCH {5}");
  CHECK(client->bytes(5).value() == "a\r\nbc");
  CHECK(client->line().value() == ")");
  CHECK(client->line().value() == "last");
  CHECK(client->send("a1 NOOP\r\n"));
  const auto end = client->line();
  REQUIRE(!end);
  CHECK(end.error().code == ErrorCode::io);
}

TEST_CASE("line client: unreachable, late, cut and endless lines are told apart") {
  const LanguageScope english(Language::en);
  const auto absent = LineClient::connect("127.0.0.1", closed_port(), 10s);
  REQUIRE(!absent);
  CHECK(absent.error().message.starts_with("The server cannot be reached"));

  RawServer silent([](const Peer& peer) { peer.wait_for_close(); });
  {
    auto client = LineClient::connect("127.0.0.1", silent.port(), 2s);
    REQUIRE(client);
    CHECK(client->line().error().message.starts_with("The server did not answer in time"));
  }
  RawServer cutting([](const Peer& peer) { peer.send("* OK half a li"); });
  auto client = LineClient::connect("127.0.0.1", cutting.port(), 10s);
  REQUIRE(client);
  CHECK(client->line().error().message.starts_with("The server's answer was cut"));

  RawServer endless([](const Peer& peer) { peer.send(std::string(200'000, 'x')); });
  auto other = LineClient::connect("127.0.0.1", endless.port(), 10s);
  REQUIRE(other);
  CHECK(other->line().error().code == ErrorCode::limit);
}

TEST_CASE("line client: TLS is believed for the right name, authority and key only") {
  const Folder folder, other;
  make_certificate(folder.path);
  make_certificate(other.path);
  const TlsServer server(folder.path);
  const std::string unsafe = "The TLS connection to the server is not safe";
  const Trust good{folder.path + "/cert.pem", pin_of(folder.path + "/cert.pem")};
  CHECK(page(server.port(), "127.0.0.1", good) == "HTTP/1.0 200 ok");
  CHECK(page(server.port(), "localhost", {good.ca_file, ""}) == "HTTP/1.0 200 ok");
  CHECK(page(server.port(), "127.0.0.1", {}).starts_with(unsafe));
  CHECK(page(server.port(), "127.0.0.1", {other.path + "/cert.pem", ""}).starts_with(unsafe));
  CHECK(page(server.port(), "127.0.0.1", {folder.path + "/absent.pem", ""}).starts_with(unsafe));
  CHECK(page(server.port(), "127.0.0.1", {good.ca_file, pin_of(other.path + "/cert.pem")}).starts_with(unsafe));

  const Folder stranger;
  make_certificate(stranger.path, "mail.example");
  const TlsServer misnamed(stranger.path);
  CHECK(page(misnamed.port(), "127.0.0.1", {stranger.path + "/cert.pem", ""}).starts_with(unsafe));
  const TlsServer old(folder.path, {"-tls1_1", "-cipher", "ALL:@SECLEVEL=0"});
  CHECK(page(old.port(), "127.0.0.1", good).starts_with(unsafe));
}

TEST_CASE("line client: what was said in clear before TLS is refused, not read after") {
  RawServer server([](const Peer& peer) {
    peer.send("* OK ready\r\na1 OK begin TLS\r\n* OK slipped in\r\n");
    peer.wait_for_close();
  });
  auto client = LineClient::connect("127.0.0.1", server.port(), 10s);
  REQUIRE(client);
  CHECK(client->line());
  CHECK(client->line());
  CHECK_FALSE(client->start_tls({}));
}
