#include "containment/operation.hpp"

#include <doctest/doctest.h>

#include "containment/rules.hpp"

namespace digue::containment {

namespace {

constexpr UtcMicros t0{1'790'000'000'000'000};

UtcMicros later(std::int64_t minutes) {
  return UtcMicros{t0.value + minutes * micros_per_minute};
}

Step change(const std::string& object) {
  return {"sieve.deactivate", object, Act::change, "active", "inactive", "sieveDeactivate", {"coupe", "cuts"}, Undo::reversible};
}

Step pulse() {
  return {"session.kick", "alice", Act::pulse, {}, {}, "kick", {"ferme", "closes"}, Undo::irreversible};
}

Operation one_of(std::vector<Step> steps, const std::string& capability = "rule.disable") {
  Plan plan;
  plan.order.capability = capability;
  plan.order.account = "alice@chu.example";
  plan.steps = std::move(steps);
  plan.prior = "what was there";
  auto out = begin(std::move(plan));
  out.id = "op1";
  out.platform = "mail";
  out.author = "Astreinte";
  out.person = "p1";
  return out;
}

Approval by(const std::string& person) {
  return {"Someone", person, t0, false, {}};
}

Operation sent(std::vector<Step> steps) {
  auto out = one_of(std::move(steps));
  REQUIRE(approve(out, by("p2")));
  REQUIRE(seal(out, "x1"));
  REQUIRE(send(out, 0, t0));
  return out;
}

Probe probe(bool good) {
  return {"imap", "refused", good ? "refused" : "accepted", good, t0, {}, {}};
}

}  // namespace

TEST_CASE("an operation goes through the river in its order only") {
  auto one = one_of({change("phish"), pulse()});
  CHECK_FALSE(seal(one, "x1"));
  CHECK_FALSE(send(one, 0, t0));
  CHECK_FALSE(prove(one, {probe(true)}, t0));
  REQUIRE(approve(one, by("p2")));
  CHECK_FALSE(approve(one, by("p3")));
  CHECK_FALSE(send(one, 0, t0));
  CHECK_FALSE(seal(one, ""));  // there is a prior state to seal
  REQUIRE(seal(one, "x1"));
  CHECK_FALSE(send(one, 1, t0));
  CHECK_FALSE(accept(one, 0, "ok", t0));
  REQUIRE(send(one, 0, t0));
  CHECK_FALSE(send(one, 1, t0));
  CHECK_FALSE(cancel(one, t0));
  REQUIRE(accept(one, 0, "ok", later(1)));
  CHECK(one.state == State::applying);
  REQUIRE(send(one, 1, later(1)));
  REQUIRE(accept(one, 1, "ok", later(2)));
  CHECK(one.state == State::applied);
  CHECK(one.accepted == later(2));
  CHECK_FALSE(one.proven);
}

TEST_CASE("accepted is not proven; proven is looked at again after a quarter of an hour and a day") {
  auto one = sent({change("phish")});
  REQUIRE(accept(one, 0, "ok", t0));
  CHECK(take_dues(one, t0).size() == 1);
  REQUIRE(prove(one, {probe(true), probe(false)}, later(1)));
  CHECK(one.state == State::applied);
  CHECK(take_dues(one, later(2)).size() == 1);  // tried again soon
  REQUIRE(prove(one, {}, later(11)));
  CHECK(one.state == State::applied);  // nothing was tried: nothing is proven
  REQUIRE(prove(one, {probe(true)}, later(12)));
  CHECK(one.state == State::verified);
  CHECK(one.proven == later(12));
  CHECK(take_dues(one, later(14)).empty());
  CHECK(take_dues(one, later(15)).size() == 1);
  CHECK(take_dues(one, later(15)).empty());
  CHECK(take_dues(one, later(24 * 60)).size() == 1);
  REQUIRE(prove(one, {probe(false)}, later(24 * 60)));
  CHECK(one.state == State::verified);  // once is not enough
  CHECK(take_dues(one, later(24 * 60 + 1)).size() == 1);
  REQUIRE(prove(one, {probe(false)}, later(24 * 60 + 1)));
  CHECK(one.state == State::failed);
  CHECK_FALSE(one.error.empty());
}

TEST_CASE("every sign-in of ours is remembered, whatever the last verification saw") {
  auto one = sent({change("phish")});
  REQUIRE(accept(one, 0, "ok", t0));
  auto first = probe(true), second = probe(true);
  first.source = "192.0.2.1:40001";
  second.source = "192.0.2.1:40002";
  second.at = later(15);
  REQUIRE(prove(one, {first, probe(true)}, later(1)));
  REQUIRE(prove(one, {second}, later(15)));
  REQUIRE(one.traces.size() == 2);
  CHECK(one.traces[0].source == first.source);
  CHECK(one.traces[1].at == later(15));
}

TEST_CASE("after a crash a change is known by looking, a pulse is sent again, and nothing is guessed") {
  auto before = sent({change("phish")});
  REQUIRE(recover(before, 0, Stand::before, later(1)));
  CHECK(before.runs[0].state == StepState::pending);
  CHECK(send(before, 0, later(1)));

  auto after = sent({change("phish")});
  REQUIRE(recover(after, 0, Stand::after, later(1)));
  CHECK(after.state == State::applied);  // not verified

  auto other = sent({change("phish")});
  REQUIRE(recover(other, 0, Stand::other, later(1)));
  CHECK(other.state == State::failed);
  CHECK(other.error.find("phish") != std::string::npos);

  auto kick = sent({pulse()});
  REQUIRE(recover(kick, 0, Stand::other, later(1)));
  CHECK(kick.runs[0].state == StepState::pending);
}

TEST_CASE("what holds until a date is due to be lifted") {
  auto one = sent({change("evil@example.net")});
  one.plan.order.until = later(7 * 24 * 60);
  REQUIRE(accept(one, 0, "ok", t0));
  const auto dues = take_dues(one, later(7 * 24 * 60));
  REQUIRE(dues.size() == 4);
  CHECK(dues.back().what == Due::What::lift);
  REQUIRE(take_back(one, "op2"));
  CHECK(one.state == State::undone);
}

TEST_CASE("what ended sessions is not looked at again; what was half done until a date is lifted all the same") {
  auto kick = sent({pulse()});
  REQUIRE(accept(kick, 0, "ok", t0));
  CHECK(take_dues(kick, t0).size() == 1);
  CHECK(kick.dues.empty());
  auto half = sent({change("evil@example.net"), change("b")});
  half.plan.order.until = later(60);
  REQUIRE(accept(half, 0, "ok", t0));
  REQUIRE(send(half, 1, t0));
  REQUIRE(fail_at(half, 1, "refused", t0));
  REQUIRE(half.dues.size() == 1);
  CHECK(half.dues[0].what == Due::What::lift);
}

TEST_CASE("what a later operation changed is not what an earlier one is judged by") {
  auto block = sent({change("alice")});
  block.id = "b";
  block.plan.order.capability = "account.block";
  REQUIRE(accept(block, 0, "ok", t0));
  auto reset = sent({change("alice: password")});
  reset.id = "r";
  reset.plan.order.capability = "password.reset";
  REQUIRE(accept(reset, 0, "ok", later(5)));
  const std::vector<Operation> all{block, reset};
  CHECK(superseded(block, all));
  CHECK_FALSE(superseded(reset, all));
  auto elsewhere = all;
  elsewhere[1].plan.order.account = "bob@chu.example";
  CHECK_FALSE(superseded(block, elsewhere));
}

TEST_CASE("orders without an account stand in each other's way on one object only") {
  auto one = one_of({change("evil@example.net")}, "sender.block");
  auto two = one_of({change("other@example.net")}, "sender.block");
  one.plan.order.account.clear();
  two.plan.order.account.clear();
  two.id = "op2";
  REQUIRE(approve(two, by("p2")));
  std::vector<Operation> all{two};
  CHECK(check_turn(one, all));
  all[0].plan.steps[0].object = "evil@example.net";
  CHECK_FALSE(check_turn(one, all));
}

TEST_CASE("an operation is read back as it was written") {
  auto one = sent({change("phish"), pulse()});
  one.plan.order.until = later(60);
  one.plan.order.parameters["script"] = "r\u00e8gle";
  one.plan.risks = {Risk::mass_purge};
  one.plan.secrets["password"] = "not written";
  one.evidence = {"f1", "f2"};
  REQUIRE(accept(one, 0, "ok", later(1)));
  one.probes = {probe(false)};
  one.traces = {{"[2001:db8::1]:40123", later(1)}};
  const auto text = json::canonical(to_json(one));
  CHECK(text.find("not written") == std::string::npos);
  CHECK(text.find("what was there") == std::string::npos);
  const auto back = containment::operation_of(json::parse(text).value());
  REQUIRE(back);
  CHECK(json::canonical(to_json(*back)) == text);
  CHECK_FALSE(containment::operation_of(json::parse("{\"state\":\"done\"}").value()));
}

TEST_CASE("who approves: another person where two are asked, or a break-glass with its reason") {
  const Policy policy;
  auto reset = one_of({change("a")}, "password.reset");
  CHECK(check_approval(reset, policy, by("p1")));
  auto purge = one_of({change("a")}, "mail.purge");
  CHECK_FALSE(check_approval(purge, policy, by("p1")));
  CHECK(check_approval(purge, policy, by("p2")));
  auto glass = by("p1");
  glass.break_glass = true;
  CHECK_FALSE(check_approval(purge, policy, glass));
  glass.reason = "seul de garde";
  CHECK(check_approval(purge, policy, glass));
  purge.plan.messages = policy.purge_limit + 1;
  CHECK_FALSE(check_approval(purge, policy, glass));
  CHECK(check_approval(purge, policy, by("p2")));
  Policy strict;
  strict.two_persons = {"password.reset"};
  CHECK_FALSE(check_approval(reset, strict, by("p1")));
  Policy alone;
  alone.one_person = {"mail.purge"};
  purge.plan.messages = 1;
  CHECK(check_approval(purge, alone, by("p1")));
}

TEST_CASE("some things are never done, whoever approves") {
  for (const auto risk :
       {Risk::break_glass, Risk::last_administrator, Risk::locks_everyone_out, Risk::deletes_account, Risk::wipes_device}) {
    auto one = one_of({change("a")});
    one.plan.risks = {risk};
    auto glass = by("p2");
    glass.break_glass = true;
    glass.reason = "urgent";
    const auto answer = check_approval(one, {}, glass);
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == ErrorCode::forbidden);
  }
}

TEST_CASE("one at a time on an account, in the order that makes each last") {
  auto block = one_of({change("a")}, "account.block");
  auto reset = one_of({change("a")}, "password.reset");
  block.id = "b";
  reset.id = "r";
  std::vector<Operation> all{block, reset};
  CHECK(check_turn(block, all));
  CHECK_FALSE(check_turn(reset, all));  // the block is planned and comes first
  REQUIRE(approve(all[0], by("p2")));
  CHECK_FALSE(check_turn(reset, all));
  all[0].state = State::verified;
  CHECK(check_turn(reset, all));
  all[0].state = State::planned;
  all[0].plan.order.account = "bob@chu.example";
  CHECK(check_turn(reset, all));
}

TEST_CASE("what was changed again later is not taken back first") {
  auto block = sent({change("passwd:alice")});
  block.id = "b";
  REQUIRE(accept(block, 0, "ok", t0));
  auto reset = sent({change("passwd:alice")});
  reset.id = "r";
  reset.plan.undo = Undo::irreversible;
  REQUIRE(accept(reset, 0, "ok", later(5)));
  CHECK(check_undo(block, {}));
  const std::vector<Operation> all{block, reset};
  CHECK_FALSE(check_undo(block, all));
  CHECK_FALSE(check_undo(reset, all));  // irreversible
  CHECK_FALSE(check_undo(one_of({change("a")}), all));
}

TEST_CASE("an order names its account, and a date where it is lifted again") {
  CHECK(check_order({"rule.disable", "alice"}, t0));
  CHECK_FALSE(check_order({"rule.disable", " "}, t0));
  CHECK_FALSE(check_order({"rule.remove", "alice"}, t0));
  Order sender{"sender.block", "", {{"sender", "evil@example.net"}}};
  CHECK_FALSE(check_order(sender, t0));
  sender.until = later(60);
  CHECK(check_order(sender, t0));
  sender.until = later(32 * 24 * 60);
  CHECK_FALSE(check_order(sender, t0));
  sender.until = t0;
  CHECK_FALSE(check_order(sender, t0));
}

TEST_CASE("capabilities have names of their own and stand in the order of work") {
  int rank = 0;
  for (const auto& one : capabilities()) {
    CHECK(capability_named(one.id) == &one);
    CHECK(one.rank > rank);
    rank = one.rank;
  }
  CHECK(capability_named("account.delete") == nullptr);
}

}  // namespace digue::containment
