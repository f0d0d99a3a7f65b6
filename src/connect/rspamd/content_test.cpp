#include <doctest/doctest.h>

#include "base/crypto/hash.hpp"
#include "base/encoding.hpp"
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

std::string multipart(const std::string& part, const std::string& border = "b1") {
  return "Content-Type: multipart/mixed; boundary=" + border + "\n\n--" + border + "\nContent-Type: text/plain\n\nSee the file.\n--" +
         border + "\n" + part + "\n--" + border + "--\n";
}
std::string file(const std::string& encoding, const std::string& bytes, const std::string& type = "application/octet-stream") {
  return "Content-Type: " + type +
         "; name=invoice.bin\nContent-Disposition: attachment; filename=invoice.bin\nContent-Transfer-Encoding: " + encoding + "\n\n" +
         bytes;
}
std::string with_file(const std::string& bytes) {
  return multipart(file("base64", base64(bytes)));
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
    const auto order = block("url.block", "url", given);
    const auto plan = planned(*connector, order);
    REQUIRE(plan.steps.size() == 1);
    CHECK(plan.steps.front().after.starts_with(key + " # IR-2026-003 until "));
    CHECK(plan.steps.front().object == server->map("url") + " " + key);
    carry_out(*connector, plan);
    proven(*connector, plan);
    CHECK(server->action(somebody, with_link(refused)) == "reject");
    CHECK(server->action(somebody, with_link(passes)) == "no action");
    CHECK(planned(*connector, order).steps.empty());
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

TEST_CASE("rspamd: a file is refused by its hash, and a sample proves the rule") {
  auto* server = TestRspamd::instance();
  if (server == nullptr) return;
  const std::string before = "# files\n";
  server->write("attachment", before);
  const auto connector = server->connector();
  const std::string bytes = "MZ\x90\x03 \xff\x01 dropper", hash = to_hex(sha256(bytes));
  CHECK(server->soon(somebody, "no action", with_file(bytes)) == "no action");
  auto upper = hash;
  for (auto& c : upper) c = c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c;
  const auto plan = planned(*connector, block("attachment.block", "sha256", " " + upper + " "));
  REQUIRE(plan.steps.size() == 2);
  CHECK(plan.steps[0].after.starts_with(hash + " # IR-2026-003 until "));
  CHECK(plan.steps[1].after.substr(64) == plan.steps[0].after.substr(64));
  carry_out(*connector, plan);
  CHECK(server->text("attachment") == plan.steps[1].after + "\n" + plan.steps[0].after + "\n" + before);
  proven(*connector, plan);
  CHECK(connector->verify(plan).value().size() == 4);

  CHECK(server->action(somebody, with_file(bytes)) == "reject");
  CHECK(server->action(somebody, multipart(file("base64", base64(bytes), "text/html"))) == "reject");
  CHECK(server->action(somebody, multipart("Content-Type: message/rfc822\n\nSubject: forwarded\nMIME-Version: 1.0\n" +
                                           multipart(file("base64", base64(bytes)), "b2"))) == "reject");
  CHECK(server->action(somebody, with_file(bytes + "x")) == "no action");
  // Known of this Rspamd, and said in the plan: it takes the line end before the border for a part of the file.
  CHECK(server->action(somebody, multipart(file("quoted-printable", "MZ=90=03 =FF=01 dropper"))) == "no action");

  const auto undo = taken_back(*connector, plan);
  CHECK(undo.steps.size() == 2);
  CHECK(server->text("attachment") == before);
  CHECK(server->soon(somebody, "no action", with_file(bytes)) == "no action");
  CHECK(connector->plan_undo(plan, plan.prior).value().steps.empty());
  CHECK(connector->plan_undo(plan, planned(*connector, block("attachment.block", "sha256", to_hex(sha256("other")))).prior).error().code ==
        ErrorCode::bad_input);
}

TEST_CASE("rspamd: of two lines of a file, the one that is left is taken back") {
  auto* server = TestRspamd::instance();
  if (server == nullptr) return;
  server->write("attachment", "# files\n");
  const auto connector = server->connector();
  const auto hash = to_hex(sha256("dropper"));
  const auto plan = planned(*connector, block("attachment.block", "sha256", hash));
  REQUIRE(plan.steps.size() == 2);

  SUBCASE("a colleague removed the file's") {
    carry_out(*connector, plan);
    server->write("attachment", plan.steps[1].after + "\n# files\n");
    CHECK_FALSE(connector->verify(plan).value().front().good);
    const auto undo = taken_back(*connector, plan);
    CHECK(undo.steps.size() == 1);
    CHECK(undo.mail.empty());
  }
  SUBCASE("it ended between the two") {
    REQUIRE(connector->apply(plan, plan.steps[0]));
    CHECK(connector->stand(plan, plan.steps[1]).value() == Stand::before);
    CHECK_FALSE(connector->verify(plan).value().at(1).good);
    CHECK(taken_back(*connector, plan).steps.size() == 1);
  }
  SUBCASE("a colleague refuses the file as well") {
    carry_out(*connector, plan);
    server->write("attachment", server->text("attachment") + hash + " # colleague\n");
    const auto undo = taken_back(*connector, plan);
    CHECK(undo.mail.empty());
    CHECK(server->text("attachment") == "# files\n" + hash + " # colleague\n");
    server->write("attachment", "# files\n");
  }
  CHECK(server->text("attachment") == "# files\n");
}

TEST_CASE("rspamd: without an address for trials, an attachment's line is alone, and nothing is claimed") {
  auto* server = TestRspamd::instance();
  if (server == nullptr) return;
  server->write("attachment", "# files\n");
  auto settings = server->settings();
  settings.values["check_url"] = "";
  const auto silent = server->connector(settings);
  const auto plan = planned(*silent, block("attachment.block", "sha256", to_hex(sha256("dropper"))));
  REQUIRE(plan.steps.size() == 1);
  carry_out(*silent, plan);
  CHECK(silent->verify(plan).value().back().expected == "no trial possible");
  // An address that is set later finds no sample to try.
  const auto connector = server->connector();
  CHECK(connector->verify(plan).value().back().expected == "no trial possible");
  taken_back(*connector, plan);
  CHECK(server->text("attachment") == "# files\n");
  for (const auto& wrong : {std::string("x"), std::string(64, 'g'), std::string(63, 'a'), std::string(65, 'a'),
                            std::string(64, 'a') + "\nb", to_hex(sha256(""))}) {
    INFO(wrong);
    CHECK(connector->plan(block("attachment.block", "sha256", wrong)).error().code == ErrorCode::bad_input);
  }
}
