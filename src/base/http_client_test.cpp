#include "base/http_client.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <memory>
#include <mutex>

#include "base/crypto/hash.hpp"
#include "base/encoding.hpp"
#include "base/loopback_test.hpp"
#include "base/messages.hpp"

using namespace digue;
using namespace digue::testing;
using namespace std::chrono_literals;

namespace {

std::string url(std::uint16_t port, const std::string& scheme = "http", const std::string& host = "127.0.0.1") {
  return scheme + "://" + host + ":" + std::to_string(port) + "/x?y=1";
}

/// What went wrong, told by the start of the message in English.
std::string trouble(const HttpRequest& request, const HttpSettings& settings) {
  const LanguageScope english(Language::en);
  const auto answer = ask_http(request, settings);
  return answer ? "status " + std::to_string(answer->status) : answer.error().message;
}

bool starts(const std::string& text, std::string_view start) {
  INFO(text);
  return text.starts_with(start);
}

}  // namespace

TEST_CASE("http client: sends what was asked and gives the whole answer, whatever its status") {
  std::string came;
  RawServer server([&](const Peer& peer) {
    came = peer.read_until("{body}");
    peer.send(
        std::string_view("HTTP/1.1 100 Continue\r\nX-Reason: interim\r\n\r\n"
                         "HTTP/1.1 401 Unauthorized\r\nX-Reason: key\r\nContent-Length: 5\r\n\r\nno\0pe",
                         112));
  });
  const auto answer = ask_http({"POST", url(server.port()), {{"Authorization", "X-Dovecot-API a2V5"}, {"Empty", ""}}, "a\n{body}"}, {});
  REQUIRE(answer);
  CHECK(answer->status == 401);
  CHECK(answer->header("x-reason") == "key");
  CHECK(answer->header("absent").empty());
  CHECK(answer->body == std::string_view("no\0pe", 5));
  CHECK(came.starts_with("POST /x?y=1 HTTP/1.1\r\n"));
  CHECK(came.find("Authorization: X-Dovecot-API a2V5\r\n") != std::string::npos);
  CHECK(came.find("Empty:\r\n") != std::string::npos);
  CHECK(came.find("Content-Length: 8\r\n") != std::string::npos);
  CHECK(came.find("Expect") == std::string::npos);
  CHECK(came.find("Cookie") == std::string::npos);
  CHECK(came.ends_with("\r\n\r\na\n{body}"));
}

TEST_CASE("http client: a redirect is an answer, and nobody follows it") {
  RawServer elsewhere([](const Peer& peer) { peer.read_until("\r\n\r\n"); });
  RawServer server([&](const Peer& peer) {
    peer.read_until("\r\n\r\n");
    peer.send("HTTP/1.1 302 Found\r\nLocation: " + url(elsewhere.port()) + "\r\nContent-Length: 0\r\n\r\n");
  });
  const auto answer = ask_http({"GET", url(server.port()), {}, ""}, {});
  REQUIRE(answer);
  CHECK(answer->status == 302);
  CHECK(elsewhere.connections() == 0);
}

TEST_CASE("http client: the proxies of the environment are not asked") {
  RawServer proxy([](const Peer& peer) { peer.read_until("\r\n\r\n"); });
  ::setenv("http_proxy", url(proxy.port()).c_str(), 1);
  ::setenv("ALL_PROXY", url(proxy.port()).c_str(), 1);
  RawServer server([](const Peer& peer) {
    peer.read_until("\r\n\r\n");
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  });
  CHECK(trouble({"GET", url(server.port()), {}, ""}, {}) == "status 200");
  ::unsetenv("http_proxy");
  ::unsetenv("ALL_PROXY");
  CHECK(proxy.connections() == 0);
}

TEST_CASE("http client: the proxy of the settings is asked") {
  std::string came;
  RawServer proxy([&](const Peer& peer) {
    came = peer.read_until("\r\n\r\n");
    peer.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
  });
  HttpSettings settings;
  settings.proxy = "http://127.0.0.1:" + std::to_string(proxy.port());
  const auto refused = trouble({"GET", "https://mail.example/", {}, ""}, settings);
  CHECK(starts(refused, "The proxy " + settings.proxy));
  CHECK(refused.find("403") != std::string::npos);
  CHECK(came.starts_with("CONNECT mail.example:443 HTTP/1.1\r\n"));
  settings.proxy = "http://127.0.0.1:" + std::to_string(closed_port());
  CHECK(starts(trouble({"GET", "https://mail.example/", {}, ""}, settings), "The proxy " + settings.proxy));
  for (const auto* bad : {"http://digue:secret@proxy.example:3128", "socks5://proxy.example", "not a proxy\r\n"}) {
    CAPTURE(bad);
    settings.proxy = bad;
    const auto answer = ask_http({"GET", "https://mail.example/", {}, ""}, settings);
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == ErrorCode::bad_input);
    CHECK(to_text(answer.error()).find("secret") == std::string::npos);
  }
}

TEST_CASE("http client: unreachable, out of time and cut are told apart") {
  HttpSettings quick;
  quick.total = 300ms;
  CHECK(starts(trouble({"GET", url(closed_port()), {}, ""}, {}), "The server cannot be reached"));

  RawServer silent([](const Peer& peer) { peer.wait_for_close(); });
  CHECK(starts(trouble({"GET", url(silent.port()), {}, ""}, quick), "The server did not answer in time"));

  for (const std::string half :
       {"", "HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n[[\"do",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n9\r\nab", "220 mail.example ESMTP\r\n"}) {
    INFO(half);
    RawServer cutting([&](const Peer& peer) {
      peer.read_until("\r\n\r\n");
      peer.send(half);
    });
    CHECK(starts(trouble({"GET", url(cutting.port()), {}, ""}, {}), "The server's answer was cut"));
  }
  const LanguageScope french(Language::fr);
  const auto answer = ask_http({"GET", url(closed_port()), {}, ""}, {});
  REQUIRE(!answer);
  CHECK(answer.error().code == ErrorCode::io);
  CHECK(answer.error().message.starts_with("Le serveur est injoignable"));
  CHECK(answer.error().help.starts_with("Rien n’a été envoyé."));
}

TEST_CASE("http client: an answer beyond the bound is not read") {
  RawServer server([](const Peer& peer) {
    peer.read_until("\r\n\r\n");
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n" + std::string(4000, 'x'));
  });
  HttpSettings settings;
  settings.bytes = 4000;
  CHECK(trouble({"GET", url(server.port()), {}, ""}, settings) == "status 200");
  settings.bytes = 3999;
  const auto answer = ask_http({"GET", url(server.port()), {}, ""}, settings);
  REQUIRE(!answer);
  CHECK(answer.error().code == ErrorCode::limit);

  RawServer heads([](const Peer& peer) {
    peer.read_until("\r\n\r\n");
    peer.send("HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 100; ++i) peer.send("X-Fill: " + std::string(1000, 'x') + "\r\n");
  });
  const auto long_head = ask_http({"GET", url(heads.port()), {}, ""}, {});
  REQUIRE(!long_head);
  CHECK(long_head.error().code == ErrorCode::limit);
}

TEST_CASE("http client: what would leave in clear, or is no address, is refused before anything is sent") {
  const auto refused = [](const std::string& text, const HttpSettings& settings = {}) {
    const auto good = check_url(text, settings);
    return !good && good.error().code == ErrorCode::bad_input;
  };
  for (const std::string text :
       {"http://mail.example/", "http://192.0.2.1:8080/doveadm/v1", "http://localhost.evil.example/", "http://127.0.0.1.example/",
        "http://[2001:db8::1]/", "ftp://localhost/", "file:///etc/passwd", "gopher://localhost/", "", "mail.example", "https://",
        "https://user:secret@mail.example/", "https://user@mail.example/", "https://a\r\nb/"}) {
    INFO(text);
    CHECK(refused(text));
  }
  for (const std::string text :
       {"https://mail.example:8443/doveadm/v1", "http://127.0.0.1:1/", "http://127.8.8.8/", "http://localhost:1/", "http://[::1]:8080/"}) {
    INFO(text);
    CHECK_FALSE(refused(text));
  }
  HttpSettings settings;
  settings.proxy = "http://proxy.example:3128";
  CHECK(refused("http://127.0.0.1/", settings));
  settings.clear_text = true;
  CHECK_FALSE(refused("http://192.0.2.1/", settings));
  const auto secret = check_url("https://user:secret@mail.example/", {});
  CHECK(to_text(secret.error()).find("secret") == std::string::npos);
}

TEST_CASE("http client: a header or method cannot smuggle another line") {
  RawServer server([](const Peer& peer) { peer.read_until("\r\n\r\n"); });
  const auto refused = [&](const HttpRequest& request) {
    const auto answer = ask_http(request, {});
    return !answer && answer.error().code == ErrorCode::bad_input;
  };
  CHECK(refused({"GET", url(server.port()), {{"A", "b\r\nX: y"}}, ""}));
  CHECK(refused({"GET", url(server.port()), {{"A", std::string("b\0c", 3)}}, ""}));
  CHECK(refused({"GET", url(server.port()), {{"A b", "c"}}, ""}));
  CHECK(refused({"GET", url(server.port()), {{"", "c"}}, ""}));
  CHECK(refused({"GET / HTTP/1.1\r\nX: y", url(server.port()), {}, ""}));
  CHECK(server.connections() == 0);
}

TEST_CASE("http client: TLS is believed for the right name, authority and key only") {
  const Folder folder, other;
  make_certificate(folder.path);
  make_certificate(other.path);
  const TlsServer server(folder.path);
  HttpSettings settings;
  CHECK(starts(trouble({"GET", url(server.port(), "https"), {}, ""}, settings), "The TLS connection to the server is not safe"));
  settings.trust.ca_file = folder.path + "/cert.pem";
  CHECK(trouble({"GET", url(server.port(), "https"), {}, ""}, settings) == "status 200");
  CHECK(trouble({"GET", url(server.port(), "https", "localhost"), {}, ""}, settings) == "status 200");
  CHECK(starts(trouble({"GET", url(server.port(), "https", "127.0.0.2"), {}, ""}, settings), "The server cannot be reached"));
  settings.trust.ca_file = other.path + "/cert.pem";
  CHECK(starts(trouble({"GET", url(server.port(), "https"), {}, ""}, settings), "The TLS connection to the server is not safe"));
  settings.trust.ca_file = folder.path + "/absent.pem";
  CHECK(starts(trouble({"GET", url(server.port(), "https"), {}, ""}, settings), "The TLS connection to the server is not safe"));

  settings.trust.ca_file = folder.path + "/cert.pem";
  settings.trust.pin = pin_of(folder.path + "/cert.pem");
  CHECK(trouble({"GET", url(server.port(), "https"), {}, ""}, settings) == "status 200");
  settings.trust.pin = pin_of(other.path + "/cert.pem");
  CHECK(starts(trouble({"GET", url(server.port(), "https"), {}, ""}, settings), "The TLS connection to the server is not safe"));

  const Folder stranger;
  make_certificate(stranger.path, "mail.example");
  const TlsServer misnamed(stranger.path);
  settings.trust = {stranger.path + "/cert.pem", ""};
  CHECK(starts(trouble({"GET", url(misnamed.port(), "https"), {}, ""}, settings), "The TLS connection to the server is not safe"));

  settings.trust = {folder.path + "/cert.pem", ""};
  const TlsServer old(folder.path, {"-tls1_1", "-cipher", "ALL:@SECLEVEL=0"});
  CHECK(starts(trouble({"GET", url(old.port(), "https"), {}, ""}, settings), "The TLS connection to the server is not safe"));

  RawServer plain([](const Peer& peer) {
    peer.send("220 mail.example ESMTP\r\n");
    peer.wait_for_close();
  });
  CHECK(starts(trouble({"GET", url(plain.port(), "https"), {}, ""}, {}), "The TLS connection to the server is not safe"));
}

TEST_CASE("http client: a pin is told from other texts") {
  CHECK(is_pin("sha256//" + base64(std::string(32, 'x'))));
  CHECK_FALSE(is_pin(""));
  CHECK_FALSE(is_pin("sha256//"));
  CHECK_FALSE(is_pin("sha256//abcd"));
  CHECK_FALSE(is_pin("sha1//" + base64(std::string(32, 'x'))));
}

TEST_CASE("http client: several threads at once") {
  std::vector<std::thread> threads;
  std::atomic<int> good = 0;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&good, i] {
      const auto mine = std::to_string(i);
      RawServer server([&](const Peer& peer) {
        peer.read_until("\r\n\r\n");
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n" + mine);
      });
      for (int j = 0; j < 5; ++j)
        if (const auto answer = ask_http({"GET", url(server.port()), {}, ""}, {}); answer && answer->body == mine) ++good;
    });
  for (auto& one : threads) one.join();
  CHECK(good == 20);
}
