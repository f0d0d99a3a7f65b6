#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "connect/dovecot/mailbox.hpp"
#include "connect/dovecot/server_test.hpp"

using namespace digue;
using namespace digue::dovecot;
using namespace digue::containment;

namespace {

/// The messages of a folder as files, which the connector never sees.
std::vector<std::string> files(const TestServer& server, const std::string& account, const std::string& folder = "") {
  std::vector<std::string> out;
  for (const auto* part : {"new", "cur"}) {
    std::error_code absent;
    for (const auto& one : std::filesystem::directory_iterator(server.folder() + "/mail/" + account + "/" + folder + part, absent)) {
      std::ifstream file(one.path());
      std::ostringstream text;
      text << file.rdbuf();
      out.push_back(text.str());
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::string count(const TestServer& server, const std::string& account, const std::string& query) {
  return server.doveadm("search -u " + quoted(account) + " " + query + " | wc -l");
}

}  // namespace

TEST_CASE("dovecot: mail that is no UTF-8 is exported byte for byte where the mail host may read it, and is marked elsewhere") {
  auto* server = TestServer::instance();
  if (server == nullptr) return;
  const auto account = server->account("bytes");
  std::string every;
  for (int byte = 1; byte < 256; ++byte)
    if (byte != '\n' && byte != '\r') every.push_back(static_cast<char>(byte));
  server->deliver(account, "a@x.example", "Latin", "<latin@x.example>", "caf\xe9 \xa0\xff\r\n" + every + "\r\n");
  server->deliver(account, "a@x.example", "Bare", "<bare@x.example>", "bare\rcr\xe9\r\n" + std::string(20'000, '\xe8') + "\r\n\r\n");
  server->deliver(account, "a@x.example", "Plain", "<plain@x.example>", "caf\xc3\xa9\r\n");
  const auto unseen = server->doveadm("mailbox status -u " + account + " unseen INBOX");
  const auto stored = files(*server, account);
  REQUIRE(stored.size() == 3);
  const auto exported = [&](const Settings& settings) {
    std::vector<std::string> exact;
    std::size_t approximate = 0;
    const auto done = server->connector(settings)->collect({"mail.export", account, {}}, [&](Collected one) -> Result<void> {
      if (!one.name.ends_with(".eml")) return {};
      if (one.name.ends_with(".inexact.eml"))
        ++approximate;
      else
        exact.push_back(one.bytes);
      return {};
    });
    REQUIRE(done);
    CHECK(exact.size() + approximate == stored.size());
    std::sort(exact.begin(), exact.end());
    return exact;
  };
  CHECK(exported(server->settings()) == stored);
  CHECK(server->doveadm("mailbox status -u " + account + " unseen INBOX") == unseen);
  auto settings = server->settings();
  settings.values.erase("passwd_file");
  CHECK(exported(settings) == stored);
  // Without the host, or where it may not: only what JSON shows as it is.
  const auto denied = server->folder() + "/denied";
  std::ofstream(denied) << "#!/bin/sh\nprintf 'passwd %s\\n' " << server->users() << " >" << denied
                        << ".conf\nDIGUE_MAIL_HOST_CONF=" << denied
                        << ".conf exec " DIGUE_SOURCE_DIR "/packaging/host/digue-mail-host \"$@\"\n";
  std::filesystem::permissions(denied, std::filesystem::perms::owner_all);
  settings.values["helper"] = denied;
  CHECK(exported(settings).size() == 1);
  settings.values.erase("helper");
  CHECK(exported(settings).size() == 1);
}

TEST_CASE("dovecot: mail is exported as it is stored, and stays unseen") {
  auto* server = TestServer::instance();
  if (server == nullptr) return;
  const auto account = server->account("export");
  server->deliver(account, "intruder@x.example", "Facture", "<one@x.example>", "caf\xc3\xa9\r\n..dot\r\n");
  server->deliver(account, "intruder@x.example", "Latin", "<two@x.example>", "caf\xe9\r\n");
  server->deliver(account, "friend@x.example", "Facture", "<three@x.example>");
  const auto unseen = server->doveadm("mailbox status -u " + account + " unseen INBOX");
  auto settings = server->settings();
  for (const auto* host : {"passwd_file", "helper"}) settings.values.erase(host);
  const auto connector = server->connector(settings);
  std::map<std::string, std::string> parts;
  const auto collect = [&](const std::map<std::string, std::string>& parameters) {
    parts.clear();
    return connector->collect({"mail.export", account, parameters}, [&](Collected one) -> Result<void> {
      parts[one.name] = one.bytes;
      return {};
    });
  };
  REQUIRE(collect({{"sender", "intruder@x.example"}}));
  REQUIRE(parts.size() == 3);
  const auto index = json::parse(parts["mail/index.json"]).value().as_array();
  REQUIRE(index.size() == 2);
  const auto stored = files(*server, account);
  for (const auto& one : index) {
    const auto exact = one.as_object().at("exact").as_bool();
    CHECK(exact == (text_of(one, "message_id") == "<one@x.example>"));
    const auto& bytes = parts[text_of(one, "name")];
    CHECK((std::find(stored.begin(), stored.end(), bytes) != stored.end()) == exact);
    CHECK(text_of(one, "name").ends_with(exact ? text_of(one, "uid") + ".eml" : ".inexact.eml"));
    CHECK_FALSE(text_of(one, "guid").empty());
  }
  CHECK(server->doveadm("mailbox status -u " + account + " unseen INBOX") == unseen);

  REQUIRE(collect({{"message_id", "<three@x.example>"}}));
  CHECK(parts.size() == 2);
  REQUIRE(collect({{"message_id", "three@x"}}));
  CHECK(parts.size() == 1);
  REQUIRE(collect({{"until", "2020-01-01T00:00:00Z"}}));
  CHECK(parts.size() == 1);
  REQUIRE(collect({{"since", "2020-01-01T00:00:00+01:00"}, {"mailbox", "INBOX"}}));
  CHECK(parts.size() == 4);
  CHECK(collect({{"mailbox", "IN*"}}).error().code == ErrorCode::not_found);
  CHECK(collect({{"since", "yesterday"}}).error().code == ErrorCode::bad_input);
  CHECK(collect({{"since", "2020-01-01T00:00:00"}}).error().code == ErrorCode::bad_input);
  for (const std::string hostile : {"\" ALL", "x OR ALL", ")", "(", "\\", "*", "x\r\ny"}) {
    INFO(hostile);
    const auto done = collect({{"sender", hostile}, {"subject", hostile}, {"message_id", hostile}});
    CHECK(done);
    CHECK(parts.size() == 1);
  }
}

TEST_CASE("dovecot: a fraudulent mail leaves every mailbox for the quarantine, and comes back with flags and dates") {
  auto* server = TestServer::instance();
  if (server == nullptr) return;
  const auto one = server->account("purge"), two = server->account("purge"), clean = server->account("purge");
  const std::string folder = "x*y'; $(id)";
  for (const auto& account : {one, two, clean}) server->deliver(account, "friend@x.example", "Facture", "<good-" + account + ">");
  for (const auto& account : {one, two}) server->deliver(account, "intruder@x.example", "Facture", "<bad@x.example>", "caf\xe9\r\n");
  server->doveadm("mailbox create -u " + two + " " + quoted(folder));
  server->doveadm("flags add -u " + two + " '\\Flagged $Label1' FROM intruder@x.example");
  server->doveadm("move -u " + two + " " + quoted(folder) + " FROM intruder@x.example");
  const auto details = "fetch -u " + two + " 'guid flags date.received mailbox' FROM intruder@x.example";
  const auto before = server->doveadm(details);
  const auto mails = files(*server, one);
  REQUIRE(before.find("Flagged") != std::string::npos);

  const auto connector = server->connector();
  Order order{"mail.purge", ""};
  order.mark = "IR-2026-003/x";
  CHECK(connector->plan(order).error().code == ErrorCode::bad_input);
  order.parameters = {{"sender", "intruder@x.example"}};
  CHECK(connector->plan(order).error().code == ErrorCode::bad_input);
  order.parameters = {{"message_id", "<bad@x.example>"}, {"accounts", one + ", " + two + " " + clean}};
  const auto plan = connector->plan(order);
  if (!plan) FAIL(to_text(plan.error()));
  CHECK(plan->messages == 2);
  REQUIRE(plan->steps.size() == 2);
  CHECK(server->doveadm(details) == before);
  // Each mailbox that still holds some, then all others in one.
  const auto early = connector->verify(*plan).value();
  REQUIRE(early.size() == 3);
  CHECK_FALSE(early[0].good);
  CHECK(early[0].what == "messages " + std::min(one, two));
  CHECK_FALSE(early[1].good);
  CHECK(early[2].good);
  for (const auto& step : plan->steps) {
    CHECK(connector->stand(*plan, step).value() == Stand::before);
    const auto done = connector->apply(*plan, step);
    if (!done) FAIL(to_text(done.error()));
    CHECK(connector->stand(*plan, step).value() == Stand::after);
    CHECK(connector->apply(*plan, step).error().code == ErrorCode::conflict);
  }
  const auto probes = connector->verify(*plan);
  REQUIRE(probes);
  REQUIRE(probes->size() == 1);
  CHECK(probes->front().good);
  CHECK(probes->front().seen == "0, dans 3 boîtes");
  for (const auto& account : {one, two}) CHECK(count(*server, account, "FROM intruder@x.example") == "0\n");
  CHECK(count(*server, one, "ALL") == "1\n");
  CHECK(count(*server, clean, "ALL") == "1\n");
  CHECK(count(*server, "quarantine@chu.test", "mailbox Digue-IR-2026-003-x* ALL") == "2\n");

  const auto undo = connector->plan_undo(*plan, plan->prior);
  if (!undo) FAIL(to_text(undo.error()));
  REQUIRE(undo->steps.size() == 2);
  for (const auto& step : undo->steps) {
    CHECK(connector->stand(*undo, step).value() == Stand::before);
    const auto done = connector->apply(*undo, step);
    if (!done) FAIL(to_text(done.error()));
    CHECK(connector->stand(*undo, step).value() == Stand::after);
  }
  const auto all1 = connector->verify(*undo).value();
  for (const auto& probe : all1) CHECK(probe.good);
  CHECK(server->doveadm(details) == before);
  CHECK(files(*server, one) == mails);
  CHECK(count(*server, "quarantine@chu.test", "mailbox Digue-IR-2026-003-x* ALL") == "0\n");
  CHECK(connector->plan_undo(*plan, plan->prior)->steps.empty());
}

TEST_CASE("dovecot: one mail that went to several people at once is kept for each, and comes back to each") {
  auto* server = TestServer::instance();
  if (server == nullptr) return;
  const auto one = server->account("together"), two = server->account("together");
  server->deliver(std::vector{one, two}, "intruder@x.example", "Facture", "<together@x.example>");
  const auto guid = [&](const std::string& account) { return server->doveadm("fetch -u " + account + " guid ALL"); };
  REQUIRE(guid(one) == guid(two));
  const auto kept = [&] { return std::pair{files(*server, one), files(*server, two)}; };
  const auto before = kept();
  const auto connector = server->connector();
  Order order{"mail.purge", "", {{"message_id", "<together@x.example>"}, {"accounts", one + " " + two}}};
  order.mark = "IR-together";
  const auto plan = connector->plan(order).value();
  REQUIRE(plan.steps.size() == 2);
  for (const auto& step : plan.steps) REQUIRE(connector->apply(plan, step));
  for (const auto& account : {one, two}) CHECK(count(*server, account, "ALL") == "0\n");
  CHECK(count(*server, "quarantine@chu.test", "mailbox Digue-IR-together* ALL") == "2\n");
  const auto undo = connector->plan_undo(plan, plan.prior).value();
  REQUIRE(undo.steps.size() == 2);
  for (const auto& step : undo.steps) {
    const auto done = connector->apply(undo, step);
    if (!done) FAIL(to_text(done.error()));
  }
  CHECK(kept() == before);
}

TEST_CASE("dovecot: a purge that was cut between copy and removal goes on, and one whose mail is gone is a conflict") {
  auto* server = TestServer::instance();
  if (server == nullptr) return;
  const auto account = server->account("crash");
  for (const auto* id : {"<c1@x.example>", "<c2@x.example>"}) server->deliver(account, "intruder@x.example", "Virement", id);
  const auto connector = server->connector();
  Order order{"mail.purge", "", {{"sender", "intruder@x.example"}, {"subject", "Virement"}, {"accounts", account}}};
  order.mark = "crash";
  const auto plan = connector->plan(order).value();
  REQUIRE(plan.steps.size() == 2);
  const auto folder = plan.steps[0].request.substr(plan.steps[0].request.rfind(' ') + 1);
  REQUIRE(folder.starts_with("Digue-crash-"));
  server->doveadm("mailbox create -u quarantine@chu.test " + folder);
  server->doveadm("copy -u quarantine@chu.test " + folder + " user " + account + " HEADER Message-ID c1@x.example");
  REQUIRE(count(*server, "quarantine@chu.test", "mailbox " + folder + " ALL") == "1\n");
  CHECK(connector->stand(plan, plan.steps[0]).value() == Stand::before);
  REQUIRE(connector->apply(plan, plan.steps[0]));
  CHECK(count(*server, "quarantine@chu.test", "mailbox " + folder + " ALL") == "1\n");
  server->doveadm("expunge -u " + account + " MAILBOX INBOX HEADER Message-ID c2@x.example");
  CHECK(connector->stand(plan, plan.steps[1]).value() == Stand::other);
  CHECK(connector->apply(plan, plan.steps[1]).error().code == ErrorCode::conflict);
  CHECK(connector->plan_undo(plan, plan.prior).error().code == ErrorCode::conflict);
}

TEST_CASE("dovecot: what several people see in a public folder is purged and exported from there, once, and comes back") {
  if (TestServer::instance() == nullptr) return;
  TestServer server("",
                    "namespace {\n  inbox = yes\n  separator = /\n}\nnamespace {\n  type = public\n  separator = /\n  prefix = Public/\n"
                    "  location = maildir:@/mail/public\n  subscriptions = no\n}\n");
  const auto folder = server.folder() + "/mail/public";
  testing::output_of("mkdir " + folder + " && echo anyone lrwstipekxa >" + folder + "/dovecot-acl && chown -R mail:mail " + folder);
  const auto one = server.account("public"), two = server.account("public");
  server.deliver(one, "intruder@x.example", "Facture", "<public@x.example>");
  server.doveadm("mailbox create -u " + one + " Public/team");
  server.doveadm("move -u " + one + " Public/team mailbox INBOX ALL");
  const auto there = [&] { return count(server, two, "mailbox Public/team ALL"); };
  REQUIRE(there() == "1\n");
  const auto connector = server.connector();
  for (const auto& parameters : {std::map<std::string, std::string>{}, {{"mailbox", "Public/team"}}}) {
    std::vector<std::string> names;
    REQUIRE(connector->collect({"mail.export", two, parameters}, [&](Collected piece) -> Result<void> {
      names.push_back(piece.name);
      return {};
    }));
    REQUIRE(names.size() == 2);
    CHECK(names[0] == "mail/Public%2Fteam/1.eml");
  }
  const Order order{"mail.purge", "", {{"message_id", "<public@x.example>"}, {"accounts", one + " " + two}}};
  const auto plan = connector->plan(order).value();
  REQUIRE(plan.steps.size() == 1);
  CHECK_FALSE(connector->verify(plan)->front().good);
  REQUIRE(connector->apply(plan, plan.steps[0]));
  CHECK(connector->stand(plan, plan.steps[0]).value() == Stand::after);
  CHECK(there() == "0\n");
  CHECK(connector->verify(plan)->front().good);
  const auto undo = connector->plan_undo(plan, plan.prior).value();
  REQUIRE(undo.steps.size() == 1);
  const auto done = connector->apply(undo, undo.steps[0]);
  if (!done) FAIL(to_text(done.error()));
  CHECK(there() == "1\n");
  CHECK(connector->verify(undo)->front().good);
}

TEST_CASE("dovecot: a sender is the whole address, not a part of another one") {
  auto* server = TestServer::instance();
  if (server == nullptr) return;
  const auto account = server->account("sender");
  server->deliver(account, "Boss@x.example", "Virement", "<boss@x.example>");
  server->deliver(account, "big-boss@x.example", "Virement", "<big@x.example>");
  server->deliver(account, "boss@x.example.org", "Virement", "<org@x.example>");
  const auto connector = server->connector();
  const auto found = [&](const std::string& sender) {
    Order order{"mail.purge", "", {{"sender", sender}, {"subject", "Virement"}, {"accounts", account}}};
    return connector->plan(order).value();
  };
  const auto plan = found("boss@X.example");
  REQUIRE(plan.steps.size() == 1);
  CHECK(plan.steps[0].says.en.find("<boss@x.example>") != std::string::npos);
  CHECK(found("@x.example").steps.size() == 2);
  CHECK(found("boss").steps.size() == 3);
  REQUIRE(connector->apply(plan, plan.steps[0]));
  CHECK(connector->verify(plan)->front().good);
}

TEST_CASE("dovecot: the addresses of a From header are told from names, comments and groups") {
  using Addresses = std::vector<std::string>;
  CHECK(addresses_of("A@x.example") == Addresses{"a@x.example"});
  CHECK(addresses_of("\"a@x.example\" <b@y.example>") == Addresses{"b@y.example"});
  CHECK(addresses_of("a@x.example <b@y.example>") == Addresses{"b@y.example"});
  CHECK(addresses_of("\"Last, \\\"First\" <b@y.example>, (c@z.example (x)) d@y.example") == Addresses{"b@y.example", "d@y.example"});
  CHECK(addresses_of("Us: a@x.example, B <b@x.example>;") == Addresses{"a@x.example", "b@x.example"});
  CHECK(addresses_of("\"a\"@x.example\r\n") == Addresses{"a@x.example"});
  for (const auto* none : {"", "nobody", "<>", "(a@x.example", "\\"}) CHECK(addresses_of(none).empty());
  CHECK(is_from("Spam <spam@x.example>", {"spam@x.example"}));
  CHECK_FALSE(is_from("\"spam@x.example\" <a@y.example>", {"spam@x.example"}));
  // Not to be taken apart for sure: the search that found it decides.
  for (const auto* odd :
       {"\"Direction <spam@x.example>", "spam@x.example Support", "A <a@y.example>\nB <spam@x.example>", "a@y.example\nspam@x.example"})
    CHECK(is_from(odd, {"spam@x.example"}));
}

TEST_CASE("dovecot: mail that is deleted while it is read is told as gone, and keeps the rest neither from export nor from a plan") {
  auto* server = TestServer::instance();
  if (server == nullptr) return;
  const auto account = server->account("vanishing");
  // Whoever reads the first one, which only the mail host can, deletes the second.
  const auto helper = server->folder() + "/vanishing";
  std::ofstream(helper) << "#!/bin/sh\ndoveadm -c " << server->folder() << "/dovecot.conf expunge -u " << account
                        << " mailbox INBOX HEADER Message-ID second@x.example >&2\nexec " << server->folder() << "/helper \"$@\"\n";
  std::filesystem::permissions(helper, std::filesystem::perms::owner_all);
  auto settings = server->settings();
  settings.values["helper"] = helper;
  const auto connector = server->connector(settings);
  server->deliver(account, "intruder@x.example", "Latin", "<first@x.example>", "caf\xe9\r\n");
  const auto second = [&] { server->deliver(account, "intruder@x.example", "Latin", "<second@x.example>"); };
  second();
  std::map<std::string, std::string> parts;
  const auto done = connector->collect({"mail.export", account, {}}, [&](Collected one) -> Result<void> {
    parts[one.name] = one.bytes;
    return {};
  });
  if (!done) FAIL(to_text(done.error()));
  CHECK(parts.size() == 2);
  const auto index = json::parse(parts["mail/index.json"]).value().as_array();
  REQUIRE(index.size() == 2);
  CHECK_FALSE(index[0].as_object().contains("gone"));
  CHECK(index[1].as_object().at("gone").as_bool());

  second();
  const auto plan = connector->plan({"mail.purge", "", {{"sender", "intruder@x.example"}, {"subject", "Latin"}, {"accounts", account}}});
  if (!plan) FAIL(to_text(plan.error()));
  CHECK(plan->steps.size() == 1);
  REQUIRE(plan->notes.size() > 1);
  CHECK(plan->notes[1].en.find("deleted meanwhile") != std::string::npos);
}

TEST_CASE("dovecot: without a list in order or settings, the server's own accounts are searched") {
  auto* server = TestServer::instance();
  if (server == nullptr) return;
  const auto account = server->account("all");
  server->deliver(account, "intruder@x.example", "Facture", "<everywhere@x.example>");
  const auto plan = server->connector()->plan({"mail.purge", "", {{"message_id", "<everywhere@x.example>"}}});
  if (!plan) FAIL(to_text(plan.error()));
  CHECK(plan->messages == 1);
}
