#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "connect/dovecot/server_test.hpp"

using namespace digue;
using namespace digue::dovecot;
using namespace digue::containment;

namespace {

std::string acl_file(const TestServer& server, const std::string& account, const std::string& folder) {
  std::ifstream file(server.folder() + "/mail/" + account + "/" + folder + "dovecot-acl");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("dovecot: rights given to another are taken from every folder, and given back exactly") {
  auto* server = TestServer::instance();
  if (server == nullptr) return;
  const auto account = server->account("rights");
  const std::string folder = "a\"b'; $(id) é";
  server->doveadm("mailbox create -u " + account + " " + quoted(folder) + " plain");
  const auto grant = [&](const std::string& mailbox, const std::string& words) {
    server->doveadm("acl set -u " + account + " " + quoted(mailbox) + " " + words);
  };
  grant("INBOX", "user=intruder@chu.test lookup read write-seen");
  grant("INBOX", "user=colleague@chu.test lookup read");
  grant(folder, "user=intruder@chu.test lookup read insert -- -expunge");
  grant("plain", "anyone lookup");
  const auto shown = [&](const std::string& mailbox) { return server->doveadm("acl get -u " + account + " " + quoted(mailbox)); };
  const auto inbox = shown("INBOX"), odd = shown(folder);
  const auto file = acl_file(*server, account, "");
  REQUIRE(inbox.find("intruder") != std::string::npos);
  REQUIRE(odd.find("intruder") != std::string::npos);

  const auto connector = server->connector();
  CHECK(connector->plan({"delegation.remove", account}).error().code == ErrorCode::bad_input);
  const auto plan = connector->plan({"delegation.remove", account, {{"identifier", "user=intruder@chu.test"}}});
  if (!plan) FAIL(to_text(plan.error()));
  CHECK(shown("INBOX") == inbox);
  REQUIRE(plan->steps.size() == 2);
  for (const auto& step : plan->steps) {
    CHECK(connector->stand(*plan, step).value() == Stand::before);
    REQUIRE(connector->apply(*plan, step));
    CHECK(connector->stand(*plan, step).value() == Stand::after);
    CHECK(connector->apply(*plan, step).error().code == ErrorCode::conflict);
  }
  const auto all1 = connector->verify(*plan).value();
  for (const auto& one : all1) CHECK(one.good);
  CHECK(shown("INBOX").find("intruder") == std::string::npos);
  CHECK(shown("INBOX").find("colleague") != std::string::npos);
  CHECK(shown(folder).find("intruder") == std::string::npos);
  CHECK(shown("plain").find("anyone") != std::string::npos);

  const auto undo = connector->plan_undo(*plan, plan->prior);
  if (!undo) FAIL(to_text(undo.error()));
  REQUIRE(undo->steps.size() == 2);
  for (const auto& step : undo->steps) REQUIRE(connector->apply(*undo, step));
  const auto all2 = connector->verify(*undo).value();
  for (const auto& one : all2) CHECK(one.good);
  CHECK(shown("INBOX") == inbox);
  CHECK(shown(folder) == odd);
  CHECK(acl_file(*server, account, "") == file);
  CHECK(connector->plan_undo(*plan, plan->prior)->steps.empty());
}

TEST_CASE("dovecot: rights that changed meanwhile are a conflict; one folder alone, and absent ones") {
  auto* server = TestServer::instance();
  if (server == nullptr) return;
  const auto account = server->account("more");
  server->doveadm("mailbox create -u " + account + " plain");
  for (const auto* mailbox : {"INBOX", "plain"}) server->doveadm("acl set -u " + account + " " + mailbox + " anyone lookup read");
  const auto connector = server->connector();
  const Order order{"delegation.remove", account, {{"identifier", "anyone"}, {"mailbox", "plain"}}};
  const auto plan = connector->plan(order).value();
  REQUIRE(plan.steps.size() == 1);
  server->doveadm("acl set -u " + account + " plain anyone lookup read post");
  CHECK(connector->stand(plan, plan.steps[0]).value() == Stand::other);
  CHECK(connector->apply(plan, plan.steps[0]).error().code == ErrorCode::conflict);
  CHECK(connector->plan_undo(plan, plan.prior).error().code == ErrorCode::conflict);
  CHECK(connector->plan({"delegation.remove", account, {{"identifier", "user=x"}}})->steps.empty());
  CHECK(connector->plan({"delegation.remove", account, {{"identifier", "anyone"}, {"mailbox", "absent"}}}).error().code ==
        ErrorCode::not_found);
}
