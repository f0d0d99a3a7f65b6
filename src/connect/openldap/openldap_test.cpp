#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <numeric>
#include <set>
#include <sstream>
#include <thread>

#include "connect/connectors.hpp"
#include "connect/ldap/steps_test.hpp"
#include "connect/openldap/server_test.hpp"

using namespace digue;
using namespace digue::ldap;
using namespace digue::containment;
using namespace digue::testing;

namespace {

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::string sorted(const std::string& lines) {
  std::set<std::string> all;
  std::istringstream read(lines);
  for (std::string line; std::getline(read, line);) all.insert(line + "\n");
  return std::accumulate(all.begin(), all.end(), std::string());
}

const Readiness* ready(const std::vector<Readiness>& all, std::string_view capability) {
  for (const auto& one : all)
    if (one.capability == capability) return &one;
  return nullptr;
}

}  // namespace

TEST_CASE("openldap: a block refuses every sign-in, and its undo gives the entry back as it was") {
  auto* directory = TestDirectory::instance();
  if (directory == nullptr) return;
  const auto dn = directory->person("blocked");
  const auto before = directory->entry(dn);
  const auto connector = directory->connector();
  // By mail address, by uid, by name: the same account.
  for (const auto& name : {std::string("blocked@chu.test"), std::string("blocked"), dn})
    CHECK(planned(*connector, {"account.block", name}).order.account == dn);
  const auto plan = planned(*connector, {"account.block", "blocked@chu.test"});
  CHECK(plan.steps.size() == 1);
  CHECK(plan.undo == Undo::reversible);
  CHECK_FALSE(plan.care.empty());
  CHECK_FALSE(plan.mail.empty());
  CHECK_FALSE(plan.rights.empty());
  CHECK(has(plan.prior, "createTimestamp"));
  CHECK_FALSE(has(plan.prior, "userPassword"));
  CHECK(directory->entry(dn) == before);
  CHECK(has(directory->sign_in(dn, "secret of blocked"), "dn:"));

  carry_out(*connector, plan);
  CHECK(has(directory->sign_in(dn, "secret of blocked"), "Account locked"));
  proven(*connector, plan);
  CHECK(planned(*connector, {"account.block", dn}).steps.empty());

  const auto undo = connector->plan_undo(plan, plan.prior);
  REQUIRE(undo);
  carry_out(*connector, *undo);
  proven(*connector, *undo);
  CHECK(directory->entry(dn) == before);
  CHECK(has(directory->sign_in(dn, "secret of blocked"), "dn:"));
  // What is undone twice changes nothing; bytes of another plan are refused.
  CHECK(connector->plan_undo(plan, plan.prior).value().steps.empty());
  CHECK_FALSE(connector->plan_undo(plan, "{}"));
  CHECK_FALSE(connector->plan_undo(plan, "not JSON"));
}

TEST_CASE("openldap: a change is looked for on every server that is set up") {
  auto* directory = TestDirectory::instance();
  if (directory == nullptr) return;
  const auto dn = directory->person("replicated");
  auto settings = directory->settings();
  // The same server by another way stands for one that has it already; a copy that never heard of it, for one that lags behind.
  const TestDirectory lagging;
  settings.values["replicas"] = json::Array{json::Value(directory->plain_url())};
  const auto connector = directory->connector(settings);
  const auto plan = planned(*connector, {"account.block", dn});
  carry_out(*connector, plan);
  proven(*connector, plan);
  CHECK(connector->verify(plan).value().size() == directory->connector()->verify(plan).value().size() + 1);
  settings.values["ca_file"] = directory->folder() + "/both.pem";
  std::ofstream(directory->folder() + "/both.pem")
      << std::ifstream(directory->folder() + "/cert.pem").rdbuf() << std::ifstream(lagging.folder() + "/cert.pem").rdbuf();
  for (const auto& url : {lagging.url(), "ldaps://127.0.0.1:" + std::to_string(closed_port())}) {
    settings.values["replicas"] = json::Array{json::Value(directory->plain_url()), json::Value(url)};
    const auto probes = directory->connector(settings)->verify(plan);
    REQUIRE(probes);
    const auto missed = std::count_if(probes->begin(), probes->end(), [](const auto& one) { return !one.good; });
    CHECK(missed == 1);
  }
}

TEST_CASE("openldap: a block that only claims to hold is not proven") {
  auto* directory = TestDirectory::instance();
  if (directory == nullptr) return;
  const auto dn = directory->person("reopened");
  const auto connector = directory->connector();
  const auto plan = planned(*connector, {"account.block", dn});
  carry_out(*connector, plan);
  directory->modify("dn: " + dn + "\nchangetype: modify\ndelete: pwdAccountLockedTime\n");
  const auto probes = connector->verify(plan);
  REQUIRE(probes);
  CHECK_FALSE(probes->front().good);
  CHECK(probes->front().seen == "pwdAccountLockedTime absent");
}

TEST_CASE("openldap: a new password opens once, then must be changed; a blocked account stays blocked") {
  auto* directory = TestDirectory::instance();
  if (directory == nullptr) return;
  const auto connector = directory->connector();
  const auto dn = directory->person("reset");
  const auto plan = planned(*connector, {"password.reset", dn});
  const auto secret = plan.secrets.at("password");
  const auto shown = json::canonical(to_json(plan)) + plan.prior;
  CHECK_FALSE(has(shown, secret));
  CHECK(plan.undo == Undo::irreversible);
  carry_out(*connector, plan);
  CHECK(has(directory->sign_in(dn, "secret of reset"), "Invalid credentials"));
  CHECK(has(directory->sign_in(dn, secret), "Password must be changed"));
  proven(*connector, plan);
  CHECK_FALSE(connector->plan_undo(plan, plan.prior));
  // The owner chooses their own: what was planned is still so.
  CHECK(output_of("LDAPTLS_CACERT=" + directory->folder() + "/cert.pem ldappasswd -x -H " + directory->url() + " -D " + dn + " -w " +
                  secret + " -s 'chosen by the owner' 2>&1")
            .empty());
  proven(*connector, plan);
  // Somebody puts the password of before back: it is not.
  directory->modify("dn: " + dn + "\nchangetype: modify\nreplace: userPassword\nuserPassword: secret of reset\n");
  directory->modify("dn: " + dn + "\nchangetype: modify\nreplace: pwdReset\npwdReset: TRUE\n");
  CHECK_FALSE(connector->verify(plan).value().back().good);

  // Twice, before its owner came: the second password is told and opens, too. pwdChangedTime has whole seconds.
  std::this_thread::sleep_for(std::chrono::milliseconds(1100));
  const auto again = planned(*connector, {"password.reset", dn});
  carry_out(*connector, again);
  proven(*connector, again);
  CHECK(has(directory->sign_in(dn, again.secrets.at("password")), "Password must be changed"));

  const auto blocked = directory->person("resetblocked");
  carry_out(*connector, planned(*connector, {"account.block", blocked}));
  const auto under = planned(*connector, {"password.reset", blocked});
  CHECK(under.steps.back().verb == "account.relock");
  carry_out(*connector, under);
  proven(*connector, under);
  CHECK(has(directory->sign_in(blocked, under.secrets.at("password")), "Account locked"));
}

TEST_CASE("openldap: a reset that was planned before the block keeps it, and blocks nobody who was open") {
  auto* directory = TestDirectory::instance();
  if (directory == nullptr) return;
  const auto connector = directory->connector();
  const auto shape = [](const Plan& plan) {
    std::string out;
    for (const auto& step : plan.steps) out += step.verb + " " + step.object + "\n";
    return out;
  };
  const auto dn = directory->person("together");
  const auto reset = planned(*connector, {"password.reset", dn});
  carry_out(*connector, planned(*connector, {"account.block", dn}));
  CHECK(shape(planned(*connector, {"password.reset", dn})) == shape(reset));
  const auto done = carry_out(*connector, reset);
  CHECK(has(directory->sign_in(dn, reset.secrets.at("password")), "Account locked"));
  proven(*connector, done);
  directory->modify("dn: " + dn + "\nchangetype: modify\ndelete: pwdAccountLockedTime\n");
  // Cut off before it blocked again: that is still to do. What was not blocked stays open.
  CHECK(connector->stand(done, done.steps.back()).value() == Stand::before);
  CHECK_FALSE(connector->verify(done).value().front().good);
  const auto open = directory->person("unblocked");
  const auto alone = carry_out(*connector, planned(*connector, {"password.reset", open}));
  CHECK_FALSE(has(directory->entry(open), "pwdAccountLockedTime"));
  proven(*connector, alone);
}

TEST_CASE("openldap: a reset under a block is proven on a server that does not say why it refuses, if its rule is seen") {
  if (TestDirectory::instance() == nullptr) return;
  const TestDirectory directory("", true, true);
  const auto dn = directory.person("quiet");
  auto settings = directory.settings();
  settings.values["policy"] = "cn=default,ou=policies,dc=chu,dc=test";
  const auto connector = directory.connector(settings);
  carry_out(*connector, planned(*connector, {"account.block", dn}));
  const auto reset = carry_out(*connector, planned(*connector, {"password.reset", dn}));
  CHECK_FALSE(has(directory.sign_in(dn, reset.secrets.at("password")), "dn:"));
  proven(*connector, reset);
  CHECK_FALSE(directory.connector()->verify(reset).value().back().good);
}

TEST_CASE("openldap: groups are left one by one, and joined again") {
  auto* directory = TestDirectory::instance();
  if (directory == nullptr) return;
  const auto dn = directory->person("grouped"), other = directory->person("other");
  directory->add("dn: cn=wide,ou=groups,dc=chu,dc=test\nobjectClass: groupOfUniqueNames\ncn: wide\nuniqueMember: " + dn +
                 "\nuniqueMember: " + other +
                 "\n\ndn: cn=unix,ou=groups,dc=chu,dc=test\nobjectClass: posixGroup\ncn: unix\ngidNumber: 10\nmemberUid: grouped\n\n"
                 "dn: cn=alone,ou=groups,dc=chu,dc=test\nobjectClass: groupOfNames\ncn: alone\nmember: " +
                 dn + "\n");
  directory->modify("dn: cn=admins,ou=groups,dc=chu,dc=test\nchangetype: modify\nadd: member\nmember: " + dn + "\n");
  const auto connector = directory->connector();

  // Without a name: what administrates.
  const auto admins = planned(*connector, {"privilege.remove", dn});
  REQUIRE(admins.steps.size() == 1);
  CHECK(admins.steps.front().object == "cn=admins,ou=groups,dc=chu,dc=test");
  CHECK(admins.risks.empty());
  carry_out(*connector, admins);
  proven(*connector, admins);
  CHECK_FALSE(has(directory->entry("cn=admins,ou=groups,dc=chu,dc=test"), dn));

  for (const auto* group : {"wide", "unix"}) {
    const auto name = "cn=" + std::string(group) + ",ou=groups,dc=chu,dc=test";
    const auto before = directory->entry(name);
    const auto plan = planned(*connector, {"privilege.remove", dn, {{"group", group}}});
    carry_out(*connector, plan);
    CHECK(directory->entry(name) != before);
    const auto undo = connector->plan_undo(plan, plan.prior);
    REQUIRE(undo);
    carry_out(*connector, *undo);
    proven(*connector, *undo);
    CHECK(sorted(directory->entry(name)) == sorted(before));  // values are a set: only their order may differ
  }
  // Renamed since, and another took the old name: the right comes back to the account, not to the name.
  const auto wide = "cn=wide,ou=groups,dc=chu,dc=test";
  const auto left = planned(*connector, {"privilege.remove", dn, {{"group", "wide"}}});
  carry_out(*connector, left);
  directory->rename(dn, "uid=grouped2");
  directory->person("grouped");
  auto back = connector->plan_undo(left, left.prior);
  REQUIRE(back);
  back->order = left.order;
  carry_out(*connector, *back);
  proven(*connector, *back);
  CHECK(has(directory->entry(wide), "uniqueMember: uid=grouped2,ou=people,dc=chu,dc=test"));
  CHECK_FALSE(has(directory->entry(wide), "uniqueMember: " + dn));
  directory->rename(dn, "uid=usurper");
  directory->rename("uid=grouped2,ou=people,dc=chu,dc=test", "uid=grouped");
  CHECK(has(refusal(connector->plan({"privilege.remove", dn, {{"group", "alone"}}})), "cn=alone"));
  CHECK(connector->plan({"privilege.remove", dn, {{"group", "nowhere"}}}).error().code == ErrorCode::not_found);
}

TEST_CASE("openldap: a group that spells its member otherwise is left, and joined again as it was") {
  auto* directory = TestDirectory::instance();
  if (directory == nullptr) return;
  const auto group = [](const std::string& name) { return "cn=" + name + ",ou=groups,dc=chu,dc=test"; };
  const auto holding = [&](const std::string& name, const std::string& member) {
    directory->add("dn: " + group(name) + "\nobjectClass: groupOfNames\ncn: " + name + "\nmember: " + member +
                   "\nmember: uid=first,ou=people,dc=chu,dc=test\n");
  };
  directory->add(
      "dn: uid=zoé,ou=people,dc=chu,dc=test\nobjectClass: inetOrgPerson\nuid: zoé\nuid: zoe2\ncn: zoe\nsn: zoe\nmail: zoe@chu.test\n\n"
      "dn: cn=numbers,ou=groups,dc=chu,dc=test\nobjectClass: posixGroup\ncn: numbers\ngidNumber: 11\nmemberUid: zoe2\n");
  holding("capitals", "UID=ZOÉ,OU=People,dc=chu,dc=test");
  auto settings = directory->settings();
  settings.values["admin_groups"] = json::Array{"CN=capitals, ou=groups,dc=chu,dc=test"};
  const auto connector = directory->connector(settings);
  const auto plan = planned(*connector, {"privilege.remove", "zoe@chu.test"});
  REQUIRE(plan.steps.size() == 1);
  carry_out(*connector, plan);
  proven(*connector, plan);
  CHECK(planned(*connector, {"privilege.remove", "zoe@chu.test"}).steps.empty());
  const auto numbers = planned(*connector, {"privilege.remove", "zoe@chu.test", {{"group", "numbers"}}});
  carry_out(*connector, numbers);
  CHECK_FALSE(has(directory->entry(group("numbers")), "memberUid"));

  // Of two groups one is deleted meanwhile.
  const auto dn = directory->person("odd");
  holding("written", "uid=Odd,OU=People,dc=chu,dc=test");
  holding("doomed", dn);
  settings.values["admin_groups"] = json::Array{json::Value(group("written")), json::Value(group("doomed"))};
  const auto both = directory->connector(settings);
  const auto before = directory->entry(group("written"));
  const auto left = planned(*both, {"privilege.remove", dn});
  CHECK(left.steps.size() == 2);
  carry_out(*both, left);
  directory->modify("dn: " + group("doomed") + "\nchangetype: delete\n");
  const auto undo = both->plan_undo(left, left.prior);
  REQUIRE(undo);
  REQUIRE(undo->steps.size() == 1);
  CHECK(has(json::canonical(to_json(*undo)), group("doomed")));
  carry_out(*both, *undo);
  CHECK(sorted(directory->entry(group("written"))) == sorted(before));
}

TEST_CASE("openldap: what must not be touched, or is not clear, is refused") {
  auto* directory = TestDirectory::instance();
  if (directory == nullptr) return;
  const auto connector = directory->connector();
  CHECK(connector->plan({"account.block", "nobody@chu.test"}).error().code == ErrorCode::not_found);
  CHECK(connector->plan({"account.block", "cn=digue,ou=services,dc=chu,dc=test"}).error().code == ErrorCode::forbidden);
  // Another account that took the same address.
  const auto dn = directory->person("twin");
  directory->person("twin2", "mail: twin@chu.test\n");
  CHECK(connector->plan({"account.block", "twin@chu.test"}).error().code == ErrorCode::conflict);
  CHECK(connector->plan({"account.block", dn}));
  // A name is one value of a filter, whatever it holds.
  for (const auto* name : {"*", "twin*", "*)(uid=*", "twin)(|(uid=*", "\\2a", "uid=*,ou=people,dc=chu,dc=test", "ou=people,dc=other"})
    CHECK(connector->plan({"account.block", name}).error().code == ErrorCode::not_found);
  // A name that is no account's, however it is written; a base and a name of ours written with blanks.
  for (const auto* name : {"cn=admins,ou=groups,dc=chu,dc=test", "ou=people,dc=chu,dc=test", "dc=chu,dc=test"})
    CHECK(connector->plan({"account.block", name}).error().code == ErrorCode::not_found);
  auto spelt = directory->settings();
  spelt.values["base"] = "ou = People, DC=chu, dc=test";
  spelt.values["bind"] = "CN=digue, ou=services,dc=chu,dc=test";
  CHECK(directory->connector(spelt)->plan({"account.block", dn}));
  CHECK(directory->connector(spelt)->plan({"account.block", "ou=people,dc=chu,dc=test"}).error().code == ErrorCode::not_found);
  spelt.values["base"] = "dc=chu, dc=test";
  CHECK(directory->connector(spelt)->plan({"account.block", "cn=digue,ou=services,dc=chu,dc=test"}).error().code == ErrorCode::forbidden);
  // The last who administrates.
  const auto last = directory->person("lastadmin");
  directory->add("dn: cn=few,ou=groups,dc=chu,dc=test\nobjectClass: groupOfNames\ncn: few\nmember: " + last + "\n");
  auto settings = directory->settings();
  settings.values["admin_groups"] = json::Array{"cn=few,ou=groups,dc=chu,dc=test"};
  CHECK(planned(*directory->connector(settings), {"account.block", last}).risks == std::vector{Risk::last_administrator});
  // An emergency account, whose address the establishment gave.
  directory->person("rescue");
  settings = directory->settings();
  settings.values["emergency_accounts"] = json::Array{"Rescue@CHU.test"};
  for (const auto* capability : {"account.block", "password.reset", "privilege.remove"})
    CHECK(planned(*directory->connector(settings), {capability, "rescue"}).risks == std::vector{Risk::break_glass});
  settings.values["account_attributes"] = json::Array{"mail"};
  for (const auto* spelt_so : {"rescue", "CHU\\Rescue", "UID = Rescue, ou=people, dc=chu,dc=test"}) {
    INFO(spelt_so);
    settings.values["emergency_accounts"] = json::Array{spelt_so};
    CHECK(planned(*directory->connector(settings), {"account.block", "rescue@chu.test"}).risks == std::vector{Risk::break_glass});
    CHECK(planned(*directory->connector(settings), {"account.block", dn}).risks.empty());
  }
  // A policy without lockout: the lock would be there and hold nobody back.
  directory->add(
      "dn: cn=loose,ou=policies,dc=chu,dc=test\nobjectClass: device\nobjectClass: pwdPolicy\ncn: loose\npwdAttribute: userPassword\n");
  const auto loose = directory->person("loose", "pwdPolicySubentry: cn=loose,ou=policies,dc=chu,dc=test\n");
  CHECK(has(refusal(connector->plan({"account.block", loose})), "pwdLockout"));
  // A group that does not exist in the settings keeps nobody open.
  settings = directory->settings();
  settings.values["admin_groups"] = json::Array{"cn=nowhere,dc=chu,dc=test"};
  CHECK(planned(*directory->connector(settings), {"account.block", dn}).steps.size() == 1);
}

TEST_CASE("openldap: a lock whose rule cannot be seen is proven by the server's answer alone") {
  if (TestDirectory::instance() == nullptr) return;
  // `silent`: a server that does not say why it refuses. The policy is outside of what Digue looks at.
  for (const bool silent : {false, true}) {
    const TestDirectory directory("", true, silent);
    const auto dn = directory.person("unseen");
    auto settings = directory.settings();
    settings.values["base"] = "ou=people,dc=chu,dc=test";
    settings.values["admin_groups"] = json::Array{};
    const auto connector = directory.connector(settings);
    const auto plan = planned(*connector, {"account.block", dn});
    CHECK(has(json::canonical(to_json(plan)), "set “policy”"));
    carry_out(*connector, plan);
    CHECK(connector->verify(plan).value().back().good == !silent);
    settings.values["policy"] = "cn=default,ou=policies,dc=chu,dc=test";
    CHECK(directory.connector(settings)->verify(plan).value().back().good);
  }
  // The one policy that is seen has lockout and holds for nobody: the account stays open.
  const TestDirectory open("ppolicy_default cn=nowhere,ou=policies,dc=chu,dc=test\n", true, true);
  const auto dn = open.person("unheld");
  const auto connector = open.connector();
  const auto plan = planned(*connector, {"account.block", dn});
  CHECK(has(json::canonical(to_json(plan)), "set “policy”"));
  carry_out(*connector, plan);
  CHECK(has(open.sign_in(dn, "secret of unheld"), "dn:"));
  CHECK_FALSE(connector->verify(plan).value().back().good);
}

TEST_CASE("openldap: what changed, moved or went away since the plan is not touched") {
  auto* directory = TestDirectory::instance();
  if (directory == nullptr) return;
  const auto connector = directory->connector();
  const auto dn = directory->person("raced");
  const auto plan = planned(*connector, {"account.block", dn});
  directory->modify("dn: " + dn + "\nchangetype: modify\nadd: pwdAccountLockedTime\npwdAccountLockedTime: 20260101000000Z\n");
  CHECK(connector->stand(plan, plan.steps[0]).value() == Stand::other);
  CHECK(connector->apply(plan, plan.steps[0]).error().code == ErrorCode::conflict);
  CHECK(has(directory->entry(dn), "pwdAccountLockedTime: 20260101000000Z"));
  // A lock that ends by itself is replaced, and comes back by the undo.
  const auto over = planned(*connector, {"account.block", dn});
  carry_out(*connector, over);
  const auto undo = connector->plan_undo(over, over.prior);
  REQUIRE(undo);
  carry_out(*connector, *undo);
  CHECK(has(directory->entry(dn), "pwdAccountLockedTime: 20260101000000Z"));

  const auto moved = directory->person("moved");
  const auto for_moved = planned(*connector, {"account.block", moved});
  directory->rename(moved, "uid=renamed");
  const auto refused = connector->apply(for_moved, for_moved.steps[0]);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::conflict);
  CHECK(has(to_text(refused.error()), "uid=renamed"));
  CHECK(connector->plan({"account.block", moved}).error().code == ErrorCode::not_found);
  // Renamed after it was blocked: still proven, still undone.
  const auto now_named = planned(*connector, {"account.block", "moved@chu.test"});
  carry_out(*connector, now_named);
  directory->rename("uid=renamed,ou=people,dc=chu,dc=test", "uid=again");
  proven(*connector, now_named);
  auto back = connector->plan_undo(now_named, now_named.prior);
  REQUIRE(back);
  back->order = now_named.order;  // as the engine keeps it
  carry_out(*connector, *back);
  CHECK_FALSE(has(directory->entry("uid=again,ou=people,dc=chu,dc=test"), "pwdAccountLockedTime"));
}

TEST_CASE("openldap: lists of accounts, rights and password rules") {
  auto* directory = TestDirectory::instance();
  if (directory == nullptr) return;
  const auto connector = directory->connector();
  const auto dn = directory->person("planted");
  const auto lists = collected(*connector, {"account.list", {}, {{"since", "2026-01-01"}}});
  CHECK(has(lists.at("accounts-created.jsonl"), dn));
  CHECK(has(lists.at("accounts-created.jsonl"), "\"creator\":\"cn=root,dc=chu,dc=test\""));
  CHECK(has(lists.at("administrators.jsonl"), "cn=digue,ou=services"));
  CHECK_FALSE(has(collected(*connector, {"account.list", {}, {{"since", "2999-01-01"}}}).at("accounts-created.jsonl"), dn));
  CHECK(connector->collect({"account.list", {}, {{"since", "yesterday"}}}, [](Collected) -> Result<void> { return {}; }).error().code ==
        ErrorCode::bad_input);

  const auto rights = collected(*connector, {"privilege.list", "planted@chu.test"});
  CHECK(has(rights.at("account.ldif"), "dn: " + dn));
  CHECK(has(rights.at("account.ldif"), "createTimestamp: "));
  CHECK_FALSE(has(rights.at("account.ldif"), "userPassword"));
  const auto rules = collected(*connector, {"policy.read", {}}).at("password-policies.json");
  CHECK(has(rules, "\"pwdMinLength\":\"12\""));
  CHECK(has(rules, "cn=default,ou=policies,dc=chu,dc=test"));
}

TEST_CASE("openldap: a directory on its bad days says what is wrong, and that nothing was done") {
  auto* directory = TestDirectory::instance();
  if (directory == nullptr) return;
  const auto fails = [&](containment::Settings settings) {
    const auto plan = directory->connector(settings)->plan({"account.block", "nobody@chu.test"});
    REQUIRE_FALSE(plan);
    INFO(to_text(plan.error()));
    return plan.error().code;
  };
  auto settings = directory->settings();
  CHECK(fails(settings) == ErrorCode::not_found);
  settings.values["url"] = directory->plain_url();  // StartTLS
  CHECK(fails(settings) == ErrorCode::not_found);
  settings.values["pin"] = pin_of(directory->folder() + "/cert.pem");
  CHECK(fails(settings) == ErrorCode::not_found);
  settings.values["pin"] = "sha256//" + std::string(43, 'A') + "=";
  CHECK(fails(settings) == ErrorCode::io);
  settings = directory->settings();
  settings.values["ca_file"] = "";
  CHECK(fails(settings) == ErrorCode::io);
  settings = directory->settings();
  settings.secrets["password"] = "wrong";
  CHECK(fails(settings) == ErrorCode::forbidden);
  settings = directory->settings();
  settings.values["url"] = "ldaps://127.0.0.1:" + std::to_string(closed_port());
  CHECK(fails(settings) == ErrorCode::io);
  CHECK(directory->connector(settings)->test().error().code == ErrorCode::io);
  // Speaks, but not TLS; is silent; closes at once.
  settings.values["connect_seconds"] = 1;
  settings.values["seconds"] = 1;
  for (const auto& serve : {std::function<void(const Peer&)>([](const Peer& peer) { peer.send("HTTP/1.1 400 no\r\n\r\n"); }),
                            std::function<void(const Peer&)>([](const Peer& peer) { peer.wait_for_close(); }),
                            std::function<void(const Peer&)>([](const Peer&) {})}) {
    RawServer server(serve);
    settings.values["url"] = "ldaps://127.0.0.1:" + std::to_string(server.port());
    CHECK(fails(settings) == ErrorCode::io);
    settings.values["url"] = "ldap://127.0.0.1:" + std::to_string(server.port());
    CHECK(fails(settings) == ErrorCode::io);
  }
  for (const auto* url : {"http://x", "ldap://", "ldapi:///", "ldaps://x/dc=chu", "ldaps://x??sub", "x"}) {
    settings.values["url"] = url;
    CHECK(connect::connector_named("openldap")->make(settings).error().code == ErrorCode::bad_input);
  }
}

TEST_CASE("openldap: without rights, on a read-only copy, without ppolicy") {
  if (TestDirectory::instance() == nullptr) return;
  auto* directory = TestDirectory::instance();
  directory->add(
      "dn: cn=reader,ou=services,dc=chu,dc=test\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\ncn: reader\n"
      "userPassword: reader-secret\n");
  const auto dn = directory->person("kept");
  {
    const TestDirectory copy("readonly on\n");
    const auto connector = copy.connector();
    const auto plan = planned(*connector, {"account.block", "first@chu.test"});
    const auto refused = connector->apply(plan, plan.steps[0]);
    REQUIRE_FALSE(refused);
    INFO(to_text(refused.error()));
    CHECK(refused.error().code == ErrorCode::forbidden);
    CHECK(connector->stand(plan, plan.steps[0]).value() == Stand::before);
  }
  {
    const TestDirectory bare("", false);
    const auto one = bare.person("bare");
    const auto connector = bare.connector();
    CHECK(has(refusal(connector->plan({"account.block", one})), "ppolicy"));
    const auto all = connector->test();
    REQUIRE(all);
    CHECK(ready(*all, "account.block")->way == Readiness::Way::guided);
    CHECK(ready(*all, "password.reset")->way == Readiness::Way::automatic);
    auto plan = planned(*connector, {"password.reset", one});
    CHECK(plan.steps.size() == 1);
    carry_out(*connector, plan);
    CHECK(has(bare.sign_in(one, plan.secrets.at("password")), "dn:"));
    proven(*connector, plan);
    // Told and gone: nothing shows any more that it was set, nor that it was not.
    plan.secrets.erase("password");
    proven(*connector, plan);
  }
  auto settings = directory->settings();
  settings.values["bind"] = "cn=reader,ou=services,dc=chu,dc=test";
  settings.secrets["password"] = "reader-secret";
  CHECK_FALSE(directory->connector(settings)->plan({"account.block", dn}));
  const auto all = directory->connector()->test();
  REQUIRE(all);
  for (const auto& one : *all) {
    INFO(one.capability << " " << one.why.fr);
    CHECK(one.way == Readiness::Way::automatic);
    CHECK(one.why.en.starts_with("Writing was not tried") == (capability_named(one.capability)->reach == Reach::change));
  }
}
