#include "connect/dovecot/passdbs.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>

#include "connect/dovecot/server_test.hpp"

using namespace digue;
using namespace digue::dovecot;
using namespace digue::containment;
using namespace digue::testing;

namespace {

std::string drivers(const std::string& text, const std::string& account = "a@chu.test") {
  std::string out;
  for (const auto& one : others_than("/users", account, passdbs_of(text))) out += one.driver + " ";
  return out;
}

std::string passdb(const std::string& driver, const std::string& more = {}) {
  return "passdb {\n  driver = " + driver + "\n" + more + "}\n";
}

const std::string ours = "  args = /users\n";

const Probe& probe(const std::vector<Probe>& probes, std::string_view what) {
  const auto at = std::find_if(probes.begin(), probes.end(), [&](const auto& one) { return one.what == what; });
  REQUIRE(at != probes.end());
  return *at;
}

Plan carried_out(Connector& connector, const std::string& capability, const std::string& account) {
  auto plan = connector.plan({capability, account});
  if (!plan) FAIL(to_text(plan.error()));
  for (const auto& step : plan->steps) {
    const auto done = connector.apply(*plan, step);
    if (!done) FAIL(to_text(done.error()));
  }
  return *plan;
}

bool notes(const Plan& plan, const std::string& text) {
  return std::any_of(plan.notes.begin(), plan.notes.end(), [&](const auto& one) { return one.en.find(text) != std::string::npos; });
}

}  // namespace

TEST_CASE("dovecot passdbs: what may let an account in whose line is locked") {
  const auto file = passdb("passwd-file", ours);
  CHECK(drivers(file) == "");
  CHECK(drivers("") == "");
  CHECK(drivers(file + file) == "");
  CHECK(drivers(file + passdb("pam") + passdb("static")) == "pam static ");
  CHECK(drivers(passdb("ldap", "  args = /etc/dovecot/ldap.conf\n") + file) == "ldap ");
  CHECK(drivers(file + passdb("passwd-file", "  args = /users2\n")) == "passwd-file ");
  // Others' passwords, lists of who is refused, and fields for whom another let in.
  CHECK(drivers(passdb("passwd-file", "  deny = yes\n") + passdb("passwd-file", "  master = yes\n") + file) == "");
  CHECK(drivers(file + passdb("static", "  skip = unauthenticated\n")) == "");
  CHECK(drivers(file + passdb("pam", "  skip = authenticated\n")) == "pam ");
  CHECK(drivers(file + passdb("pam", "  result_success = return-fail\n")) == "");
  CHECK(drivers(passdb("pam", "  result_success = continue\n") + file) == "pam ");
  // A refusal that ends it, for those whom it concerns.
  for (const std::string rule : {"return", "return-fail"})
    CHECK(drivers(passdb("passwd-file", ours + "  result_failure = " + rule + "\n") + passdb("pam")) == "");
  const auto last = ours + "  result_failure = return-fail\n";
  CHECK(drivers(passdb("ldap") + passdb("passwd-file", last) + passdb("pam")) == "ldap ");
  CHECK(drivers(passdb("passwd-file", last + "  username_filter = *@other.test\n") + passdb("pam")) == "pam ");
  CHECK(drivers(passdb("passwd-file", last + "  username_filter = *@chu.test\n") + passdb("pam")) == "");
  CHECK(drivers(passdb("passwd-file", last + "  username_filter = *@chu.test\n") + passdb("pam"), "") == "pam ");
  CHECK(drivers(passdb("passwd-file", last + "  mechanisms = plain\n") + passdb("oauth2")) == "oauth2 ");
  CHECK(drivers(passdb("passwd-file", last) + "protocol imap {\n  passdb {\n    driver = ldap\n  }\n") == "ldap ");
  CHECK(drivers("auth_mechanisms = plain gssapi gss-spnego login\n" + file) == "auth_mechanisms gss-spnego auth_mechanisms gssapi ");
  // Dovecot knows their names in any case; Samba answers for NTLM where it is told so, whatever is locked here.
  const auto last_word = passdb("passwd-file", ours + "  result_failure = return-fail\n");
  CHECK(drivers("auth_mechanisms = PLAIN GSSAPI\n" + last_word) == "auth_mechanisms gssapi ");
  CHECK(drivers("auth_mechanisms = plain NTLM\n" + last_word) == "");
  CHECK(drivers("auth_mechanisms = plain NTLM\nauth_use_winbind = no\n" + last_word) == "");
  CHECK(drivers("auth_mechanisms = plain NTLM\nauth_use_winbind = yes\n" + last_word) == "auth_mechanisms ntlm ");
  // Whom a database is asked for.
  const auto asked = [&](const std::string& filter) {
    return drivers(file + passdb("pam", "  username_filter = " + filter + "\n")) == "pam ";
  };
  CHECK(asked("*@chu.test"));
  CHECK(asked("b@x, ?@*"));
  CHECK(asked("!b@*"));
  CHECK_FALSE(asked("!*@chu.test"));
  CHECK_FALSE(asked("*@chu.test !a@*"));
  CHECK_FALSE(asked("*@chu.tes"));
  CHECK_FALSE(asked("A@chu.test"));
  CHECK(drivers(file + passdb("pam", "  username_filter = b@*\n"), "") == "pam ");
}

TEST_CASE("dovecot passdbs: where another one takes the old password, neither block nor reset is called proven until it is closed there") {
  if (TestServer::instance() == nullptr) return;
  TestServer server("", "passdb {\n  driver = passwd-file\n  args = scheme=PLAIN @/users/second\n}\n");
  const auto second = server.folder() + "/users/second";
  const auto account = server.account("second"), other = server.account("second");
  const auto connector = server.connector();
  const auto ready = connector->test().value();
  const auto block_ready = std::find_if(ready.begin(), ready.end(), [](const auto& one) { return one.capability == "account.block"; });
  CHECK(block_ready->way == Readiness::Way::automatic);
  CHECK(block_ready->why.en.find(second) != std::string::npos);

  const auto block = carried_out(*connector, "account.block", account);
  CHECK(notes(block, second));
  CHECK(server.takes(account, "secret of " + account));
  const auto open = connector->verify(block).value();
  CHECK(probe(open, "imap").good);
  CHECK_FALSE(probe(open, "passdbs").good);
  CHECK(probe(open, "passdbs").seen.find(second) != std::string::npos);
  // Asked again for what is locked already, it is looked at again all the same.
  const auto again = carried_out(*connector, "account.block", account);
  REQUIRE(again.steps.size() == 1);
  CHECK(again.steps[0].act == Act::pulse);
  CHECK_FALSE(probe(connector->verify(again).value(), "passdbs").good);

  const auto reset = carried_out(*connector, "password.reset", other);
  CHECK(notes(reset, second));
  CHECK(server.takes(other, "secret of " + other));
  CHECK_FALSE(probe(connector->verify(reset).value(), "passdbs").good);

  // The host may look there too, and a second connector closes it.
  std::ofstream(server.folder() + "/host.conf", std::ios::app) << "passwd " << second << "\n";
  CHECK_FALSE(probe(connector->verify(block).value(), "passdbs").good);
  auto settings = server.settings();
  settings.values["passwd_file"] = second;
  const auto there = server.connector(settings);
  const auto rest = carried_out(*there, "account.block", account);
  CHECK_FALSE(notes(rest, "users/passwd"));
  CHECK_FALSE(server.takes(account, "secret of " + account));
  for (auto* one : {connector.get(), there.get()}) {
    const auto probes = one->verify(one == connector.get() ? block : rest).value();
    for (const auto& seen : probes) CHECK_MESSAGE(seen.good, seen.what, seen.seen);
  }
  CHECK(connector->plan({"account.block", account})->steps.empty());
  CHECK(notes(connector->plan({"account.block", other}).value(), second));
}

TEST_CASE("dovecot passdbs: a refusal that Dovecot takes for the last word closes the account; what cannot be read is said") {
  if (TestServer::instance() == nullptr) return;
  TestServer server("  result_failure = return-fail\n", "passdb {\n  driver = passwd-file\n  args = @/users/second\n}\n");
  const auto account = server.account("last word");
  const auto connector = server.connector();
  const auto block = carried_out(*connector, "account.block", account);
  CHECK_FALSE(notes(block, "users/second"));
  CHECK_FALSE(server.takes(account, "secret of " + account));
  const auto probes = connector->verify(block).value();
  for (const auto& one : probes) CHECK_MESSAGE(one.good, one.what, one.seen);
  std::ofstream(server.folder() + "/host.conf", std::ios::app) << "dovecot /nonexistent/dovecot.conf\n";
  const auto unread = connector->verify(block).value();
  CHECK_FALSE(probe(unread, "passdbs").good);
  CHECK(probe(unread, "passdbs").seen.find("doveconf cannot read /nonexistent/dovecot.conf") != std::string::npos);
  CHECK(notes(connector->plan({"account.block", account}).value(), "cannot be read"));
}
