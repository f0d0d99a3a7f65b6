#include <doctest/doctest.h>
#include <sys/stat.h>

#include <chrono>
#include <fstream>
#include <sstream>
#include <thread>

#include "base/crypto/hash.hpp"
#include "base/crypto/line_client.hpp"
#include "connect/dovecot/server_test.hpp"

using namespace digue;
using namespace digue::dovecot;
using namespace digue::containment;
using namespace digue::testing;

namespace {

const Probe* probe(const std::vector<Probe>& probes, std::string_view what) {
  for (const auto& one : probes)
    if (one.what == what) return &one;
  return nullptr;
}

bool good(const std::vector<Probe>& probes, std::string_view what) {
  const auto* one = probe(probes, what);
  INFO(std::string(what));
  REQUIRE(one != nullptr);
  INFO(one->seen);
  CHECK(one->good);
  return one->good;
}

/// Carries out all steps as the engine does, and gives the answers.
std::vector<std::string> carry_out(Connector& connector, const Plan& plan) {
  std::vector<std::string> answers;
  for (const auto& step : plan.steps) {
    INFO(step.verb);
    if (step.act == Act::change) CHECK(connector.stand(plan, step).value() == Stand::before);
    auto answer = connector.apply(plan, step);
    if (!answer) FAIL(to_text(answer.error()));
    if (step.act == Act::change) CHECK(connector.stand(plan, step).value() == Stand::after);
    answers.push_back(*answer);
  }
  return answers;
}

Plan planned(Connector& connector, const std::string& capability, const std::string& account) {
  auto plan = connector.plan({capability, account});
  if (!plan) FAIL(to_text(plan.error()));
  return *plan;
}

/// An IMAP session that stays open.
LineClient session(const TestServer& server, const std::string& account, const std::string& password) {
  auto client = LineClient::connect("127.0.0.1", server.port("imap"), std::chrono::seconds(60));
  REQUIRE(client);
  REQUIRE(client->line());
  REQUIRE(client->send("a LOGIN {" + std::to_string(account.size()) + "+}\r\n" + account + " {" + std::to_string(password.size()) +
                       "+}\r\n" + password + "\r\n"));
  auto line = client->line();
  while (line && line->starts_with("* ")) line = client->line();
  REQUIRE(line);
  INFO(*line);
  REQUIRE(line->starts_with("a OK"));
  return std::move(*client);
}

std::string text_of_file(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("dovecot: a block refuses every protocol, cuts sessions, keeps delivery and evidence, and is undone byte for byte") {
  auto* server = TestServer::instance();
  if (server == nullptr) return;
  for (const auto* start : {"block", "hostile"}) {
    const auto account = server->account(start);
    INFO(account);
    const auto password = "secret of " + account;
    const auto connector = server->connector();
    const auto before = text_of_file(server->users());
    auto open = session(*server, account, password);
    server->deliver(account, "a@x.example", "before", "<before@x.example>");

    const auto plan = planned(*connector, "account.block", account);
    CHECK(text_of_file(server->users()) == before);
    CHECK(plan.steps.size() == 5);
    CHECK(plan.undo == Undo::reversible);
    CHECK_FALSE(plan.mail.empty());
    CHECK_FALSE(plan.care.empty());
    const auto shown = json::canonical(to_json(plan)) + plan.prior;
    CHECK(shown.find(plan.secrets.at("temporary")) == std::string::npos);
    CHECK(shown.find(plan.secrets.at("hash")) == std::string::npos);
    CHECK(shown.find(password) == std::string::npos);
    // Nor anything to try passwords against.
    for (const auto& guess : {server->line_of(account), "{PLAIN}" + password, password})
      CHECK(shown.find(to_hex(sha256(guess))) == std::string::npos);

    const auto answers = carry_out(*connector, plan);
    CHECK(answers[2].find("imap: accepted") != std::string::npos);
    CHECK(answers[2].find("pop3: accepted") != std::string::npos);
    CHECK(answers[2].find("managesieve: accepted") != std::string::npos);
    CHECK(answers[2].find("submission: accepted") != std::string::npos);

    // The open session is gone, and no password opens another; asked without the connector.
    auto line = open.line();
    while (line && !line->starts_with("* BYE")) line = open.line();
    const auto here = [&] { return server->doveadm("who").find(account) != std::string::npos; };
    for (int tries = 0; tries < 250 && here(); ++tries) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    CHECK_FALSE(here());
    CHECK_FALSE(server->takes(account, password));
    CHECK_FALSE(server->takes(account, plan.secrets.at("temporary")));
    CHECK(server->line_of(account).starts_with(account + ":{CRYPT}!"));

    const auto probes = connector->verify(plan);
    REQUIRE(probes);
    for (const auto* what : {"password", "imap", "pop3", "managesieve", "submission", "passdbs", "sessions", "evidence"})
      good(*probes, what);
    for (const auto* what : {"imap", "pop3", "managesieve", "submission"}) CHECK(probe(*probes, what)->source.starts_with("127.0.0.1:"));

    server->deliver(account, "a@x.example", "after", "<after@x.example>");
    CHECK(server->doveadm("search -u " + quoted(account) + " SUBJECT after").find(" 2") != std::string::npos);

    const auto undo = connector->plan_undo(plan, plan.prior);
    if (!undo) FAIL(to_text(undo.error()));
    carry_out(*connector, *undo);
    CHECK(text_of_file(server->users()) == before);
    CHECK(server->takes(account, password));
    const auto back = connector->verify(*undo);
    REQUIRE(back);
    for (const auto* what : {"password", "imap", "pop3", "managesieve", "submission"}) good(*back, what);
    CHECK(connector->plan_undo(plan, plan.prior)->steps.empty());
  }
}

TEST_CASE("dovecot: a block that is cut off between any two steps leaves the account closed, and tells where it stands") {
  auto* server = TestServer::instance();
  if (server == nullptr) return;
  const auto account = server->account("cut");
  const auto password = "secret of " + account;
  const auto connector = server->connector();
  const auto before = server->line_of(account);
  const auto plan = planned(*connector, "account.block", account);
  REQUIRE(connector->apply(plan, plan.steps[0]));
  // Another process goes on: what was done is told without the answer.
  const auto again = server->connector();
  CHECK(again->stand(plan, plan.steps[0]).value() == Stand::after);
  CHECK(again->stand(plan, plan.steps[3]).value() == Stand::before);
  CHECK(again->apply(plan, plan.steps[0]).error().code == ErrorCode::conflict);
  std::this_thread::sleep_for(std::chrono::milliseconds(1'100));  // Dovecot looks at the file once a second
  CHECK_FALSE(server->takes(account, password));
  CHECK(again->apply(plan, plan.steps[1]));
  CHECK(again->apply(plan, plan.steps[1]));
  const auto undo = again->plan_undo(plan, plan.prior);
  REQUIRE(undo);
  carry_out(*again, *undo);
  CHECK(server->line_of(account) == before);
}

TEST_CASE("dovecot: a line that somebody else changed is a conflict, for the step and for the undo") {
  auto* server = TestServer::instance();
  if (server == nullptr) return;
  const auto account = server->account("conflict");
  const auto connector = server->connector();
  const auto plan = planned(*connector, "account.block", account);
  const auto other = [&](const std::string& password) {
    output_of("sed -i " + quoted("s|^" + account + ":.*|" + account + ":{PLAIN}" + password + "::::::|") + " " + server->users() +
              "; chgrp dovecot " + server->users() + "; chmod 640 " + server->users());
  };
  other("changed");
  CHECK(connector->stand(plan, plan.steps[0]).value() == Stand::other);
  CHECK(connector->apply(plan, plan.steps[0]).error().code == ErrorCode::conflict);
  CHECK(server->line_of(account) == account + ":{PLAIN}changed::::::");
  const auto next = planned(*connector, "account.block", account);
  carry_out(*connector, next);
  other("by hand");
  CHECK(connector->plan_undo(next, next.prior).error().code == ErrorCode::conflict);
  CHECK(connector->plan_undo(next, plan.prior + "x").error().code == ErrorCode::bad_input);
  CHECK(connector->plan_undo(next, "{}").error().code == ErrorCode::bad_input);
  const auto probes = connector->verify(next);
  REQUIRE(probes);
  CHECK_FALSE(probe(*probes, "password")->good);
}

TEST_CASE("dovecot: a reset under a block stays closed, and lifting the block gives the new password") {
  auto* server = TestServer::instance();
  if (server == nullptr) return;
  const auto account = server->account("reset");
  const auto old = "secret of " + account;
  const auto connector = server->connector();
  const auto block = planned(*connector, "account.block", account);
  carry_out(*connector, block);
  const auto reset = planned(*connector, "password.reset", account);
  CHECK(reset.undo == Undo::irreversible);
  const auto& fresh = reset.secrets.at("password");
  CHECK(fresh.size() >= 20);
  CHECK(fresh.find_first_not_of("abcdefghjkmnpqrstuvwxyz23456789-") == std::string::npos);
  CHECK((json::canonical(to_json(reset)) + reset.prior).find(fresh) == std::string::npos);
  carry_out(*connector, reset);
  CHECK_FALSE(server->takes(account, fresh));
  CHECK_FALSE(server->takes(account, old));
  const auto probes = connector->verify(reset);
  REQUIRE(probes);
  for (const auto* what : {"password", "imap", "pop3", "managesieve", "submission", "passdbs", "sessions"}) good(*probes, what);
  CHECK_FALSE(connector->plan_undo(reset, reset.prior));

  const auto lift = connector->plan_undo(block, block.prior);
  if (!lift) FAIL(to_text(lift.error()));
  carry_out(*connector, *lift);
  CHECK(server->takes(account, fresh));
  CHECK_FALSE(server->takes(account, old));
  CHECK_FALSE(server->takes(account, block.secrets.at("temporary")));
}

TEST_CASE("dovecot: a reset of an open account is accepted at once, and the old password is not, whatever was cached") {
  auto* server = TestServer::instance();
  if (server == nullptr) return;
  const auto account = server->account("open");
  const auto connector = server->connector();
  CHECK(server->takes(account, "secret of " + account));
  const auto reset = planned(*connector, "password.reset", account);
  carry_out(*connector, reset);
  CHECK_FALSE(server->takes(account, "secret of " + account));
  CHECK(server->takes(account, reset.secrets.at("password")));
  const auto probes = connector->verify(reset);
  REQUIRE(probes);
  for (const auto* what : {"password", "imap", "pop3", "managesieve", "submission"}) good(*probes, what);
  CHECK(server->line_of(account).starts_with(account + ":{SHA512-CRYPT}$6$"));
}

TEST_CASE("dovecot: two changes of the same size within a second are told apart, by a connector that was cut off after the second too") {
  auto* server = TestServer::instance();
  if (server == nullptr) return;
  const auto account = server->account("twice");
  const auto connector = server->connector();
  const auto set = [&](const Plan& plan) { REQUIRE(connector->apply(plan, plan.steps.front())); };
  const auto second = [&] {
    struct stat info{};
    REQUIRE(stat(server->users().c_str(), &info) == 0);
    return info.st_mtime;
  };
  const auto one = planned(*connector, "password.reset", account);
  set(one);
  const auto before = second();
  CHECK_FALSE(server->takes(account, "wrong"));  // the server has read it
  const auto other = planned(*connector, "password.reset", account);
  set(other);
  CHECK(second() > before);
  const auto resumed = server->connector();
  for (const auto& step : other.steps)
    if (step.act != Act::change) REQUIRE(resumed->apply(other, step));
  CHECK(server->takes(account, other.secrets.at("password")));
  CHECK_FALSE(server->takes(account, one.secrets.at("password")));
}

TEST_CASE("dovecot: a password file in a folder that others may write is not changed") {
  auto* server = TestServer::instance();
  if (server == nullptr) return;
  const auto account = server->account("open folder");
  const auto connector = server->connector();
  const auto plan = planned(*connector, "account.block", account);
  const auto before = text_of_file(server->users());
  REQUIRE(::chmod((server->folder() + "/users").c_str(), 0777) == 0);
  const auto refused = connector->apply(plan, plan.steps[0]);
  REQUIRE(::chmod((server->folder() + "/users").c_str(), 0755) == 0);
  REQUIRE_FALSE(refused);
  CHECK(to_text(refused.error()).find("may be written by others") != std::string::npos);
  CHECK(text_of_file(server->users()) == before);
  CHECK(connector->apply(plan, plan.steps[0]));
}

TEST_CASE("dovecot: sessions are listed and cut") {
  auto* server = TestServer::instance();
  if (server == nullptr) return;
  const auto account = server->account("sessions"), other = server->account("other");
  const auto connector = server->connector();
  const auto idle = planned(*connector, "session.revoke", account);
  CHECK(idle.mail.empty());
  CHECK(idle.steps.size() == 1);  // the cache may hold a password that a directory refuses by now
  const auto mine = session(*server, account, "secret of " + account), theirs = session(*server, other, "secret of " + other);
  std::vector<Collected> parts;
  REQUIRE(connector->collect({"session.list", account}, [&](Collected one) -> Result<void> {
    parts.push_back(std::move(one));
    return {};
  }));
  REQUIRE(parts.size() == 1);
  const auto rows = json::parse(parts[0].bytes).value().as_array();
  REQUIRE(rows.size() == 1);
  CHECK(text_of(rows[0], "username") == account);
  CHECK(text_of(rows[0], "ip") == "127.0.0.1");
  CHECK(parts[0].query.find("test-api-key") == std::string::npos);

  const auto plan = planned(*connector, "session.revoke", account);
  CHECK(plan.prior.find("127.0.0.1") != std::string::npos);
  carry_out(*connector, plan);
  CHECK(connector->apply(plan, plan.steps[0]).value().ends_with("; kick: none"));
  const auto who = server->doveadm("who");
  CHECK(who.find(account) == std::string::npos);
  CHECK(who.find(other) != std::string::npos);
  good(connector->verify(plan).value(), "sessions");
}

TEST_CASE("dovecot: names that would be patterns, addresses or other lines are refused before anything is asked") {
  for (const std::string name : {"", "*", "a*@chu.test", "?", "192.0.2.1", "10.0.0.0/8", "::1", "a:b", "a@x\nb@x", " a", "a ", "a\xff",
                                 "a\"b", "a\\b", "a\u202e", "a\u200b@x"})
    CHECK_MESSAGE(!check_account(name), name);
  for (const std::string name : {"alice@chu.test", "o'b$(id)&x@chu.test", "é@chu.test", "a b"}) CHECK_MESSAGE(check_account(name), name);
  auto* server = TestServer::instance();
  if (server == nullptr) return;
  const auto connector = server->connector();
  for (const auto* capability : {"account.block", "password.reset", "session.revoke", "rule.disable"}) {
    CHECK(connector->plan({capability, "*"}).error().code == ErrorCode::bad_input);
    CHECK(connector->plan({capability, "nobody@chu.test"}).error().code == ErrorCode::not_found);
  }
}

TEST_CASE("dovecot: a name written otherwise is the account that the server keeps") {
  auto* server = TestServer::instance();
  if (server == nullptr) return;
  const auto account = server->account("case");
  auto shouted = account;
  for (auto& c : shouted) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  CHECK(planned(*server->connector(), "session.revoke", shouted).order.account == account);
}
