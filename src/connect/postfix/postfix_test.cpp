#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "base/encoding.hpp"
#include "base/files.hpp"
#include "connect/connectors.hpp"
#include "connect/postfix/server_test.hpp"

using namespace digue;
using namespace digue::containment;
using namespace digue::testing;

namespace {

constexpr auto colleague =
    "# partners, ask Camille before you touch this\n"
    "\n"
    "Lab.example\tOK\n"
    "  # of the imaging contract\n"
    "  \n"
    "imaging.example   DUNNO";  // and no line end

Order block(std::string capability, const std::string& target) {
  Order out;
  out.capability = std::move(capability);
  out.mark = "IR-2026-003";
  if (out.capability == "account.block") {
    out.account = target;
    return out;
  }
  out.parameters[out.capability == "sender.block" ? "sender" : "domain"] = target;
  out.until = UtcMicros{now().value + 7 * micros_per_day};
  return out;
}

/// Carries a plan out as the engine does: each step from "before" to "after".
void carry_out(Connector& connector, const Plan& plan) {
  for (const auto& step : plan.steps) {
    CHECK(connector.stand(plan, step).value() == Stand::before);
    const auto answer = connector.apply(plan, step);
    REQUIRE_MESSAGE(answer, (answer ? "" : to_text(answer.error())));
    CHECK(connector.stand(plan, step).value() == Stand::after);
  }
}

void check_good(const Result<std::vector<Probe>>& probes, bool good = true) {
  REQUIRE(probes);
  CHECK_FALSE(probes->empty());
  for (const auto& probe : *probes) {
    CAPTURE(probe.what);
    CAPTURE(probe.seen);
    CHECK(probe.good == good);
  }
}

/// A reload reaches processes that wait for a client a moment later: until then they use the table that they know.
template <class Holds>
bool soon(Holds holds) {
  for (int tries = 0; tries < 200; ++tries) {
    if (holds()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return false;
}

bool all_good(Connector& connector, const Plan& plan) {
  const auto probes = connector.verify(plan);
  return probes && std::all_of(probes->begin(), probes->end(), [](const auto& one) { return one.good; });
}

std::string text_of(const std::string& path) {
  return read_file(path, std::size_t{1} << 20).value();
}

ErrorCode code_of(const Result<Plan>& plan) {
  return plan ? ErrorCode::internal : plan.error().code;
}

}  // namespace

TEST_CASE("postfix connector: a blocked account cannot send, and undo leaves a colleague's table byte for byte") {
  auto* server = PostfixServer::instance();
  if (server == nullptr) return;
  server->write_table("sasl_block", colleague);
  CHECK(server->send("alice@chu.test", "alice@chu.test", "bob@chu.test").starts_with("250"));
  const auto connector = server->connector();
  auto plan = connector->plan(block("account.block", "alice@chu.test"));
  REQUIRE(plan);
  REQUIRE(plan->steps.size() == 1);
  CHECK(text_of(server->file("sasl_block")) == colleague);
  CHECK(plan->steps[0].request == "digue-mail-host map-set " + server->table("sasl_block") +
                                      " alice@chu.test - 'REJECT 5.7.1 Sending is closed for this account' IR-2026-003");
  CHECK(plan->steps[0].says.fr != plan->steps[0].says.en);

  carry_out(*connector, *plan);
  CHECK(text_of(server->file("sasl_block")) ==
        "# IR-2026-003 by digue\nalice@chu.test REJECT 5.7.1 Sending is closed for this account\n" + std::string(colleague));
  CHECK(output_of("postmap -c " + server->configuration() + " -q alice@chu.test " + server->table("sasl_block")) ==
        "REJECT 5.7.1 Sending is closed for this account\n");
  CHECK(output_of("postmap -c " + server->configuration() + " -q lab.example " + server->table("sasl_block")) == "OK\n");
  CHECK(server->send("alice@chu.test", "alice@chu.test", "bob@chu.test").starts_with("554 5.7.1"));
  CHECK(server->send("bob@chu.test", "bob@chu.test", "alice@chu.test").starts_with("250"));
  // It goes on receiving.
  CHECK(server->send("", "lab@lab.example", "alice@chu.test").starts_with("250"));

  // Without a temporary secret, the trial is said as not made; with one, Postfix itself refuses us.
  const auto untried = connector->verify(*plan);
  check_good(untried);
  CHECK(untried->back().seen == "l’envoi lui-même n’a pas été essayé : aucun secret temporaire n’est posé");
  plan->secrets["password"] = "pw-alice";
  const auto probes = connector->verify(*plan);
  check_good(probes);
  CHECK(probes->back().what == "submission");
  CHECK(probes->back().seen.find("RCPT: 554 5.7.1") == 0);
  CHECK(probes->back().source.starts_with("127.0.0.1:"));
  const auto again = connector->plan(block("account.block", "ALICE@chu.test"));
  REQUIRE(again);
  CHECK(again->steps.empty());
  check_good(connector->verify(*again));

  const auto undo = connector->plan_undo(*plan, plan->prior);
  REQUIRE(undo);
  CHECK_FALSE(connector->plan_undo(*plan, "{}"));
  carry_out(*connector, *undo);
  CHECK(text_of(server->file("sasl_block")) == colleague);
  CHECK(server->send("alice@chu.test", "alice@chu.test", "bob@chu.test").starts_with("250"));
  check_good(connector->verify(*undo));
  const auto nothing = connector->plan_undo(*plan, plan->prior);
  REQUIRE(nothing);
  CHECK(nothing->steps.empty());
  check_good(connector->verify(*nothing));
}

TEST_CASE("postfix connector: tables of other types refuse who signed in as well, each time, and are put back") {
  auto* server = PostfixServer::instance();
  if (server == nullptr) return;
  for (const auto& name : PostfixServer::more_tables()) {
    CAPTURE(name);
    server->write_table(name, colleague);
    const auto connector = server->connector({{"sasl_block", server->table(name)}});
    for (int round = 0; round < 3; ++round) {
      CHECK(server->send("alice@chu.test", "alice@chu.test", "bob@chu.test").starts_with("250"));
      const auto plan = connector->plan(block("account.block", "alice@chu.test")).value();
      carry_out(*connector, plan);
      CHECK(server->send("alice@chu.test", "alice@chu.test", "bob@chu.test").starts_with("554 5.7.1"));
      CHECK(server->send("bob@chu.test", "bob@chu.test", "alice@chu.test").starts_with("250"));
      check_good(connector->verify(plan));
      carry_out(*connector, *connector->plan_undo(plan, plan.prior));
      CHECK(text_of(server->file(name)) == colleague);
    }
  }
}

TEST_CASE("postfix connector: what a colleague refuses already is proven as it is") {
  auto* server = PostfixServer::instance();
  if (server == nullptr) return;
  server->write_table("sender_block", "evil.example REJECT\n");
  const auto connector = server->connector();
  const auto plan = connector->plan(block("domain.block", "evil.example"));
  REQUIRE(plan);
  CHECK(plan->steps.empty());
  CHECK(soon([&] { return all_good(*connector, *plan); }));
  server->write_table("sender_block", "");
  CHECK_FALSE(connector->verify(*plan)->front().good);
}

TEST_CASE("postfix connector: what a colleague wrote and did not tell Postfix is no refusal, and becomes one") {
  auto* server = PostfixServer::instance();
  if (server == nullptr) return;
  server->write_table("sasl_block", "");
  const auto text = server->file("sasl_block"), table = text + ".db";
  REQUIRE(write_file(text, "alice@chu.test REJECT by hand\n", 0644));
  const timespec older[2] = {{1'700'000'000, 0}, {1'700'000'000, 0}};
  REQUIRE(utimensat(AT_FDCWD, table.c_str(), older, 0) == 0);
  const auto connector = server->connector();
  const auto plan = connector->plan(block("account.block", "alice@chu.test")).value();
  REQUIRE(plan.steps.size() == 1);
  CHECK(server->send("alice@chu.test", "alice@chu.test", "bob@chu.test").starts_with("250"));
  carry_out(*connector, plan);
  CHECK(server->send("alice@chu.test", "alice@chu.test", "bob@chu.test").starts_with("554"));
  carry_out(*connector, *connector->plan_undo(plan, plan.prior));
  CHECK(text_of(text) == "alice@chu.test REJECT by hand\n");
}

TEST_CASE("postfix connector: a line that a colleague wrote for the same key comes back as it was") {
  auto* server = PostfixServer::instance();
  if (server == nullptr) return;
  const std::string before = "# head\nAlice@CHU.test\tOK\n  , DUNNO\nlast OK\n";
  server->write_table("sasl_block", before);
  const auto connector = server->connector();
  const auto plan = connector->plan(block("account.block", "alice@chu.test"));
  REQUIRE(plan);
  CHECK(plan->notes.front().en.find("Alice@CHU.test") != std::string::npos);
  carry_out(*connector, *plan);
  CHECK(server->send("alice@chu.test", "alice@chu.test", "bob@chu.test").starts_with("554"));
  carry_out(*connector, *connector->plan_undo(*plan, plan->prior));
  CHECK(text_of(server->file("sasl_block")) == before);
}

TEST_CASE("postfix connector: a last line without a line end comes back as a line of its own before what was added behind it") {
  auto* server = PostfixServer::instance();
  if (server == nullptr) return;
  const std::string before = "# head\nalice@chu.test   DUNNO";
  server->write_table("sasl_block", before);
  const auto connector = server->connector();
  const auto plan = connector->plan(block("account.block", "alice@chu.test")).value();
  carry_out(*connector, plan);
  server->write_table("sasl_block", text_of(server->file("sasl_block")) + "bob@chu.test OK\n");
  const auto undo = connector->plan_undo(plan, plan.prior).value();
  carry_out(*connector, undo);
  check_good(connector->verify(undo));
  CHECK(text_of(server->file("sasl_block")) == before + "\nbob@chu.test OK\n");
}

TEST_CASE("postfix connector: what was changed meanwhile is a conflict, and stays") {
  auto* server = PostfixServer::instance();
  if (server == nullptr) return;
  server->write_table("sasl_block", "");
  const auto connector = server->connector();
  const auto plan = connector->plan(block("account.block", "alice@chu.test")).value();
  server->write_table("sasl_block", "alice@chu.test DUNNO\n");
  CHECK(connector->stand(plan, plan.steps[0]).value() == Stand::other);
  auto answer = connector->apply(plan, plan.steps[0]);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == ErrorCode::conflict);
  CHECK(text_of(server->file("sasl_block")) == "alice@chu.test DUNNO\n");

  // Another line of the same table is nobody's conflict.
  server->write_table("sasl_block", "bob@chu.test DUNNO\n");
  carry_out(*connector, plan);
  server->write_table("sasl_block", "alice@chu.test OK\nbob@chu.test DUNNO\n");
  CHECK(code_of(connector->plan_undo(plan, plan.prior)) == ErrorCode::conflict);
  CHECK_FALSE(connector->verify(plan)->front().good);
}

TEST_CASE("postfix connector: a change that Postfix was not told of is sent again") {
  auto* server = PostfixServer::instance();
  if (server == nullptr) return;
  const auto connector = server->connector();
  for (const bool undo : {false, true}) {
    server->write_table("sasl_block", colleague);
    auto plan = connector->plan(block("account.block", "alice@chu.test")).value();
    if (undo) {
      carry_out(*connector, plan);
      plan = connector->plan_undo(plan, plan.prior).value();
    }
    // As when the power fails after the text was renamed: the table is the old one, the note of it stands.
    const auto table = text_of(server->file("sasl_block.db"));
    REQUIRE(connector->apply(plan, plan.steps[0]));
    REQUIRE(write_file(server->file("sasl_block.db"), table, 0644));
    REQUIRE(write_file(server->file("sasl_block.digue/pending"), ""));
    carry_out(*connector, plan);
    CHECK(server->send("alice@chu.test", "alice@chu.test", "bob@chu.test").starts_with(undo ? "250" : "554"));
  }
  CHECK(text_of(server->file("sasl_block")) == colleague);
}

TEST_CASE("postfix connector: a sender or a domain is refused until a date, in tables of each type") {
  auto* server = PostfixServer::instance();
  if (server == nullptr) return;
  auto names = PostfixServer::more_tables();
  names.insert(names.end(), {"sender_block", "sender_hash"});
  for (const auto& name : names) {
    CAPTURE(name);
    server->write_table(name, colleague);
    const auto connector = server->connector({{"sender_block", server->table(name)}});
    const auto order = block("sender.block", "Phisher+1@evil.example");
    const auto plan = connector->plan(order);
    REQUIRE(plan);
    carry_out(*connector, *plan);
    CHECK(text_of(server->file(name))
              .starts_with("# IR-2026-003 until " + to_iso8601({order.until->value / 1'000'000 * 1'000'000}) +
                           " by digue\nphisher+1@evil.example REJECT 5.7.1 "));
    CHECK(soon([&] { return server->send("", "phisher+1@evil.example", "alice@chu.test").starts_with("554 5.7.1"); }));
    CHECK(soon([&] { return server->send("", "other@evil.example", "alice@chu.test").starts_with("250"); }));
    CHECK(soon([&] { return all_good(*connector, *plan); }));
    const auto probes = connector->verify(*plan);
    check_good(probes);
    CHECK(probes->back().what == "smtp");
    auto later = order;
    later.until = UtcMicros{order.until->value + micros_per_day};
    const auto again = connector->plan(later).value();
    CHECK(again.steps.empty());
    CHECK(again.notes.back().en.find(to_iso8601({order.until->value / 1'000'000 * 1'000'000})) != std::string::npos);
    CHECK(probes->back().source.starts_with("127.0.0.1:"));

    const auto whole = connector->plan(block("domain.block", "evil.example"));
    REQUIRE(whole);
    CHECK_FALSE(whole->care.empty());
    carry_out(*connector, *whole);
    CHECK(soon([&] { return all_good(*connector, *whole); }));
    CHECK(soon([&] { return server->send("", "other@evil.example", "alice@chu.test").starts_with("554"); }));
    CHECK(soon([&] { return server->send("", "lab@lab.example", "alice@chu.test").starts_with("250"); }));
    // Lifted in the order of making; each leaves the other.
    const auto lift = connector->plan_undo(*plan, plan->prior).value();
    carry_out(*connector, lift);
    const auto lift_whole = connector->plan_undo(*whole, whole->prior).value();
    carry_out(*connector, lift_whole);
    CHECK(soon([&] { return all_good(*connector, lift_whole); }));
    CHECK(text_of(server->file(name)) == colleague);
    CHECK(soon([&] { return server->send("", "phisher+1@evil.example", "alice@chu.test").starts_with("250"); }));
  }
}

TEST_CASE("postfix connector: orders that no table can carry are refused before anything is asked") {
  auto* server = PostfixServer::instance();
  if (server == nullptr) return;
  const auto connector = server->connector();
  for (const std::string hostile : {"", "a b@x.example", "x@y.example\nroot OK", "#x@y", "\"a b\"@x.example", "a\\b@x.example",
                                    "é@x.example", "<x@y.example>", "@x.example", "x@", "x@.evil.example", "x@evil.example.", "-"}) {
    CAPTURE(hostile);
    CHECK(code_of(connector->plan(block("sender.block", hostile))) == ErrorCode::bad_input);
  }
  // Postfix never asks for a name with a dot before or behind it; ".chu.test" is our own domain all the same.
  for (const std::string hostile : {"", "x@y.example", "com", "a.example OK", "/etc/passwd.x", "a.example\n", ".evil.example",
                                    "evil.example.", "evil..example", ".chu.test", "chu.test."})
    CHECK(code_of(connector->plan(block("domain.block", hostile))) == ErrorCode::bad_input);
  CHECK(code_of(connector->plan(block("domain.block", "chu.test"))) == ErrorCode::forbidden);
  CHECK(code_of(connector->plan(block("account.block", "a\nb"))) == ErrorCode::bad_input);
  // Names that a shell would run are names here.
  const auto odd = connector->plan(block("account.block", "o'b$(id)`;|&@chu.test"));
  REQUIRE(odd);
  carry_out(*connector, *odd);
  CHECK(output_of("postmap -c " + server->configuration() + " -q 'o'\\''b$(id)`;|&@chu.test' " + server->table("sasl_block"))
            .starts_with("REJECT"));
  carry_out(*connector, *connector->plan_undo(*odd, odd->prior));

  auto order = block("sender.block", "x@evil.example");
  order.until.reset();
  CHECK(code_of(connector->plan(order)) == ErrorCode::bad_input);
  order.until = UtcMicros{now().value + 40 * micros_per_day};
  CHECK(code_of(connector->plan(order)) == ErrorCode::bad_input);
  order = block("sender.block", "x@evil.example");
  order.mark = "IR\nroot OK";
  CHECK(code_of(connector->plan(order)) == ErrorCode::bad_input);
  order = block("sender.block", "x@evil.example");
  order.parameters["sendr"] = "y";
  CHECK(code_of(connector->plan(order)) == ErrorCode::bad_input);
  CHECK(code_of(connector->plan(block("session.revoke", "x"))) == ErrorCode::bad_input);
}

TEST_CASE("postfix connector: a stopped Postfix takes the change, and the trial says that nobody answers") {
  auto* server = PostfixServer::instance();
  if (server == nullptr) return;
  server->write_table("sender_block", "");
  const auto connector = server->connector();
  server->stop();
  const auto plan = connector->plan(block("sender.block", "x@evil.example"));
  REQUIRE(plan);
  carry_out(*connector, *plan);
  const auto probes = connector->verify(*plan);
  REQUIRE(probes);
  CHECK_FALSE(probes->back().good);
  server->start();
  check_good(connector->verify(*plan));
  carry_out(*connector, *connector->plan_undo(*plan, plan->prior));
}

TEST_CASE("postfix connector: the set-up says what would be automatic, and why not") {
  auto* server = PostfixServer::instance();
  if (server == nullptr) return;
  const auto way_of = [](Connector& connector, std::string_view capability) {
    const auto ready = connector.test().value();
    for (const auto& one : ready)
      if (one.capability == capability) return one.way;
    return Readiness::Way::impossible;
  };
  const auto good = server->connector();
  const auto all = good->test().value();
  for (const auto& one : all) CHECK(one.way == Readiness::Way::automatic);
  CHECK(all.size() == good->offers().size());
  CHECK(way_of(*server->connector({{"sasl_block", ""}}), "account.block") == Readiness::Way::guided);
  CHECK(way_of(*server->connector({{"sasl_block", "hash:" + server->folder() + "/maps/unused"}}), "account.block") ==
        Readiness::Way::guided);
  CHECK(way_of(*server->connector({{"sender_block", "hash:/etc/postfix/other"}}), "domain.block") == Readiness::Way::guided);
  const auto gone = server->connector({{"helper", "/nonexistent/digue-mail-host"}})->test();
  REQUIRE_FALSE(gone);
  CHECK(gone.error().code == ErrorCode::io);

  const auto* maker = connect::connector_named("postfix");
  REQUIRE(maker != nullptr);
  const auto field = [&](const json::Object& values) {
    const auto made = maker->make({"mx", "postfix", values, {}});
    return made ? std::string() : made.error().where;
  };
  CHECK(field({}) == "");
  CHECK(field({{"submission", "mx.chu.test"}}) == "submission");
  CHECK(field({{"smtp", "mx:99999"}}) == "smtp");
  CHECK(field({{"sasl_block", "/etc/postfix/x"}}) == "sasl_block");
  CHECK(field({{"domains", json::Array{"a b"}}}) == "domains");
  CHECK(field({{"pin", "x"}}) == "pin");
  CHECK(field({{"host", "mx.chu.test"}}) == "user");
}
