#include "connect/dovecot/doveadm.hpp"

#include <doctest/doctest.h>

#include "base/messages.hpp"
#include "connect/connectors.hpp"
#include "connect/dovecot/probe.hpp"
#include "connect/dovecot/server_test.hpp"

using namespace digue;
using namespace digue::dovecot;
using namespace digue::containment;
using namespace digue::testing;

namespace {

Setup setup_for(std::uint16_t port) {
  Setup out;
  out.url = "http://127.0.0.1:" + std::to_string(port) + "/doveadm/v1";
  out.api_key = "k";
  return out;
}

/// What call() makes of an answer with this body.
Result<Doveadm::Reply> reply_to(const std::string& body, const std::string& status = "200 OK") {
  RawServer server([&](const Peer& peer) {
    peer.read_until("\"digue\"]]");
    peer.send("HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  });
  const auto setup = setup_for(server.port());
  return Doveadm(setup).call("who", {});
}

Settings plain_settings() {
  Settings out;
  out.values = {{"url", "http://127.0.0.1:1/doveadm/v1"}};
  out.secrets["api_key"] = "k";
  return out;
}

std::string setting_refused(const std::string& field, const std::string& value) {
  auto settings = plain_settings();
  settings.values[field] = value;
  const auto made = setup_of(settings);
  return made ? "" : made.error().where;
}

const Readiness* readiness(const std::vector<Readiness>& all, std::string_view capability) {
  for (const auto& one : all)
    if (one.capability == capability) return &one;
  return nullptr;
}

}  // namespace

TEST_CASE("doveadm: an answer is read with its tag, and nothing else is one") {
  CHECK(reply_to("[[\"doveadmResponse\",[{\"a\":\"b\"}],\"digue\"]]")->value.as_array().size() == 1);
  CHECK(reply_to("[[\"error\",{\"type\":\"exitCode\", \"exitCode\":68},\"digue\"]]")->exit == 68);
  CHECK(reply_to("[[\"error\",{\"type\":\"unknownMethod\", \"exitCode\":0},\"digue\"]]").error().code == ErrorCode::bad_input);
  CHECK(reply_to("", "401 Unauthorized").error().code == ErrorCode::forbidden);
  CHECK(reply_to("", "404 Not Found").error().code == ErrorCode::io);
  for (const std::string body :
       {"", "[]", "{}", "null", "[[]]", "[[\"doveadmResponse\",[],\"other\"]]", "[[\"doveadmResponse\",[]]]",
        "[[\"doveadmResponse\",[],\"digue\"],[\"doveadmResponse\",[],\"digue\"]]", "[[\"doveadmResponse\",[{\"a\":\"b",
        "[[\"error\",{\"type\":\"exitCode\"},\"digue\"]]", "[[\"error\",{\"type\":\"exitCode\",\"exitCode\":0},\"digue\"]]",
        "[[\"error\",\"x\",\"digue\"]]", "[[\"other\",[],\"digue\"]]"}) {
    INFO(body);
    const auto reply = reply_to(body);
    REQUIRE(!reply);
    CHECK(reply.error().code == ErrorCode::io);
  }
}

TEST_CASE("doveadm: a server that is down, cuts or is late is told apart, and never read as nothing found") {
  const LanguageScope english(Language::en);
  const auto setup = setup_for(closed_port());
  CHECK(Doveadm(setup).rows("who", {}).error().message.starts_with("The server cannot be reached"));
  RawServer cutting([](const Peer& peer) {
    peer.read_until("\"digue\"]]");
    peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1e\r\n[[\"doveadmResponse\",[");
  });
  const auto cut = setup_for(cutting.port());
  CHECK(Doveadm(cut).rows("who", {}).error().message.starts_with("The server's answer was cut"));
  RawServer silent([](const Peer& peer) { peer.wait_for_close(); });
  auto late = setup_for(silent.port());
  late.http.total = std::chrono::milliseconds(200);
  CHECK(Doveadm(late).rows("who", {}).error().message.starts_with("The server did not answer in time"));
}

TEST_CASE("doveadm: what is sent is JSON, whatever the names hold") {
  std::string came;
  RawServer server([&](const Peer& peer) {
    came = peer.read_until("\"digue\"]]");
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]");
  });
  const auto setup = setup_for(server.port());
  (void)Doveadm(setup).call("sieveGet", {{"user", "a\"],[\"kick"}, {"scriptname", "x\n\u202e"}});
  CHECK(came.ends_with("\r\n\r\n[[\"sieveGet\",{\"scriptname\":\"x\\n\u202e\",\"user\":\"a\\\"],[\\\"kick\"},\"digue\"]]"));
  CHECK(came.find("Authorization: X-Dovecot-API aw==\r\n") != std::string::npos);
}

TEST_CASE("dovecot settings: each wrong one is named") {
  CHECK(setup_of(plain_settings()));
  CHECK(setting_refused("url", "http://192.0.2.1/doveadm/v1") == "http://192.0.2.1/doveadm/v1");
  CHECK(setting_refused("pin", "sha256//x") == "pin");
  CHECK(setting_refused("imap", "192.0.2.1") == "imap");
  CHECK(setting_refused("imap", "192.0.2.1:0") == "imap");
  CHECK(setting_refused("imap", "192.0.2.1:65536") == "imap");
  CHECK(setting_refused("imap", "2001:db8::1:143") == "imap");
  CHECK(setting_refused("imap", "a b:143") == "imap");
  CHECK(setting_refused("imap", "none") == "");
  CHECK(setting_refused("imap", "[2001:db8::1]:143") == "");
  CHECK(setting_refused("passwd_file", "users") == "passwd_file");
  CHECK(setting_refused("quarantine", "*") == "quarantine");
  auto settings = plain_settings();
  settings.values["imap"] = "192.0.2.1:143";
  settings.values["imap_tls"] = "plain";
  CHECK(setup_of(settings).error().where == "imap_tls");
  settings.values["imap"] = "127.0.0.1:143";
  CHECK(setup_of(settings)->doors[0].tls == Door::Tls::plain);
  settings.secrets.clear();
  CHECK(setup_of(settings).error().where == "api_key");
}

TEST_CASE("dovecot doors: only a refusal of the secret is a refusal") {
  Setup setup;
  setup.door_limit = std::chrono::milliseconds(30'000);
  const auto outcome = [&](const char* protocol, const std::string& greeting, const std::string& more, const std::string& answer) {
    RawServer server([&](const Peer& peer) {
      peer.send(greeting);
      if (!more.empty()) {
        peer.read_until("\r\n");
        peer.send(more);
      }
      peer.read_until("\r\n");
      peer.send(answer);
      peer.read_until("\r\n");
    });
    Door door{protocol, Door::State::set, Door::Tls::plain, "127.0.0.1", server.port()};
    return sign_in(door, "a@x", "s", setup).outcome;
  };
  using enum Trial::Outcome;
  const auto imap = [&](const std::string& answer) { return outcome("imap", "* OK hello\r\n", "+ \r\n", answer); };
  CHECK(imap("* CAPABILITY X\r\nd2 OK in\r\n") == accepted);
  CHECK(imap("d2 NO [AUTHENTICATIONFAILED] no\r\n") == refused);
  CHECK(imap("d2 NO no\r\n") == refused);
  CHECK(imap("d2 NO [UNAVAILABLE] later\r\n") == unknown);
  CHECK(imap("d2 BAD what\r\n") == unknown);
  CHECK(imap("* BYE\r\n") == unknown);
  CHECK(outcome("imap", "* BYE too many\r\n", "", "") == unknown);
  const auto pop3 = [&](const std::string& answer) { return outcome("pop3", "+OK hello\r\n", "+ \r\n", answer); };
  CHECK(pop3("+OK Logged in.\r\n") == accepted);
  CHECK(pop3("-ERR [AUTH] Authentication failed.\r\n") == refused);
  CHECK(pop3("-ERR no\r\n") == refused);
  CHECK(pop3("-ERR [IN-USE] Mailbox is locked\r\n") == unknown);
  CHECK(pop3("-ERR [SYS/TEMP] later\r\n") == unknown);
  CHECK(outcome("pop3", "-ERR too many\r\n", "", "") == unknown);
  const auto sieve = [&](const std::string& answer) { return outcome("managesieve", "\"SIEVE\" \"x\"\r\nOK\r\n", "", answer); };
  CHECK(sieve("OK \"in\"\r\n") == accepted);
  CHECK(sieve("NO \"no\"\r\n") == refused);
  CHECK(sieve("NO (TRYLATER) \"later\"\r\n") == unknown);
  CHECK(sieve("BYE \"x\"\r\n") == unknown);
  const auto submission = [&](const std::string& answer) {
    return outcome("submission", "220-a\r\n220 b\r\n", "250-x\r\n250 y\r\n", answer);
  };
  CHECK(submission("235 2.7.0 in\r\n") == accepted);
  CHECK(submission("535 5.7.8 no\r\n") == refused);
  CHECK(submission("454 4.7.0 later\r\n") == unknown);
  CHECK(submission("530 5.7.0 STARTTLS first\r\n") == unknown);
  Door closed{"imap", Door::State::set, Door::Tls::plain, "127.0.0.1", closed_port()};
  CHECK(sign_in(closed, "a@x", "s", setup).outcome == unknown);
}

TEST_CASE("dovecot: the test says what would work, and names what is missing") {
  auto* server = TestServer::instance();
  if (server == nullptr) return;
  const LanguageScope english(Language::en);
  const auto connector = server->connector();
  auto all = connector->test();
  REQUIRE(all);
  CHECK(all->size() == connector->offers().size());
  for (const auto& one : *all) {
    INFO(one.capability);
    INFO(one.why.en);
    CHECK(one.way == Readiness::Way::automatic);
  }
  auto settings = server->settings();
  settings.values["imap"] = "127.0.0.1:" + std::to_string(closed_port());
  settings.values.erase("quarantine");
  all = server->connector(settings)->test();
  REQUIRE(all);
  CHECK(readiness(*all, "account.block")->why.en.starts_with("The server cannot be reached"));
  CHECK(readiness(*all, "mail.purge")->why.en.starts_with("No quarantine account"));
  CHECK(readiness(*all, "session.revoke")->way == Readiness::Way::automatic);
  settings.values["passwd_file"] = "/etc/passwd";
  CHECK(readiness(server->connector(settings)->test().value(), "account.block")->why.en.find("may not touch /etc/passwd") !=
        std::string::npos);
  settings.secrets["api_key"] = "wrong";
  const auto all1 = server->connector(settings)->test().value();
  for (const auto& one : all1) CHECK(one.why.en.starts_with("Dovecot refuses the interface key"));
  CHECK(server->connector(settings)->plan({"account.block", "spare0@chu.test"}).error().code == ErrorCode::forbidden);
  settings.values["url"] = "http://127.0.0.1:" + std::to_string(closed_port()) + "/doveadm/v1";
  CHECK(server->connector(settings)->test().error().code == ErrorCode::io);
}
