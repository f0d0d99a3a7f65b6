#include <doctest/doctest.h>

#include <algorithm>

#include "base/encoding.hpp"
#include "connect/active_directory/server_test.hpp"
#include "connect/ldap/steps_test.hpp"

using namespace digue;
using namespace digue::ldap;
using namespace digue::containment;

namespace {

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// The last part of the SID in an entry.
std::string rid_in(const std::string& entry) {
  const auto at = entry.find("objectSid:: ") + 12;
  const auto sid = from_base64(entry.substr(at, entry.find('\n', at) - at)).value();
  std::uint32_t out = 0;
  for (std::size_t i = 1; i <= 4; ++i) out = out << 8 | static_cast<unsigned char>(sid[sid.size() - i]);
  return std::to_string(out);
}

}  // namespace

TEST_CASE("active_directory: a block disables the account, and its undo gives the entry back as it was") {
  auto* domain = TestDomain::instance();
  if (domain == nullptr) return;
  const auto dn = domain->user("blocked");
  const auto before = domain->entry(dn);
  const auto connector = domain->connector();
  for (const auto& name : {std::string("blocked@chu.test"), std::string("BLOCKED"), dn})
    CHECK(planned(*connector, {"account.block", name}).order.account == dn);
  const auto plan = planned(*connector, {"account.block", "blocked@chu.test"});
  CHECK(domain->entry(dn) == before);
  CHECK_FALSE(plan.care.empty());
  CHECK(domain->sign_in(dn, "Secret-of-blocked-1").empty());
  carry_out(*connector, plan);
  CHECK(has(domain->sign_in(dn, "Secret-of-blocked-1"), "data 533"));
  CHECK(has(domain->entry(dn), "userAccountControl: 514"));
  proven(*connector, plan);
  CHECK(planned(*connector, {"account.block", dn}).steps.empty());

  // Another right that somebody gave or took meanwhile is kept by the undo.
  const auto undo = connector->plan_undo(plan, plan.prior);
  REQUIRE(undo);
  carry_out(*connector, *undo);
  proven(*connector, *undo);
  CHECK(domain->entry(dn) == before);
  CHECK(domain->sign_in(dn, "Secret-of-blocked-1").empty());

  const auto again = planned(*connector, {"account.disable", dn});
  carry_out(*connector, again);
  domain->modify("dn: " + dn + "\nchangetype: modify\nreplace: userAccountControl\nuserAccountControl: 66050\n");  // never expires
  const auto back = connector->plan_undo(again, again.prior);
  REQUIRE(back);
  carry_out(*connector, *back);
  CHECK(has(domain->entry(dn), "userAccountControl: 66048"));
}

TEST_CASE("active_directory: a new password must be changed at once, also under a block") {
  auto* domain = TestDomain::instance();
  if (domain == nullptr) return;
  const auto connector = domain->connector();
  const auto dn = domain->user("reset");
  const auto plan = planned(*connector, {"password.reset", "reset@chu.test"});
  const auto secret = plan.secrets.at("password");
  CHECK_FALSE(has(json::canonical(to_json(plan)) + plan.prior, secret));
  carry_out(*connector, plan);
  CHECK(has(domain->sign_in(dn, "Secret-of-reset-1"), "data 52e"));
  CHECK(has(domain->sign_in(dn, secret), "data 773"));
  proven(*connector, plan);
  // Twice, before its owner came: the second is as provable as the first.
  const auto second = planned(*connector, {"password.reset", dn});
  carry_out(*connector, second);
  proven(*connector, second);
  CHECK_FALSE(connector->verify(plan).value().back().good);

  const auto blocked = domain->user("resetblocked");
  carry_out(*connector, planned(*connector, {"account.block", blocked}));
  const auto under = planned(*connector, {"password.reset", blocked});
  carry_out(*connector, under);
  proven(*connector, under);
  CHECK(has(domain->sign_in(blocked, under.secrets.at("password")), "data 533"));
  // Somebody opens it again: the reset, which is looked at from then on, says so. Another bit is nobody's harm.
  domain->modify("dn: " + blocked + "\nchangetype: modify\nreplace: userAccountControl\nuserAccountControl: 66050\n");
  proven(*connector, under);
  domain->modify("dn: " + blocked + "\nchangetype: modify\nreplace: userAccountControl\nuserAccountControl: 512\n");
  const auto reopened = connector->verify(under);
  REQUIRE(reopened);
  CHECK(std::any_of(reopened->begin(), reopened->end(), [](const auto& one) { return one.what == "lock" && !one.good; }));
}

TEST_CASE("active_directory: groups are left and joined again; through another group, told") {
  auto* domain = TestDomain::instance();
  if (domain == nullptr) return;
  const auto connector = domain->connector();
  const auto dn = domain->user("grouped");
  domain->add(
      "dn: CN=Inner,CN=Users,DC=chu,DC=test\nobjectClass: group\nsAMAccountName: Inner\nmember: " + dn +
      "\n\ndn: CN=Outer,CN=Users,DC=chu,DC=test\nobjectClass: group\nsAMAccountName: Outer\nmember: CN=Inner,CN=Users,DC=chu,DC=test\n");
  domain->modify("dn: CN=Domain Admins,CN=Users,DC=chu,DC=test\nchangetype: modify\nadd: member\nmember: " + dn + "\n");
  const auto before = domain->entry("CN=Domain Admins,CN=Users,DC=chu,DC=test");
  const auto plan = planned(*connector, {"privilege.remove", dn});
  REQUIRE(plan.steps.size() == 1);  // what Domain Admins is in comes through it
  CHECK(plan.steps.front().object == "CN=Domain Admins,CN=Users,DC=chu,DC=test");
  CHECK(plan.notes.size() >= 2);
  CHECK(plan.risks.empty());
  carry_out(*connector, plan);
  proven(*connector, plan);
  CHECK_FALSE(has(domain->entry("CN=Domain Admins,CN=Users,DC=chu,DC=test"), dn));
  const auto undo = connector->plan_undo(plan, plan.prior);
  REQUIRE(undo);
  carry_out(*connector, *undo);
  CHECK(domain->entry("CN=Domain Admins,CN=Users,DC=chu,DC=test") == before);

  domain->modify("dn: CN=Domain Admins,CN=Users,DC=chu,DC=test\nchangetype: modify\ndelete: member\nmember: " + dn + "\n");
  CHECK(connector->plan({"privilege.remove", dn, {{"group", "Outer"}}}).error().code == ErrorCode::conflict);

  // A group that was put among the administrators a moment ago bears no mark of it; a primary group stands in no list of members.
  const auto hidden = domain->user("hidden");
  domain->add("dn: CN=Fresh,CN=Users,DC=chu,DC=test\nobjectClass: group\nsAMAccountName: Fresh\nmember: " + hidden + "\n");
  domain->modify(
      "dn: CN=Domain Admins,CN=Users,DC=chu,DC=test\nchangetype: modify\nadd: member\nmember: CN=Fresh,CN=Users,DC=chu,DC=test\n");
  const auto fresh = planned(*connector, {"privilege.remove", hidden});
  REQUIRE(fresh.steps.size() == 1);
  CHECK(fresh.steps.front().object == "CN=Fresh,CN=Users,DC=chu,DC=test");
  carry_out(*connector, fresh);
  proven(*connector, fresh);
  domain->modify("dn: CN=Domain Admins,CN=Users,DC=chu,DC=test\nchangetype: modify\nadd: member\nmember: " + hidden + "\n");
  CHECK_FALSE(connector->verify(fresh).value().back().good);
  domain->modify("dn: " + hidden + "\nchangetype: modify\nreplace: primaryGroupID\nprimaryGroupID: 512\n");
  CHECK_FALSE(has(domain->entry("CN=Domain Admins,CN=Users,DC=chu,DC=test"), hidden));
  CHECK(connector->plan({"privilege.remove", hidden}).error().code == ErrorCode::conflict);
  CHECK(has(collected(*connector, {"privilege.list", "hidden"}).at("privileges.json"), "primaryGroupID=512"));
  domain->modify("dn: " + hidden + "\nchangetype: modify\nreplace: primaryGroupID\nprimaryGroupID: 513\n");
  domain->modify("dn: CN=Domain Admins,CN=Users,DC=chu,DC=test\nchangetype: modify\ndelete: member\nmember: " + hidden +
                 "\nmember: CN=Fresh,CN=Users,DC=chu,DC=test\n");
  // A primary group that is among the administrators through another group.
  const auto nested = domain->user("nested");
  domain->add("dn: CN=Nest,CN=Users,DC=chu,DC=test\nobjectClass: group\nsAMAccountName: Nest\nmember: " + nested + "\n");
  domain->modify("dn: " + nested + "\nchangetype: modify\nreplace: primaryGroupID\nprimaryGroupID: " +
                 rid_in(domain->entry("CN=Nest,CN=Users,DC=chu,DC=test")) + "\n");
  CHECK(planned(*connector, {"privilege.remove", nested}).steps.empty());
  domain->modify(
      "dn: CN=Domain Admins,CN=Users,DC=chu,DC=test\nchangetype: modify\nadd: member\nmember: CN=Nest,CN=Users,DC=chu,DC=test\n");
  CHECK(connector->plan({"privilege.remove", nested}).error().code == ErrorCode::conflict);
  CHECK(has(collected(*connector, {"account.list", {}, {{"since", "2026-01-01"}}}).at("administrators.jsonl"), nested));
  domain->modify(
      "dn: CN=Domain Admins,CN=Users,DC=chu,DC=test\nchangetype: modify\ndelete: member\nmember: CN=Nest,CN=Users,DC=chu,DC=test\n");
  CHECK(planned(*connector, {"privilege.remove", dn, {{"group", "Inner"}}}).steps.size() == 1);
  CHECK(connector->plan({"privilege.remove", dn, {{"group", "Backup Operators"}}}).error().code == ErrorCode::not_found);
}

TEST_CASE("active_directory: who is ours, last, unclear, changed or moved is not touched") {
  auto* domain = TestDomain::instance();
  if (domain == nullptr) return;
  const auto connector = domain->connector();
  CHECK(connector->plan({"account.block", "Administrator"}).error().code == ErrorCode::forbidden);
  CHECK(connector->plan({"account.block", "nobody@chu.test"}).error().code == ErrorCode::not_found);
  for (const auto* name : {"*", "*)(cn=*", "\\2a"}) CHECK(connector->plan({"account.block", name}).error().code == ErrorCode::not_found);
  // The key of the whole domain is no mailbox.
  for (const auto* capability : {"account.block", "account.disable", "password.reset"}) {
    const auto refused = connector->plan({capability, "krbtgt"});
    CHECK(has(refusal(refused), "krbtgt"));
    CHECK(refused.error().code == ErrorCode::forbidden);
  }
  CHECK(has(collected(*connector, {"privilege.list", "krbtgt"}).at("account.ldif"), "krbtgt"));
  // Kept for emergencies, by any of its names.
  domain->user("rescue", "proxyAddresses: SMTP:garde@chu.test\n");
  for (const auto* name : {"garde@chu.test", "CHU\\rescue", "cn=rescue, cn=users, dc=chu, dc=test"}) {
    INFO(name);
    auto kept = domain->settings();
    kept.values["emergency_accounts"] = json::Array{name};
    CHECK(planned(*domain->connector(kept), {"account.block", "rescue@chu.test"}).risks == std::vector{Risk::break_glass});
  }
  domain->user("twin");
  domain->user("twin2", "proxyAddresses: smtp:twin@chu.test\n");
  CHECK(connector->plan({"account.block", "twin@chu.test"}).error().code == ErrorCode::conflict);

  const auto dn = domain->user("raced");
  const auto plan = planned(*connector, {"account.block", dn});
  domain->modify("dn: " + dn + "\nchangetype: modify\nreplace: userAccountControl\nuserAccountControl: 66048\n");
  CHECK(connector->stand(plan, plan.steps[0]).value() == Stand::other);
  CHECK(connector->apply(plan, plan.steps[0]).error().code == ErrorCode::conflict);
  CHECK(has(domain->entry(dn), "userAccountControl: 66048"));
  const auto moved = planned(*connector, {"account.block", dn});
  domain->rename(dn, "CN=renamed");
  CHECK(connector->apply(moved, moved.steps[0]).error().code == ErrorCode::conflict);
  const auto found = planned(*connector, {"account.block", "raced@chu.test"});
  CHECK(found.order.account == "CN=renamed,CN=Users,DC=chu,DC=test");

  const auto second = domain->user("second");
  auto settings = domain->settings();
  settings.values["bind"] = "second@chu.test";
  settings.secrets["password"] = "Secret-of-second-1";
  const auto other = domain->connector(settings);
  // An ordinary user: knows what it may not do, and is refused.
  const auto ready = other->test();
  REQUIRE(ready);
  for (const auto& one : *ready) {
    INFO(one.capability);
    const bool changes = capability_named(one.capability)->reach == Reach::change;
    CHECK((one.way == Readiness::Way::automatic) != changes);
  }
  const auto wanted = planned(*other, {"account.block", "twin"});
  CHECK(other->apply(wanted, wanted.steps[0]).error().code == ErrorCode::forbidden);
  const auto only = other->plan({"account.block", "Administrator"});
  REQUIRE(only);
  CHECK(only->risks == std::vector{Risk::last_administrator});
  const auto all = connector->test();
  REQUIRE(all);
  for (const auto& one : *all) CHECK(one.way == Readiness::Way::automatic);
}

TEST_CASE("active_directory: what may be written is asked of several accounts, and not of those that came with the domain") {
  auto* domain = TestDomain::instance();
  if (domain == nullptr) return;
  const std::string unit = "OU=Staff,DC=chu,DC=test", inside = "CN=inside," + unit;
  domain->add("dn: " + unit + "\nobjectClass: organizationalUnit\n\ndn: " + inside + "\nobjectClass: user\nsAMAccountName: inside\n");
  domain->user("helper");
  auto settings = domain->settings();
  settings.values["bind"] = "helper@chu.test";
  settings.secrets["password"] = "Secret-of-helper-1";
  const auto block = [&](const std::string& base) {
    settings.values["base"] = base;
    const auto all = domain->connector(settings)->test();
    REQUIRE(all);
    return *std::find_if(all->begin(), all->end(), [](const auto& one) { return one.capability == "account.block"; });
  };
  CHECK(block(unit).way == Readiness::Way::guided);
  domain->open_to_all(unit);
  CHECK(block(unit).way == Readiness::Way::automatic);
  CHECK(block(unit).why.en.empty());
  CHECK(block("DC=chu,DC=test").way == Readiness::Way::automatic);
  CHECK(has(block("DC=chu,DC=test").why.en, "only some"));
  domain->modify("dn: " + inside + "\nchangetype: delete\n\ndn: " + unit + "\nchangetype: delete\n");
}

TEST_CASE("active_directory: lists of accounts, rights and password rules") {
  auto* domain = TestDomain::instance();
  if (domain == nullptr) return;
  const auto connector = domain->connector();
  const auto dn = domain->user("planted", "servicePrincipalName: HTTP/planted.chu.test\n");
  const auto lists = collected(*connector, {"account.list", {}, {{"since", "2026-01-01"}}});
  CHECK(has(lists.at("accounts-created.jsonl"), dn));
  CHECK(has(lists.at("administrators.jsonl"), "CN=Administrator,"));
  CHECK_FALSE(has(lists.at("administrators.jsonl"), dn));
  CHECK(lists.contains("accounts-stale.jsonl"));
  CHECK_FALSE(has(collected(*connector, {"account.list", {}, {{"since", "2999-01-01"}}}).at("accounts-created.jsonl"), dn));
  const auto rights = collected(*connector, {"privilege.list", "planted"});
  CHECK(has(rights.at("account.ldif"), "sAMAccountName: planted"));
  CHECK(has(rights.at("privileges.json"), "servicePrincipalName"));
  const auto rules = collected(*connector, {"policy.read", {}}).at("password-policies.json");
  CHECK(has(rules, "\"lockoutThreshold\":\"0\""));
  CHECK(has(rules, "\"weak\":[\"lockoutThreshold\""));
}
