#include "service/people.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

#include "people/totp.hpp"
#include "service/incidents.hpp"
#include "service/stores_test.hpp"

using namespace digue;
using namespace digue::service;
using people::AccountState;
using people::Right;
using Kind = People::Outcome::Kind;

namespace {

constexpr const char* word = "kz7-fwqb-lupin";

std::string bytes_of_base32(std::string_view text) {
  std::string out;
  std::uint32_t held = 0;
  int bits = 0;
  for (const char c : text) {
    held = (held << 5U) | static_cast<std::uint32_t>(c >= 'A' ? c - 'A' : c - '2' + 26);
    if ((bits += 5) >= 8) out += static_cast<char>((held >> static_cast<unsigned>(bits -= 8)) & 255U);
  }
  return out;
}

/// An establishment's workbench with a clock of its own and cheap password hashes.
struct Door : service::testing::Stores {
  UtcMicros time{1'800'000'000 * micros_per_second};
  LoginSessions sessions{[this] { return time; }};
  people::CommonPasswords common{"motdepasse\n"};
  std::unique_ptr<People> people;
  Caller owner{"root", {}, {}, "local", true};

  Door() { open(); }
  void open(PasswordCost cost = {1, std::size_t{8} << 20}) {
    people = People::open(*context, sessions, SecretBox::open(folder + "/key").value(), common, {[this] { return time; }, cost}).value();
  }

  struct Member {
    std::string id, login, secret, cookie;
    std::vector<std::string> recovery;
  };
  std::string code(const Member& member) {
    time.value += 30 * micros_per_second;  // a code is good once
    return people::totp_code(member.secret, people::totp_step(time));
  }
  Member add(const std::string& login, bool administrator = false) {
    const auto link = people->invite(owner, login, "Person " + login, administrator).value();
    const auto view = people->show_set_up(link.token).value();
    Member out{link.account.id, login, bytes_of_base32(view.secret), {}, {}};
    const auto done = people->set_up(link.token, word, code(out), {"192.0.2.1", "browser", ""}).value();
    REQUIRE(done.kind == Kind::done);
    out.cookie = done.secret;
    out.recovery = done.recovery;
    return out;
  }
  Kind enter(const Member& who, const std::string& password, const std::string& with, const std::string& source = "192.0.2.1") {
    const auto done = people->sign_in(who.login, password, with, {source, "browser", ""}).value();
    if (done.kind == Kind::done) last = done.secret;
    return done.kind;
  }
  Caller caller(const std::string& secret) { return people->caller_of(secret, "192.0.2.1").value(); }
  std::vector<std::string> kinds() {
    std::vector<std::string> out;
    const auto lines = people->security_events(0, 1000).value();
    for (const auto& one : lines) out.push_back(one.kind);
    return out;
  }
  std::string last;
};

}  // namespace

TEST_CASE("the one-time link serves until the first account is set up") {
  Door door;
  CHECK_FALSE(door.people->has_accounts());
  const auto by_link = door.people->sign_in_by_link(door.sessions.new_token().text, "A. Roche", {"192.0.2.1", "", ""}).value();
  REQUIRE(by_link.kind == Kind::done);
  CHECK(door.caller(by_link.secret).everything);
  CHECK(door.people->sign_in_by_link("wrong", "A. Roche", {}).value().kind == Kind::refused);
  const auto incident = create_incident(*door.context, door.caller(by_link.secret), {"Before accounts", "", true, false}).value();

  const auto first = door.add("a.roche");
  CHECK(door.people->has_accounts());
  CHECK(door.people->list().front().administrator);  // asked for or not
  CHECK_FALSE(door.people->caller_of(by_link.secret, ""));
  CHECK(door.people->sign_in_by_link(door.sessions.new_token().text, "A. Roche", {}).error().code == ErrorCode::forbidden);
  CHECK_FALSE(door.caller(first.cookie).everything);
  CHECK(door.people->sees(door.caller(first.cookie), incident.incident.id));  // nothing vanishes
}

TEST_CASE("a set-up link is good once, for a day, and asks for a good password and the first code") {
  Door door;
  const auto link = door.people->invite(door.owner, "C.Roux", "Camille Roux", false).value();
  CHECK(link.account.login == "c.roux");
  CHECK(link.account.state == AccountState::invited);
  const auto view = door.people->show_set_up(link.token).value();
  const auto secret = bytes_of_base32(view.secret);
  CHECK(view.uri.find(view.secret) != std::string::npos);
  const auto good = [&] { return people::totp_code(secret, people::totp_step(door.time)); };
  const People::Visitor visitor{"192.0.2.1", "", ""};
  CHECK(door.people->show_set_up("wrong").error().code == ErrorCode::not_found);
  CHECK(door.people->set_up(link.token, "short", good(), visitor).error().where == "password");
  CHECK(door.people->set_up(link.token, "Motdepasse2026", good(), visitor).error().where == "password");
  CHECK(door.people->set_up(link.token, "CamilleRoux1", good(), visitor).error().where == "password");
  CHECK(door.people->set_up(link.token, word, "000000", visitor).error().where == "code");
  CHECK_FALSE(door.people->has_accounts());
  const auto done = door.people->set_up(link.token, word, good(), visitor).value();
  REQUIRE(done.kind == Kind::done);
  CHECK(done.recovery.size() == 10);
  CHECK(door.people->set_up(link.token, word, good(), visitor).error().code == ErrorCode::not_found);
  CHECK(door.people->sign_in("c.roux", word, good(), visitor).value().kind == Kind::refused);  // the code of the set-up was used

  const auto late = door.people->invite(door.owner, "s.petit", "Sacha Petit", false).value();
  door.time.value += 24 * micros_per_hour;
  CHECK(door.people->show_set_up(late.token).error().code == ErrorCode::not_found);
  CHECK(door.people->invite(door.owner, "c.roux", "Other", false).error().code == ErrorCode::conflict);
  CHECK(door.people->invite(door.owner, "a b", "Other", false).error().where == "login");
  const auto again = door.people->reset(door.owner, late.account.id, true, false).value();
  CHECK(again.token != late.token);
  CHECK(door.people->show_set_up(again.token).value().new_factor);
}

TEST_CASE("password and code are both needed, and a code is good once") {
  Door door;
  const auto member = door.add("a.roche");
  CHECK(door.enter(member, word, "000000") == Kind::refused);
  CHECK(door.enter(member, "wrong", door.code(member)) == Kind::refused);
  CHECK(door.enter(member, "KZ7-FWQB-LUPIN", door.code(member)) == Kind::refused);
  const auto code = door.code(member);
  CHECK(door.enter(member, word, code) == Kind::done);
  CHECK(door.enter(member, word, code) == Kind::refused);
  CHECK(door.last != member.cookie);
  CHECK(door.people->sign_in(" A.Roche ", word, door.code(member), {"192.0.2.1", "", ""}).value().kind == Kind::done);
}

TEST_CASE("a recovery code replaces the code, once") {
  Door door;
  const auto member = door.add("a.roche");
  CHECK(door.people->list()[0].recovery_left == 10);
  CHECK(door.enter(member, word, member.recovery[0]) == Kind::done);
  CHECK(door.people->list()[0].recovery_left == 9);
  CHECK(door.enter(member, word, member.recovery[0]) == Kind::refused);
  CHECK(door.enter(member, "wrong", member.recovery[1]) == Kind::refused);
  CHECK(door.enter(member, word, member.recovery[1]) == Kind::done);
  const auto fresh = door.people->new_recovery_codes(door.caller(door.last)).value();
  CHECK(door.enter(member, word, member.recovery[2]) == Kind::refused);
  CHECK(door.enter(member, word, fresh[0]) == Kind::done);
}

TEST_CASE("a stranger is refused like a wrong password, and slowed down alike") {
  Door door;
  const auto member = door.add("a.roche");
  const auto answer = [&](const std::string& login, const std::string& source) {
    std::vector<std::pair<Kind, std::int64_t>> out;
    for (int i = 0; i < 8; ++i) {
      const auto one = door.people->sign_in(login, "wrong", "123456", {source, "", ""}).value();
      out.emplace_back(one.kind, one.wait);
    }
    return out;
  };
  const auto known = answer("a.roche", "192.0.2.50");
  CHECK(known == answer("nobody", "192.0.2.51"));
  CHECK(known[4].first == Kind::refused);
  CHECK(known[5].first == Kind::wait);
  CHECK(known[5].second == micros_per_second);
}

TEST_CASE("guessing slows down its source, not the person at the usual place") {
  Door door;
  const auto member = door.add("a.roche");  // from 192.0.2.1
  for (int i = 0; i < 60; ++i) {
    const auto source = "198.51.100." + std::to_string(i);
    CHECK(door.enter(member, "wrong", "000000", source) != Kind::done);
  }
  CHECK(door.enter(member, word, door.code(member), "203.0.113.9") == Kind::done);
  for (int i = 0; i < 60; ++i) CHECK(door.enter(member, "wrong", "000000", "198.51.100." + std::to_string(100 + i)) != Kind::done);
  const auto now = people::totp_code(member.secret, people::totp_step(door.time) + 1);
  CHECK(door.enter(member, word, now, "203.0.113.10") == Kind::wait);
  CHECK(door.enter(member, word, now, "192.0.2.1") == Kind::done);
}

TEST_CASE("a right password with wrong codes is slowed down from everywhere") {
  Door door;
  const auto member = door.add("a.roche");
  for (int i = 0; i < 10; ++i) CHECK(door.enter(member, word, "000000", "198.51.100." + std::to_string(i)) == Kind::refused);
  const auto now = people::totp_code(member.secret, people::totp_step(door.time) + 1);
  CHECK(door.enter(member, word, now) == Kind::refused);
  door.time.value += 15 * micros_per_minute;
  CHECK(door.enter(member, word, door.code(member)) == Kind::done);
}

TEST_CASE("failures outlive a restart") {
  Door door;
  const auto member = door.add("a.roche");
  for (int i = 0; i < 5; ++i) CHECK(door.enter(member, "wrong", "000000", "198.51.100.7") == Kind::refused);
  door.open();
  CHECK(door.enter(member, "wrong", "000000", "198.51.100.7") == Kind::wait);
}

TEST_CASE("a stronger cost is taken up at the next sign-in") {
  Door door;
  const auto member = door.add("a.roche");
  const auto before = door.people->list()[0].password;
  door.open({2, std::size_t{8} << 20});
  CHECK(door.enter(member, word, door.code(member)) == Kind::done);
  CHECK(door.people->list()[0].password != before);
  CHECK(door.people->list()[0].password.find("t=2") != std::string::npos);
  CHECK(door.enter(member, word, door.code(member)) == Kind::done);
}

TEST_CASE("signing in ends the session that the browser held") {
  Door door;
  const auto member = door.add("a.roche");
  const auto done = door.people->sign_in("a.roche", word, door.code(member), {"192.0.2.1", "", member.cookie}).value();
  REQUIRE(done.kind == Kind::done);
  CHECK_FALSE(door.people->caller_of(member.cookie, ""));
  CHECK(door.people->caller_of(done.secret, ""));
}

TEST_CASE("a proof of identity opens sensitive actions under a new secret") {
  Door door;
  const auto member = door.add("a.roche");
  const auto caller = door.caller(member.cookie);
  CHECK(door.people->proved_lately(caller));
  door.time.value += 5 * micros_per_minute;
  CHECK_FALSE(door.people->proved_lately(caller));
  const People::Visitor visitor{"192.0.2.1", "", member.cookie};
  CHECK(door.people->prove(caller, "wrong", "", visitor).value().kind == Kind::refused);
  CHECK(door.people->prove(caller, "", "000000", visitor).value().kind == Kind::refused);
  CHECK_FALSE(door.people->proved_lately(caller));
  const auto by_code = door.people->prove(caller, "", door.code(member), visitor).value();
  REQUIRE(by_code.kind == Kind::done);
  CHECK(door.people->proved_lately(caller));
  CHECK_FALSE(door.people->caller_of(member.cookie, ""));
  door.time.value += 5 * micros_per_minute;
  CHECK(door.people->prove(caller, word, "", {"192.0.2.1", "", by_code.secret}).value().kind == Kind::done);
  CHECK(door.people->proved_lately(door.owner));  // nothing to prove at the terminal
}

TEST_CASE("a changed password or factor ends the other sessions") {
  Door door;
  const auto member = door.add("a.roche");
  REQUIRE(door.enter(member, word, door.code(member)) == Kind::done);
  auto mine = door.last;
  const auto caller = door.caller(mine);
  const std::string next = "wbd-vqx-oursin";
  CHECK(door.people->change_password(caller, "wrong", next, {"192.0.2.1", "", mine}).value().kind == Kind::refused);
  CHECK(door.people->change_password(caller, word, "short", {"192.0.2.1", "", mine}).error().where == "password");
  CHECK(door.people->caller_of(member.cookie, ""));
  const auto changed = door.people->change_password(caller, word, next, {"192.0.2.1", "", mine}).value();
  REQUIRE(changed.kind == Kind::done);
  CHECK_FALSE(door.people->caller_of(member.cookie, ""));
  CHECK_FALSE(door.people->caller_of(mine, ""));
  CHECK(door.people->caller_of(changed.secret, ""));
  CHECK(door.enter(member, word, door.code(member)) == Kind::refused);
  REQUIRE(door.enter(member, next, door.code(member)) == Kind::done);

  const auto other = door.last;
  CHECK(door.people->change_factor(caller, "000000").error().code == ErrorCode::conflict);
  const auto offer = door.people->offer_factor(caller).value();
  CHECK(door.people->change_factor(caller, "000000").error().where == "code");
  Door::Member fresh{member.id, member.login, bytes_of_base32(offer.secret), {}, {}};
  CHECK(door.people->change_factor(caller, door.code(fresh)).value().size() == 10);
  CHECK_FALSE(door.people->caller_of(other, ""));
  CHECK(door.people->caller_of(changed.secret, ""));
  CHECK(door.enter(member, next, door.code(member)) == Kind::refused);
  CHECK(door.enter(fresh, next, door.code(fresh)) == Kind::done);
}

TEST_CASE("a reset leaves what it does not reset as the proof") {
  Door door;
  const auto boss = door.add("a.roche");
  const auto member = door.add("c.roux");
  const auto admin = door.caller(boss.cookie);
  const People::Visitor visitor{"192.0.2.1", "", ""};

  const auto password = door.people->reset(admin, member.id, true, false).value();
  CHECK_FALSE(door.people->caller_of(member.cookie, ""));
  CHECK(door.enter(member, word, door.code(member)) == Kind::refused);
  const auto view = door.people->show_set_up(password.token).value();
  CHECK_FALSE(view.new_factor);
  CHECK(view.secret.empty());
  const std::string next = "wbd-vqx-oursin";
  CHECK(door.people->set_up(password.token, next, "000000", visitor).value().kind == Kind::refused);
  CHECK(door.people->set_up(password.token, next, door.code(member), visitor).value().kind == Kind::done);
  CHECK(door.enter(member, next, member.recovery[0]) == Kind::done);

  const auto factor = door.people->reset(admin, member.id, false, true).value();
  const auto offered = door.people->show_set_up(factor.token).value();
  CHECK_FALSE(offered.new_password);
  Door::Member fresh{member.id, member.login, bytes_of_base32(offered.secret), {}, {}};
  CHECK(door.people->set_up(factor.token, "wrong", door.code(fresh), visitor).value().kind == Kind::refused);
  CHECK(door.people->set_up(factor.token, next, door.code(fresh), visitor).value().kind == Kind::done);
  CHECK(door.enter(member, next, member.recovery[1]) == Kind::refused);
  CHECK(door.enter(fresh, next, door.code(fresh)) == Kind::done);
}

TEST_CASE("a disabled account is out at once, and the last administrator stays") {
  Door door;
  const auto boss = door.add("a.roche");
  const auto member = door.add("c.roux");
  const auto admin = door.caller(boss.cookie);
  CHECK(door.people->set_disabled(admin, member.id, true).value().state == AccountState::disabled);
  CHECK_FALSE(door.people->caller_of(member.cookie, ""));
  CHECK(door.enter(member, word, door.code(member)) == Kind::refused);
  CHECK(door.people->reset(admin, member.id, true, true).error().code == ErrorCode::conflict);
  CHECK(door.people->set_disabled(admin, member.id, false).value().state == AccountState::active);
  CHECK(door.enter(member, word, door.code(member)) == Kind::done);
  CHECK(door.people->set_disabled(admin, boss.id, true).error().code == ErrorCode::conflict);
  CHECK(door.people->set_administrator(admin, boss.id, false).error().code == ErrorCode::conflict);
  CHECK(door.people->set_administrator(admin, member.id, true).value().administrator);
  CHECK(door.people->set_disabled(admin, boss.id, true).value().state == AccountState::disabled);
  CHECK(door.people->set_disabled(admin, "absent", true).error().code == ErrorCode::not_found);
}

TEST_CASE("an incident does not exist for who has no role on it") {
  Door door;
  const auto boss = door.add("a.roche");
  const auto member = door.add("c.roux");
  const auto pilot = door.caller(boss.cookie);
  const auto stranger = door.caller(member.cookie);
  const auto incident = create_incident(*door.context, pilot, {"Secret", "", true, false}).value().incident.id;
  REQUIRE(door.people->refresh());
  CHECK(door.people->allow(pilot, Right::declare, incident, "x"));
  const auto refused = door.people->allow(stranger, Right::read_situation, incident, "GET x");
  CHECK(refused.error().code == ErrorCode::not_found);
  CHECK(refused.error().message == show_incident(*door.context, "absent").error().message);

  REQUIRE(door.people->set_roles(pilot, incident, member.id, {"direction"}));
  CHECK(door.people->allow(stranger, Right::read_situation, incident, "GET x"));
  CHECK(door.people->allow(stranger, Right::read_mail, incident, "GET x").error().code == ErrorCode::forbidden);
  REQUIRE(door.people->set_roles(pilot, incident, member.id, {}));
  CHECK(door.people->allow(stranger, Right::read_situation, incident, "GET x").error().code == ErrorCode::not_found);
  CHECK(door.people->set_roles(pilot, incident, member.id, {"emperor"}).error().where == "roles");
  CHECK(door.people->set_roles(pilot, "absent", member.id, {"pilot"}).error().code == ErrorCode::not_found);

  // An administrator without a role gives roles there, and sees nothing else.
  REQUIRE(door.people->set_roles(pilot, incident, boss.id, {}));
  CHECK(door.people->allow(pilot, Right::manage_team, incident, "x"));
  CHECK(door.people->allow(pilot, Right::read_situation, incident, "x").error().code == ErrorCode::not_found);

  const auto lines = store::reading(*door.cases, [&](store::CaseReader& reader) { return reader.journal(incident, 0, 100, {}); }).value();
  std::vector<std::string> roles;
  for (const auto& entry : lines.entries)
    if (entry.header.about == "people.roles") roles.push_back(entry.body->text);
  CHECK(roles.size() == 3);
  CHECK(roles[0].find("Person c.roux") != std::string::npos);
  const auto kinds = door.kinds();
  CHECK(std::count(kinds.begin(), kinds.end(), "denied") == 4);
  CHECK(std::count(kinds.begin(), kinds.end(), "roles") == 3);
}

TEST_CASE("the security log tells who came, who failed and what was changed, and stays") {
  Door door;
  const auto member = door.add("a.roche");
  door.enter(member, "wrong", "000000", "198.51.100.7");
  door.enter(member, word, door.code(member));
  REQUIRE(door.people->sign_out(door.caller(door.last), door.last));
  CHECK(door.kinds() == std::vector<std::string>{"invited", "set_up", "sign_in_failed", "sign_in", "sign_out"});
  const auto events = door.people->security_events(0, 10).value();
  CHECK(events[2].person == member.id);
  CHECK(events[2].source == "198.51.100.7");
  CHECK(door.people->security_events(3, 1).value().front().kind == "sign_in");
  for (const auto& one : events) CHECK((one.detail + one.name).find("wrong-typed") == std::string::npos);
}

TEST_CASE("sessions are seen and ended by their owner, and all of them by an administrator") {
  Door door;
  const auto boss = door.add("a.roche");
  const auto member = door.add("c.roux");
  const auto admin = door.caller(boss.cookie);
  const auto person = door.caller(member.cookie);
  CHECK(door.people->sessions(person, false).size() == 1);
  CHECK(door.people->sessions(admin, true).size() == 2);
  CHECK(door.people->end_session(person, admin.session, false).error().code == ErrorCode::not_found);
  REQUIRE(door.people->end_session(admin, person.session, true));
  CHECK_FALSE(door.people->caller_of(member.cookie, ""));
  REQUIRE(door.enter(member, word, door.code(member)) == Kind::done);
  CHECK(door.people->end_sessions_of(admin, member.id).value() == 1);
  CHECK(door.people->end_sessions_of(admin, boss.id).value() == 0);  // not the one that asks
  CHECK(door.people->caller_of(boss.cookie, ""));
}

TEST_CASE("whoever holds the data directory has all rights, under an account's name where it is theirs") {
  Door door;
  door.add("a.roche");
  const auto mapped = door.people->local_caller("a.roche");
  CHECK(mapped.name == "Person a.roche");
  CHECK(mapped.everything);
  CHECK(door.people->local_caller("root").name == "root");
}

TEST_CASE("a name at the terminal becomes that person by password and code, with no more than their rights") {
  Door door;
  const auto member = door.add("a.roche", true);
  auto caller = door.people->local_caller("a.roche");
  CHECK(caller.everything);
  CHECK(door.people->vouch(caller, "wrong", door.code(member)).value().kind == Kind::refused);
  CHECK(door.people->vouch(caller, word, "000000").value().kind == Kind::refused);
  CHECK(caller.everything);
  const auto code = door.code(member);
  REQUIRE(door.people->vouch(caller, word, code).value().kind == Kind::done);
  CHECK_FALSE(caller.everything);
  CHECK(caller.person == member.id);
  CHECK(caller.name == "Person a.roche");
  const auto incident = create_incident(*door.context, door.owner, {"Case", "", true, false}).value().incident.id;
  CHECK_FALSE(door.people->may(caller, people::Right::contain, incident));
  auto again = door.people->local_caller("a.roche");
  CHECK(door.people->vouch(again, word, code).value().kind == Kind::refused);  // a code is good once
  auto nobody = door.people->local_caller("root");
  CHECK(door.people->vouch(nobody, word, code).error().code == ErrorCode::not_found);
  const auto kinds = door.kinds();
  CHECK(std::count(kinds.begin(), kinds.end(), "proof") == 1);
  CHECK(std::count(kinds.begin(), kinds.end(), "proof_failed") == 3);
}
