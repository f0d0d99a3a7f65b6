#include <doctest/doctest.h>

#include "base/text.hpp"
#include "connect/ldap/steps_test.hpp"
#include "connect/rspamd/server_test.hpp"

using namespace digue;
using namespace digue::containment;
using digue::ldap::carry_out;
using digue::ldap::planned;
using digue::ldap::proven;
using digue::rspamd::block;
using digue::rspamd::taken_back;
using digue::rspamd::TestRspamd;

namespace {

const std::string somebody = "labo@partner.example";

std::string with_link(const std::string& link) {
  return "Content-Type: text/html; charset=utf-8\n\n<p>Please <a href=\"" + html(link) + "\">sign in</a></p>\n";
}
std::string in_text(const std::string& link) {
  return "Content-Type: text/plain; charset=utf-8\n\nPlease sign in: " + link + " today\n";
}

}  // namespace

TEST_CASE("rspamd: a page is refused however its link is written, others of the site are not") {
  auto* server = TestRspamd::instance();
  if (server == nullptr) return;
  const std::string before = "# colleagues'\nold.example\n";
  server->write("url", before);
  const auto connector = server->connector();
  const auto link = "https://Evil.example/login?session=3#marie";
  CHECK(server->soon(somebody, "no action", with_link(link)) == "no action");
  const auto plan = planned(*connector, block("url.block", "url", "hxxps://evil[.]example/Login"));
  REQUIRE(plan.steps.size() == 1);
  CHECK(plan.steps.front().after.starts_with("evil.example/login # IR-2026-003 until "));
  CHECK(plan.undo == Undo::reversible);
  carry_out(*connector, plan);
  CHECK(server->text("url") == plan.steps.front().after + "\n" + before);
  proven(*connector, plan);
  CHECK(connector->verify(plan).value().size() == 3);
  for (const auto* one :
       {link, "http://evil.example/login", "http://evil.example:8080/LOGIN?x", "http://www.bank.example@evil.example/login"}) {
    INFO(one);
    CHECK(server->action(somebody, with_link(one)) == "reject");
    CHECK(server->action(somebody, in_text(one)) == "reject");
  }
  for (const auto* one :
       {"https://evil.example/", "https://evil.example/login/x", "https://www.evil.example/login", "https://notevil.example/login"}) {
    INFO(one);
    CHECK(server->action(somebody, with_link(one)) == "no action");
  }
  // Known of this Rspamd, and said in the plan: it does not look at images.
  CHECK(server->action(somebody, "Content-Type: text/html\n\n<img src=\"https://evil.example/login\">\n") == "no action");
  taken_back(*connector, plan);
  CHECK(server->text("url") == before);
  CHECK(server->soon(somebody, "no action", with_link(link)) == "no action");
}

TEST_CASE("rspamd: a whole site, one query, and keys that need quotes") {
  auto* server = TestRspamd::instance();
  if (server == nullptr) return;
  server->write("url", "# urls\n");
  const auto connector = server->connector();
  struct Case {
    std::string given, key, refused, passes;
  };
  for (const auto& [given, key, refused, passes] : {
           Case{"evil.example", "evil.example", "https://evil.example/any?x", "https://mail.evil.example/any"},
           Case{"https://192.0.2.9", "192.0.2.9", "http://0xC0000209/x", "http://192.0.2.8/x"},
           Case{"https://share.example/get?id=A+1%23x", "\"share.example/get?id=a 1#x\"", "http://share.example/get?id=a%201%23x#y",
                "https://share.example/get?id=2"},
           Case{"https://share.example/?id=7", "share.example/path?id=7", "https://share.example?id=7", "https://share.example/"},
           Case{"https://share.example/Documents%20partag%C3%A9s/", "\"share.example/documents partagés/\"",
                "https://share.example/Documents%20partagés/?web=1", "https://share.example/Documents"},
           Case{"https://share.example/it's%25;a=(b)", "share.example/it's%;a=(b)", "https://share.example/it's%25;a=(b)",
                "https://share.example/it"},
       }) {
    INFO(given);
    const auto plan = planned(*connector, block("url.block", "url", given));
    REQUIRE(plan.steps.size() == 1);
    CHECK(plan.steps.front().after.starts_with(key + " # IR-2026-003 until "));
    CHECK(plan.steps.front().object == server->map("url") + " " + key);
    carry_out(*connector, plan);
    proven(*connector, plan);
    CHECK(server->action(somebody, with_link(refused)) == "reject");
    CHECK(server->action(somebody, with_link(passes)) == "no action");
    CHECK(planned(*connector, block("url.block", "url", given)).steps.empty());
    taken_back(*connector, plan);
    CHECK(server->text("url") == "# urls\n");
  }
}

TEST_CASE("rspamd: links that hide another line, and the establishment's own, are refused") {
  auto* server = TestRspamd::instance();
  if (server == nullptr) return;
  server->write("url", "# urls\n");
  const auto connector = server->connector();
  for (const auto* given : {"", "http://evil.example/a%0a*", "http://evil.example/a\" # \"b", "/.*/", "evil.example #", "a@evil.example"}) {
    INFO(given);
    const auto plan = connector->plan(block("url.block", "url", given));
    REQUIRE_FALSE(plan);
    CHECK(plan.error().code == ErrorCode::bad_input);
    CHECK_FALSE(plan.error().help.empty());
  }
  for (const auto* own : {"https://chu.test/x", "webmail.CHU.test", "http://bank.example@www.chu.test./x"})
    CHECK(connector->plan(block("url.block", "url", own)).error().code == ErrorCode::forbidden);
  CHECK(planned(*connector, block("url.block", "url", "https://notchu.test/x")).steps.size() == 1);
  CHECK(planned(*connector, block("url.block", "url", "https://chu.test.evil.example/x")).steps.size() == 1);
  CHECK(planned(*connector, block("url.block", "url", "https://xn--vil-bla.example/x")).notes.size() ==
        planned(*connector, block("url.block", "url", "https://evil.example/x")).notes.size() + 1);
  CHECK(server->text("url") == "# urls\n");
}

TEST_CASE("rspamd: a URL whose rule is missing is not proven") {
  auto* server = TestRspamd::instance();
  if (server == nullptr) return;
  server->write("domain", "# domains\n");
  auto settings = server->settings();
  settings.values["url_map"] = server->map("domain");
  const auto connector = server->connector(settings);
  const auto plan = planned(*connector, block("url.block", "url", "https://evil.example/unasked"));
  carry_out(*connector, plan);
  const auto probes = connector->verify(plan).value();
  CHECK(probes.at(0).good);
  CHECK_FALSE(probes.at(1).good);
  taken_back(*connector, plan);
}
