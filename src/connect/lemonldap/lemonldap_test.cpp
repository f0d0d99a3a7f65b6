#include <doctest/doctest.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "base/crypto/hash.hpp"
#include "base/encoding.hpp"
#include "base/quote.hpp"
#include "base/text.hpp"
#include "connect/connectors.hpp"
#include "connect/lemonldap/server_test.hpp"

using namespace digue;
using namespace digue::containment;
using digue::lemonldap::TestPortal;

namespace {

#define NEEDS_PORTAL()                         \
  const auto* portal = TestPortal::instance(); \
  if (portal == nullptr) return;               \
  const auto connector = portal->connector()

constexpr auto attacker = R"({"type":"TOTP","name":"Téléphone \u202e <b>","epoch":"1764480000","_secret":"JBSWY3DPEHPK3PXP"})";
constexpr auto owner = R"({"type":"TOTP","name":"Téléphone","epoch":"1764400000","_secret":"KRSXG5CTMVRXEZLU"})";
constexpr auto key_of_owner = R"({"type":"WebAuthn","name":"Clé","epoch":"1764300000","_credentialPublicKey":"pQECAyYg","_signCount":4})";

ErrorCode code_of(const auto& result) {
  REQUIRE_FALSE(result.has_value());
  return result.error().code;
}
template <class Value>
Value must(Result<Value> result) {
  if (!result) FAIL(to_text(result.error()));
  return std::move(*result);
}

Order ending(const std::string& account) {
  return {"session.revoke", account, {}, {}, "IR-2026-001"};
}
Order removal(const std::string& account, const std::string& method, const std::string& epoch = {}) {
  Order out{"method.remove", account, {{"method", method}}, {}, "IR-2026-001"};
  if (!epoch.empty()) out.parameters["epoch"] = epoch;
  return out;
}

/// All steps, with the answers of pulses kept as the service keeps them.
void carry_out(Connector& connector, Plan& plan) {
  for (const auto& step : plan.steps) {
    const auto answer = must(connector.apply(plan, step));
    if (step.act == Act::pulse) plan.secrets["answer." + step.verb] = answer;
  }
}
bool all_good(const std::vector<Probe>& probes) {
  for (const auto& one : probes) {
    INFO(one.what << ": " << one.seen);
    CHECK(one.source.empty());
    if (!one.good) return false;
  }
  return !probes.empty();
}
std::string collected(Connector& connector, const std::string& capability, const std::string& account) {
  std::string out;
  auto done = connector.collect({capability, account, {}, {}, {}}, [&](const Collected& one) -> Result<void> {
    CHECK(out.empty());
    CHECK(one.content == "log");
    out = one.bytes;
    return {};
  });
  if (!done) FAIL(to_text(done.error()));
  return out;
}
std::string text_of(const Plan& plan) {
  std::string out = json::canonical(to_json(plan)) + plan.prior;
  for (const auto& [name, value] : plan.secrets) out += value;
  return out;
}

}  // namespace

TEST_CASE("lemonldap: everything is automatic on a portal that keeps its sessions, and what lacks is said") {
  NEEDS_PORTAL();
  const auto ready = must(connector->test());
  CHECK(ready.size() == 4);
  for (const auto& one : ready) CHECK(one.way == Readiness::Way::automatic);

  auto settings = portal->settings();
  const auto asks = [&](const std::string& text) {
    settings.values["helper"] = portal->program("other", text);
    return portal->connector(settings)->test();
  };
  const std::string start = "LLNG_DEFAULTCONFFILE=" + portal->folder(), program = DIGUE_SOURCE_DIR "/packaging/host/digue-sso-host \"$@\"";
  const std::string as = ::geteuid() == 0 ? "setpriv --reuid www-data --regid www-data --clear-groups " : "";
  for (const auto& one : must(asks(start + "/conf.kept.ini exec " + as + program)))
    CHECK((one.way == Readiness::Way::automatic) == one.capability.starts_with("session."));
  for (const auto& one : must(asks(start + "/none.ini exec " + as + program))) {
    CHECK(one.way == Readiness::Way::guided);
    CHECK(one.why.fr.find("LemonLDAP::NG") != std::string::npos);
  }
  if (::geteuid() == 0)
    for (const auto& one : must(asks(start + "/conf.ini exec " + program))) {
      CHECK(one.way == Readiness::Way::guided);
      CHECK(one.why.fr.find("not as root") != std::string::npos);
    }
  for (const auto* odd : {"echo '{}'", "echo '[1]'", "echo '{\"program\":\"digue-mail-host\"}'", "exit 0", "kill -9 $$"})
    CHECK(code_of(asks(odd)) == ErrorCode::io);
  settings.values["helper"] = "/nowhere/digue-sso-host";
  CHECK(code_of(portal->connector(settings)->test()) == ErrorCode::io);
}

TEST_CASE("lemonldap: settings that cannot be meant are refused by name") {
  const auto* maker = connect::connector_named("lemonldap");
  REQUIRE(maker != nullptr);
  const auto field = [&](json::Object values) {
    const auto made = maker->make({"sso", "lemonldap", std::move(values), {}});
    return made ? std::string() : made.error().where;
  };
  CHECK(field({}).empty());
  CHECK(field({{"account_attributes", json::Array{"uid", "mail"}}}).empty());
  CHECK(field({{"account_attributes", json::Array{"uid,mail"}}}) == "account_attributes");
  CHECK(field({{"helper", "digue-sso-host"}}) == "helper");
  CHECK(field({{"host", "sso.chu.test"}}) == "user");
}

TEST_CASE("lemonldap: sessions are listed by any name of the account, without what opens them") {
  NEEDS_PORTAL();
  const auto first = portal->sign_in("camille"), second = portal->sign_in("CAMILLE"), other = portal->sign_in("marie");
  for (const auto* name : {"camille", "Camille", "CAMILLE@chu.test"}) {
    INFO(name);
    const auto text = collected(*connector, "session.list", name);
    for (const auto& id : {first, second}) {
      CHECK(text.find(id) == std::string::npos);
      CHECK(text.find(to_hex(sha256(id))) != std::string::npos);
    }
    CHECK(text.find(to_hex(sha256(other))) == std::string::npos);
    CHECK(text.find(R"("from":"127.0.0.1")") != std::string::npos);
    CHECK(text.find("successLogin") != std::string::npos);
  }
  CHECK(portal->who(first) == "camille");
  portal->sign_in("paul");
  CHECK(collected(*connector, "session.list", "accueil@chu.test").find("paul") != std::string::npos);
  portal->sign_in("jean");
  const auto shared = connector->plan(ending("accueil@chu.test"));
  CHECK(code_of(shared) == ErrorCode::bad_input);
  CHECK(to_text(shared.error()).find("jean, paul") != std::string::npos);

  const auto nothing = [](const Collected&) -> Result<void> { return {}; };
  const auto list = [&](const std::string& name) { return connector->collect({"session.list", name, {}, {}, {}}, nothing); };
  for (const auto* name : {"nobody", "camill", "camille*", ".*", "$(touch gone)", "'; exit 0; '", "--help", "../camille", "a b"})
    CHECK(code_of(list(name)) == ErrorCode::not_found);
  for (const auto& name : {std::string(), std::string(" "), std::string("camille\n"), std::string("\x1b[2J"), std::string("camille\u202e"),
                           std::string("\xff"), std::string(321, 'x'), std::string("camille\0", 8)})
    CHECK(code_of(list(name)) == ErrorCode::bad_input);
}

TEST_CASE("lemonldap: all sessions end, the portal is seen to refuse them, and those opened right after are seen") {
  NEEDS_PORTAL();
  const auto first = portal->sign_in("camille"), second = portal->sign_in("CAMILLE"), other = portal->sign_in("marie");
  auto plan = must(connector->plan(ending("camille@chu.test")));
  CHECK(plan.undo == Undo::irreversible);
  REQUIRE(plan.steps.size() == 1);
  CHECK(plan.steps[0].act == Act::pulse);
  CHECK(!plan.care.empty());
  CHECK(plan.prior.find(to_hex(sha256(first))) != std::string::npos);
  for (const auto& id : {first, second}) CHECK(text_of(plan).find(id) == std::string::npos);
  CHECK(portal->who(first) == "camille");
  const auto between = portal->sign_in("camille");

  carry_out(*connector, plan);
  for (const auto& id : {first, second, between}) CHECK(portal->who(id).empty());
  CHECK(portal->who(other) == "marie");
  CHECK(plan.secrets["answer.session.end"].find(between) == std::string::npos);
  const auto proven = must(connector->verify(plan));
  CHECK(all_good(proven));
  CHECK(proven.back().what == "portal");

  // Sent again after a crash: nothing is left to be tried.
  auto again = plan;
  carry_out(*connector, again);
  CHECK(all_good(must(connector->verify(again))));
  portal->sign_in("camille");
  CHECK_FALSE(all_good(must(connector->verify(plan))));
  CHECK(code_of(connector->plan_undo(plan, plan.prior)) == ErrorCode::bad_input);
  auto rest = must(connector->plan(ending("camille")));
  carry_out(*connector, rest);
}

TEST_CASE("lemonldap: a session that the portal goes on accepting is no proof") {
  NEEDS_PORTAL();
  portal->sign_in("marie");
  auto settings = portal->settings();
  const auto told = R"({"now":%s,"ended":[],"trial":{"at":1764480000,"tried":2,"refused":1,"seen":"accepted"}})";
  settings.values["helper"] = portal->program(
      "half", "[ \"$1\" != sessions-end ] && exec " + portal->folder() + "/sso \"$@\"\nprintf '" + told + "' \"$(date +%s)\"");
  const auto half = portal->connector(settings);
  auto plan = must(half->plan(ending("marie")));
  carry_out(*half, plan);
  const auto probes = must(half->verify(plan));
  CHECK_FALSE(probes.front().good);  // the session is still there
  CHECK_FALSE(probes.back().good);
}

TEST_CASE("lemonldap: one second factor is removed by type and date, from the account and from its open session") {
  NEEDS_PORTAL();
  portal->clear_methods("marie");
  const auto id = portal->sign_in("marie");
  for (const auto* one : {owner, attacker, key_of_owner}) portal->enrol("marie", one, id);
  const auto listed = collected(*connector, "method.list", "marie@chu.test");
  for (const auto* secret : {"JBSWY3DPEHPK3PXP", "KRSXG5CTMVRXEZLU", "pQECAyYg"}) CHECK(listed.find(secret) == std::string::npos);
  CHECK(listed.find(R"("epoch":"1764480000")") != std::string::npos);

  auto plan = must(connector->plan(removal("marie", "totp", "1764480000")));
  REQUIRE(plan.steps.size() == 1);
  CHECK(plan.steps[0].says.fr.find("2025-11-30T05:20:00") != std::string::npos);
  CHECK(plan.undo == Undo::irreversible);
  CHECK(text_of(plan).find("JBSWY3DPEHPK3PXP") == std::string::npos);
  bool open_told = false;
  for (const auto& note : plan.notes) open_told |= note.en.find("are open") != std::string::npos;
  CHECK(open_told);
  CHECK(must(connector->stand(plan, plan.steps[0])) == Stand::before);
  CHECK_FALSE(all_good(must(connector->verify(plan))));
  carry_out(*connector, plan);
  for (const auto& left : {portal->methods("marie"), portal->methods_of_session(id)}) {
    CHECK(left.find("JBSWY3DPEHPK3PXP") == std::string::npos);
    CHECK(left.find("KRSXG5CTMVRXEZLU") != std::string::npos);
    CHECK(left.find("pQECAyYg") != std::string::npos);
  }
  CHECK(must(connector->stand(plan, plan.steps[0])) == Stand::after);
  CHECK(all_good(must(connector->verify(plan))));
  CHECK(code_of(connector->apply(plan, plan.steps[0])) == ErrorCode::conflict);
  CHECK(code_of(connector->plan_undo(plan, plan.prior)) == ErrorCode::bad_input);

  // A key that was used since is the same key; another one of that name and date is not.
  auto key = must(connector->plan(removal("marie", "WebAuthn", "1764300000")));
  auto used = portal->methods("marie");
  used.replace(used.find("\"_signCount\":4"), 14, "\"_signCount\":5");
  portal->clear_methods("marie");
  portal->enrol("marie", used.substr(1, used.size() - 2));
  CHECK(must(connector->stand(key, key.steps[0])) == Stand::before);
  carry_out(*connector, key);
  CHECK(portal->methods("marie").find("pQECAyYg") == std::string::npos);
}

TEST_CASE("lemonldap: a second factor that is not the planned one any more stays") {
  NEEDS_PORTAL();
  portal->clear_methods("jean");
  portal->enrol("jean", attacker);
  const auto plan = must(connector->plan(removal("jean", "TOTP", "1764480000")));
  std::string replaced = attacker;
  replaced.replace(replaced.find("JBSW"), 4, "AAAA");
  portal->clear_methods("jean");
  portal->enrol("jean", replaced);
  CHECK(code_of(connector->apply(plan, plan.steps[0])) == ErrorCode::conflict);
  CHECK(portal->methods("jean").find("AAAA") != std::string::npos);
  const auto probes = must(connector->verify(plan));
  CHECK(probes.back().seen.find("1764480000") != std::string::npos);  // the other one is shown

  // Half of a list is not an empty one.
  portal->clear_methods("jean");
  portal->enrol("jean", R"({"type":"TOTP)");
  CHECK(must(connector->stand(plan, plan.steps[0])) == Stand::other);
  CHECK_FALSE(all_good(must(connector->verify(plan))));
  CHECK(code_of(connector->plan(removal("jean", "all"))) == ErrorCode::conflict);
  auto rest = must(connector->plan(ending("jean")));
  carry_out(*connector, rest);
  const auto file = portal->folder() + "/kept/" + std::string(trim(testing::output_of("printf %s jean | md5sum | cut -c 1-32")));
  std::ofstream(file) << "{half";
  CHECK(must(connector->stand(plan, plan.steps[0])) == Stand::other);
  CHECK_FALSE(all_good(must(connector->verify(plan))));
  std::ofstream(file) << R"({"_session_kind":"Persistent","_session_uid":"jean","_session_id":")" << file.substr(file.size() - 32) << "\"}";
  CHECK(must(connector->stand(plan, plan.steps[0])) == Stand::after);
  portal->clear_methods("jean");
}

TEST_CASE("lemonldap: what to remove has to be said, and all is said too") {
  NEEDS_PORTAL();
  portal->clear_methods("paul");
  CHECK(must(connector->plan(removal("paul", "all"))).steps.empty());
  for (const auto* one : {owner, attacker}) portal->enrol("paul", one);
  const auto vague = connector->plan(removal("paul", "TOTP"));
  CHECK(code_of(vague) == ErrorCode::not_found);
  CHECK(vague.error().help.find("1764480000") != std::string::npos);
  CHECK(code_of(connector->plan(removal("paul", "U2F", "1764480000"))) == ErrorCode::not_found);
  CHECK(code_of(connector->plan(removal("paul", "all", "1764480000"))) == ErrorCode::bad_input);
  CHECK(code_of(connector->plan(removal("nobody", "all"))) == ErrorCode::not_found);
  CHECK(code_of(connector->plan({"account.block", "paul", {}, {}, {}})) == ErrorCode::bad_input);

  auto plan = must(connector->plan(removal("paul", "all")));
  CHECK(plan.steps.size() == 2);
  // Two at once, each its own: neither puts back what the other took.
  const auto second = portal->connector();
  Result<std::string> there = fail(ErrorCode::io, {});
  std::thread other([&] { there = second->apply(plan, plan.steps[1]); });
  const auto here = connector->apply(plan, plan.steps[0]);
  other.join();
  INFO((here ? *here : to_text(here.error())) << " / " << (there ? *there : to_text(there.error())));
  CHECK(here.has_value());
  CHECK(there.has_value());
  CHECK(portal->methods("paul") == "[]");
  CHECK(all_good(must(connector->verify(plan))));
}

TEST_CASE("lemonldap: the program splits the words of a forced command as they were quoted") {
  if (::geteuid() != 0 || ::access("/usr/bin/sudo", X_OK) != 0) {
    MESSAGE("skipped: digue-sso-host as a forced command: not root, or sudo is not installed");
    return;
  }
  const auto said = [](const std::vector<std::string>& words) {
    std::string command = "sudo -n /usr/sbin/digue-sso-host";
    for (const auto& one : words) command += " " + must(quote::sh_bytes(one));
    return testing::output_of("SSH_ORIGINAL_COMMAND=" + must(quote::sh_bytes(command)) +
                              " " DIGUE_SOURCE_DIR "/packaging/host/digue-sso-host forced 2>&1; echo $?");
  };
  // Through sudo it runs as root here, which it refuses once its words are good.
  for (const auto* name : {"camille", "o'brien", "''", "a  b", "$(touch gone)", "\\'", "; exit 0", "*", "\"x\"", "é"})
    CHECK(said({"sessions", name, "uid"}).find("not as root") != std::string::npos);
  CHECK(said({"sessions", "a", "b", "uid"}).find("wrong number") != std::string::npos);
  CHECK(said({"sessions", "a\n", "uid"}).find("not allowed") != std::string::npos);
  CHECK(said({"sessions", "a", "uid; id"}).find("not as root") != std::string::npos);
  CHECK(said({"forced"}).find("no verb") != std::string::npos);
  CHECK(said({"get", "a"}).find("a verb is needed") != std::string::npos);
}
