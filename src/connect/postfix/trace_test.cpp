#include "connect/postfix/trace.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>

#include "base/files.hpp"
#include "base/time.hpp"
#include "connect/connectors.hpp"
#include "connect/host/sshd_test.hpp"
#include "connect/postfix/server_test.hpp"

using namespace digue;
using namespace digue::connect::mta;
using namespace digue::containment;
using namespace digue::testing;

namespace {

// After Postfix's own forms of logging (postfix 3.7, lmtp/smtp/smtpd/cleanup); names are invented.
constexpr std::string_view refusal =
    "Nov 30 01:00:09 mx postfix/smtp[77]: AAAA11: to=<x@partner.example>, relay=mx.partner.example[203.0.113.9]:25, delay=1, "
    "delays=0/0/0/1, dsn=5.7.1, status=bounced (host mx.partner.example[203.0.113.9] said: 554 5.7.1 Service unavailable; Client host "
    "[192.0.2.1] blocked using zen.spamhaus.org (in reply to RCPT TO command))\n";

std::vector<Collected> collected(Connector& connector, const std::string& capability, const std::string& account, UtcMicros since,
                                 UtcMicros until) {
  Order order;
  order.capability = capability;
  order.account = account;
  order.parameters = {{"since", to_iso8601(since)}, {"until", to_iso8601(until)}};
  std::vector<Collected> out;
  const auto done = connector.collect(order, [&](Collected one) -> Result<void> {
    out.push_back(std::move(one));
    return {};
  });
  REQUIRE_MESSAGE(done, (done ? "" : to_text(done.error())));
  return out;
}

}  // namespace

TEST_CASE("postfix trace: the lines of an account are those of its messages, here and at the next hop of this machine") {
  constexpr std::string_view log =
      "Nov 30 01:00:00 mx postfix/smtpd[1]: AAAA11: client=h[198.51.100.7], sasl_method=PLAIN, sasl_username=alice@chu.test\n"
      "Nov 30 01:00:00 mx postfix/smtpd[2]: BBBB22: client=h[198.51.100.8], sasl_method=PLAIN, sasl_username=bob@chu.test\n"
      "Nov 30 01:00:01 mx postfix/smtpd[3]: CCCC33: client=localhost[127.0.0.1]\n"
      "Nov 30 01:00:01 mx postfix/qmgr[4]: AAAA11: from=<forged@bank.example>, size=300, nrcpt=1 (queue active)\n"
      "Nov 30 01:00:02 mx postfix/smtp[5]: AAAA11: to=<x@far.example>, relay=127.0.0.1[127.0.0.1]:10024, dsn=2.0.0, status=sent (250 2.0.0 "
      "Ok: queued as CCCC33)\n"
      "Nov 30 01:00:02 mx postfix/qmgr[4]: BBBB22: from=<bob@chu.test>, size=300, nrcpt=1 (queue active)\n"
      "Nov 30 01:00:03 mx postfix/smtp[5]: CCCC33: to=<x@far.example>, relay=mx.far.example[203.0.113.5]:25, dsn=2.0.0, status=sent (250 "
      "ok)\n"
      "Nov 30 01:00:04 mx dovecot: imap-login: Login: user=<alice@chu.test>, rip=198.51.100.7\n"
      "Nov 30 01:00:05 mx postfix/smtpd[6]: disconnect from unknown[198.51.100.9]\n";
  AccountLines alice("Alice@chu.test");
  const auto lines = alice.take(log);
  CHECK(alice.messages() == 2);
  CHECK(std::count(lines.begin(), lines.end(), '\n') == 6);
  CHECK(lines.find("BBBB22") == std::string::npos);
  CHECK(lines.find("forged@bank.example") != std::string::npos);
  CHECK(lines.find("relay=mx.far.example") != std::string::npos);
  // A name that is part of another is another's.
  AccountLines part("alice@chu.tes");
  CHECK(part.take(log).empty());
  CHECK(AccountLines("ice@chu.test").take(log).empty());
  CHECK(AccountLines("chu.test").messages() == 0);
}

TEST_CASE("postfix trace: queue ids are read where Postfix writes them") {
  CHECK(queue_id_of("Nov 30 01:00:00 mx postfix/smtpd[1]: 4ZxYqk1Bz5z9rw: client=h") == "4ZxYqk1Bz5z9rw");
  CHECK(queue_id_of("2026-11-30T01:00:00+01:00 mx postfix/submission/smtpd[1]: A1B2C3D: client=h") == "A1B2C3D");
  CHECK(queue_id_of("Nov 30 01:00:00 mx postfix/smtpd[1]: NOQUEUE: reject: RCPT") == "");
  CHECK(queue_id_of("Nov 30 01:00:00 mx postfix/smtpd[1]: warning: x") == "");
  CHECK(queue_id_of("Nov 30 01:00:00 mx postfix/smtpd[1]: connect from h") == "");
  CHECK(queue_id_of("Nov 30 01:00:00 mx dovecot: x]: AAAAAA: y") == "");
  CHECK(queue_id_of("") == "");
}

TEST_CASE("postfix trace: refusals that name a block list are told from other refusals") {
  CHECK(block_list_of(refusal) == "spamhaus.org");
  CHECK(block_list_of("x postfix/smtp[1]: A: to=<a@b>, dsn=4.7.0, status=deferred (host h said: 451 4.7.0 your IP is on a blocklist)") ==
        "unnamed");
  CHECK(block_list_of("x postfix/smtp[1]: A: to=<a@b>, dsn=5.7.1, status=bounced (said: 550 5.7.1 messages weren't sent, S3140)") ==
        "outlook.com");
  // Our own sender is called so; the refusal is another.
  CHECK(block_list_of("x postfix/smtp[1]: A: to=<spamhaus@b.example>, dsn=5.7.1, status=bounced (said: 550 5.7.1 relaying denied)") == "");
  CHECK(block_list_of("x postfix/smtp[1]: A: to=<a@b>, dsn=5.1.1, status=bounced (said: 550 5.1.1 no user; spamhaus)") == "");
  CHECK(block_list_of("x postfix/smtp[1]: A: to=<a@b>, dsn=5.7.1, status=bounced (said: 550 verbl)") == "");
  CHECK(block_list_of("") == "");
  BlockListed all;
  all.take(std::string(refusal) + "other\n" + std::string(refusal));
  const auto told = all.to_json({"/var/log/mail.log.2.lz4"});
  CHECK(told.at("read").to_number<int>() == 3);
  CHECK(told.at("refusals").to_number<int>() == 2);
  CHECK(told.at("lists").at("spamhaus.org").to_number<int>() == 2);
  CHECK(told.at("domains").at("partner.example").to_number<int>() == 2);
  CHECK(told.at("lines").as_array().size() == 2);
  CHECK(told.at("incomplete").as_array().size() == 1);
}

TEST_CASE("postfix trace: the logs of a period, rotated ones too, as they are") {
  auto* server = PostfixServer::instance();
  if (server == nullptr) return;
  const auto since = UtcMicros{now().value / micros_per_second * micros_per_second};
  server->empty_queue();
  REQUIRE(server->send("alice@chu.test", "forged@bank.example", "one@far.example").starts_with("250"));
  REQUIRE(server->send("bob@chu.test", "bob@chu.test", "two@far.example").starts_with("250"));
  const auto connector = server->connector();
  UtcMicros until;
  std::vector<Collected> parts;
  for (int tries = 0; tries < 100; ++tries) {  // postlogd writes a moment later
    until = UtcMicros{now().value + micros_per_second};
    parts = collected(*connector, "mail.trace", "alice@chu.test", since, until);
    if (parts[0].bytes.find("one@far.example") != std::string::npos) break;
    ::usleep(50'000);
  }
  REQUIRE(parts.size() == 2);
  CHECK(parts[0].content == "log");
  CHECK(parts[0].query.find("digue-mail-host log-trace ") == 0);
  CHECK(parts[0].bytes.find("sasl_username=alice@chu.test") != std::string::npos);
  CHECK(parts[0].bytes.find("from=<forged@bank.example>") != std::string::npos);
  CHECK(parts[0].bytes.find("bob@chu.test") == std::string::npos);
  CHECK(json::parse(parts[1].bytes)->at("refusals").to_number<int>() == 0);
  // Every line stands so in the log.
  const auto log = read_file(server->folder() + "/lib/mail.log", std::size_t{1} << 24).value();
  CHECK(log.find(parts[0].bytes.substr(0, parts[0].bytes.find('\n') + 1)) != std::string::npos);
  const auto whole = collected(*connector, "logs.export", "", since, until);
  CHECK(whole[0].bytes.find("bob@chu.test") != std::string::npos);
  CHECK(
      collected(*connector, "logs.export", "", {since.value - 40 * micros_per_day}, {since.value - 39 * micros_per_day})[0].bytes.empty());

  Order order;
  order.capability = "mail.trace";
  order.account = "alice@chu.test";
  const auto refuse = [](Collected) -> Result<void> { return fail(ErrorCode::cancelled, "enough"); };
  CHECK(connector->collect(order, refuse).error().code == ErrorCode::bad_input);
  order.parameters = {{"since", "2026-01-24 06:00"}};
  CHECK(connector->collect(order, refuse).error().where == "since");
  order.parameters = {{"since", to_iso8601(since)}};
  CHECK(connector->collect(order, refuse).error().code == ErrorCode::cancelled);
  server->empty_queue();
}

TEST_CASE("postfix trace: both forms of time, the turn of the year and compressed files") {
  Folder folder;
  const auto& home = folder.path;
  REQUIRE(write_file(home + "/conf", "log " + home + "/mail.log\n"));
  const auto program = write_program(
      home, "mail-host",
      "#!/bin/sh\nTZ=UTC DIGUE_MAIL_HOST_CONF=" + home + "/conf exec " DIGUE_SOURCE_DIR "/packaging/host/digue-mail-host \"$@\"\n");
  REQUIRE(write_file(home + "/mail.log.2", "Dec 31 23:00:00 mx a\nDec 31 23:59:59 mx b\n  of b\n"));
  REQUIRE(write_file(home + "/mail.log.1", "Jan  1 00:00:00 mx c\nJan  1 08:00:00 mx d\n"));
  REQUIRE(write_file(home + "/mail.log", "2026-01-01T09:00:00.5+00:00 mx e\n2026-01-02T00:00:00+00:00 mx f\n"));
  output_of("touch -d 2025-12-31T23:59:59Z " + home + "/mail.log.2; touch -d 2026-01-01T08:00:00Z " + home + "/mail.log.1; gzip " + home +
            "/mail.log.2");
  const auto host = connect::host_of({{"helper", program}}, {}).value();
  const auto lines = [&](const std::string& since, const std::string& until) {
    return host->run({"log-trace", since, until}, {}, std::chrono::seconds(60))->out;
  };
  CHECK(lines("2025-12-31T23:30:00Z", "2026-01-01T10:00:00Z") ==
        "Dec 31 23:59:59 mx b\n  of b\nJan  1 00:00:00 mx c\nJan  1 08:00:00 mx d\n2026-01-01T09:00:00.5+00:00 mx e\n");
  CHECK(lines("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z") == "Jan  1 00:00:00 mx c\n");
  // A damaged file is told, and the rest still given.
  REQUIRE(write_file(home + "/mail.log.3.gz",
                     "\x1f\x8b"
                     "damaged"));
  const auto answer = host->run({"log-trace", "2025-12-31T23:30:00Z", "2026-01-03T00:00:00Z"}, {}, std::chrono::seconds(60)).value();
  CHECK(answer.exit == 0);
  CHECK(answer.err.find("incomplete " + home + "/mail.log.3.gz") != std::string::npos);
  CHECK(answer.out.find("mx f") != std::string::npos);
  // The collection gives what there is, and says at its end what is missing.
  const auto connector = connect::connector_named("postfix")->make({"mx", "postfix", {{"helper", program}}, {}}).value();
  std::map<std::string, std::string> taken;
  Order order{"logs.export", {}, {{"since", "2025-12-31T23:30:00Z"}, {"until", "2026-01-03T00:00:00Z"}}};
  const auto collect = [&] {
    taken.clear();
    return connector->collect(order, [&](Collected one) -> Result<void> {
      taken[one.name] = one.bytes;
      return {};
    });
  };
  const auto partly = collect();
  REQUIRE_FALSE(partly);
  CHECK(partly.error().code == ErrorCode::io);
  CHECK(partly.error().message.find(home + "/mail.log.3.gz") != std::string::npos);
  CHECK(taken["mail-log-1.log"].find("mx f") != std::string::npos);
  CHECK(json::parse(taken["block-lists.json"])->at("incomplete").as_array().size() == 1);
  // Other ways of compression are read where their programs are; where one is not, that is told, too.
  output_of("rm " + home + "/mail.log.3.gz");
  for (const auto& [name, tool] : {std::pair("xz", "xz"), std::pair("bz2", "bzip2"), std::pair("zst", "zstd --rm")}) {
    REQUIRE(write_file(home + "/mail.log.4", std::string("Jan  1 07:00:00 mx ") + name + "\n"));
    output_of(std::string(tool) + " " + home + "/mail.log.4 2>&1; rm -f " + home + "/mail.log.4");
    const bool there = file_exists(home + "/mail.log.4." + name);
    if (!there) REQUIRE(write_file(home + "/mail.log.4." + name, "not " + std::string(name)));
    CHECK(collect().has_value() == there);
    CHECK((taken["mail-log-1.log"].find(std::string("mx ") + name) != std::string::npos) == there);
    output_of("rm " + home + "/mail.log.4." + name);
  }
  CHECK(collect());
  // A log that is listed and not there.
  output_of("mv " + home + "/mail.log " + home + "/kept");
  CHECK_FALSE(collect());
  output_of("mv " + home + "/kept " + home + "/mail.log");
  for (const std::string hostile : {"now", "2026-01-01", "2026-13-45T00:00:00Z", "", "2026-01-01T00:00:00Z;id", "@0"})
    CHECK(host->run({"log-trace", hostile, "2026-01-03T00:00:00Z"}, {}, std::chrono::seconds(60))->exit == 2);
}
