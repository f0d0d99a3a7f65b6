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
  CHECK(superseding(block, all) == &all[1]);
  CHECK(superseding(reset, all) == nullptr);
  auto elsewhere = all;
  elsewhere[1].plan.order.account = "bob@chu.example";
  CHECK(superseding(block, elsewhere) == nullptr);
  auto disabled = all;
  disabled[0].plan.order.capability = "account.disable";
  CHECK(superseding(disabled[0], disabled) == &disabled[1]);
  // An undo that is not proven may have changed nothing.
  auto undone = all;
  undone[1].undoes = "b";
  undone[1].plan.order.capability = "account.block";
  CHECK(superseding(block, undone) == nullptr);
  undone[1].state = State::verified;
  CHECK(superseding(block, undone) == &undone[1]);
  // What found all as it wanted it tried nothing; what was taken back is followed by its undo.
  auto without = all;
  without[1].plan.order.capability = "account.disable";
  without[1].plan.steps.clear();
  CHECK(superseding(block, without) == nullptr);
  auto gone = all;
  gone[1].state = State::undone;
  CHECK(superseding(block, gone) == nullptr);
}

TEST_CASE("what found the platform as it wanted it rests on what made it so") {
  const auto of = [](std::string id, std::string capability, std::vector<Step> steps, std::int64_t at) {
    auto out = one_of(std::move(steps), capability);
    out.id = std::move(id);
    out.state = State::verified;
    out.accepted = later(at);
    return out;
  };
  const auto block = of("b", "account.block", {change("alice"), pulse()}, 0);
  CHECK(rests_on(of("d", "account.disable", {}, 5), block));
  CHECK(rests_on(of("d", "account.block", {pulse()}, 5), block));
  CHECK_FALSE(rests_on(of("d", "account.disable", {change("alice")}, 5), block));  // it has an effect of its own
  CHECK_FALSE(rests_on(of("d", "account.disable", {}, -5), block));
  CHECK_FALSE(rests_on(of("d", "rule.disable", {}, 5), block));
  auto other = of("d", "account.disable", {}, 5);
  other.plan.order.account = "bob@chu.example";
  CHECK_FALSE(rests_on(other, block));
  other = of("d", "account.disable", {}, 5);
  other.state = State::failed;
  CHECK_FALSE(rests_on(other, block));

  auto sender = of("s", "sender.block", {change("evil@example.net")}, 0), again = of("t", "sender.block", {}, 5);
  again.plan.order.account.clear();  // whom it serves is no part of what is blocked
  sender.plan.order.parameters["sender"] = "evil@example.net";
  again.plan.order.parameters["sender"] = " Evil@Example.net";
  CHECK(rests_on(again, sender));
  again.plan.order.parameters["sender"] = "other@example.net";
  CHECK_FALSE(rests_on(again, sender));
}

TEST_CASE("a plan under a name that nobody proved is no first of two persons") {
  auto purge = one_of({change("a")}, "mail.purge");
  purge.author_unproven = true;
  auto proven = by("p2");
  proven.proven = true;
  CHECK_FALSE(check_approval(purge, {}, proven));
  CHECK(check_approval(purge, {}, by("p2")));  // where there are no accounts, names are all there is
  proven.break_glass = true;
  proven.reason = "seule de garde";
  CHECK(check_approval(purge, {}, proven));
}

TEST_CASE("what takes along an operation of two persons asks for two") {
  auto undo = one_of({change("a")}, "account.block");
  CHECK_FALSE(needs_two(undo.plan, {}));
  undo.plan.two_persons = true;
  CHECK(needs_two(undo.plan, {}));
  CHECK(operation_of(to_json(undo))->plan.two_persons);
}

TEST_CASE("what failed before anything was sent can be put aside; what acted cannot") {
  auto one = one_of({change("a")});
  REQUIRE(approve(one, by("p2")));
  REQUIRE(fail_at(one, std::nullopt, "stale", t0));
  CHECK(cancel(one, later(1)));
  CHECK(one.state == State::cancelled);
  auto acted = sent({change("a")});
  REQUIRE(fail_at(acted, 0, "refused", t0));
  CHECK_FALSE(cancel(acted, later(1)));
}

TEST_CASE("more probes than are kept: those that are not good stay, and the record can be read again") {
  auto one = sent({change("a")});
  REQUIRE(accept(one, 0, "ok", t0));
  std::vector<Probe> many(12'000, probe(true));
  many.back() = probe(false);
  REQUIRE(prove(one, many, later(1)));
  CHECK(one.state == State::applied);
  CHECK(one.probes.size() == 1000);
  CHECK_FALSE(one.probes.front().good);
  CHECK(operation_of(to_json(one)));
  many.back() = probe(true);
  REQUIRE(prove(one, many, later(2)));
  CHECK(one.state == State::verified);
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
  // A plan that was forgotten elsewhere keeps nobody from acting; what is being carried out there does.
  all[0] = block;
  all[0].incident = "another";
  CHECK(check_turn(reset, all));
  REQUIRE(approve(all[0], by("p2")));
  CHECK_FALSE(check_turn(reset, all));
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
  auto undo = block;
  undo.undoes = "x";
  CHECK_FALSE(check_undo(undo, {}));
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
