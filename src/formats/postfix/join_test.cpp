#include <doctest/doctest.h>

#include "formats/container/line_probe.hpp"

namespace digue::formats {
extern const LineFormat postfix_line;
}

using namespace digue;
using namespace digue::formats;

namespace {

void submit(LineProbe& probe, const std::string& id, const std::string& second) {
  const auto line = [&](const std::string& program, const std::string& text) {
    REQUIRE(probe.read("Sep  8 07:46:" + second + " mx1 postfix/" + program + "[9]: " + id + ": " + text) == Status::event);
  };
  line("submission/smtpd", "client=pc[203.0.113.4], sasl_method=PLAIN, sasl_username=Marie@ch-exemple.fr");
  line("cleanup", "message-id=<" + second + "@pc>");
  line("cleanup",
       "warning: header Subject: Facture from moi from pc[203.0.113.4]; from=<marie@ch-exemple.fr> to=<a@exemple.net> proto=ESMTP "
       "helo=<pc>");
  line("qmgr", "from=<Marie@ch-exemple.fr>, size=2213, nrcpt=3 (queue active)");
  line("smtp", "to=<B@exemple.net>, relay=mx.exemple.net[192.0.2.5]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 ok)");
  line("smtp", "to=<a@exemple.net>, relay=none, delay=1, delays=0/0/0/1, dsn=4.4.1, status=deferred (connect timed out)");
  line("smtp", "to=<a@exemple.net>, relay=mx.exemple.net[192.0.2.5]:25, delay=9, delays=0/0/0/1, dsn=5.1.1, status=bounced (unknown)");
  line("lmtp", "to=<chef@ch-exemple.fr>, relay=mx1[private/dovecot-lmtp], delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 Saved)");
  line("bounce", "sender non-delivery notification: 17CCA8099");
  line("qmgr", "removed");
}

}  // namespace

TEST_CASE("postfix: an account's message is one mail_send, its other lines stay findable") {
  LineProbe probe(postfix_line);
  submit(probe, "17CCA8044", "30");
  REQUIRE(probe.fragments.size() == 1);
  const auto first = probe.fragments.begin()->second.front();
  probe.join();
  CHECK(probe.events.size() == 10);
  const auto sent = probe.with(Activity::mail_send);
  REQUIRE(sent.size() == 1);
  const auto& message = sent[0];
  CHECK(message.account == "marie@ch-exemple.fr");
  CHECK(message.outcome == Outcome::success);
  CHECK(ip_of(message) == "203.0.113.4");
  CHECK(message.get(Field::sender) == "marie@ch-exemple.fr");
  CHECK(message.get(Field::recipients) == "a@exemple.net;b@exemple.net;chef@ch-exemple.fr");
  CHECK(message.get(Field::count) == "3");
  CHECK(message.get(Field::message_id) == "<30@pc>");
  CHECK(message.get(Field::subject) == "Facture from moi");
  CHECK(message.get(Field::bytes) == "2213");
  CHECK(message.get(Field::status) == "bounced=1 sent=2");
  CHECK(message.get(Field::queue_id) == "17CCA8044");
  CHECK(message.uid == "17CCA8044");
  CHECK(message.id == first.id);
  CHECK(message.place == first.place);
  for (const auto& event : probe.events) {
    CHECK(event.account == "marie@ch-exemple.fr");
    CHECK(event.get(Field::queue_id) == "17CCA8044");
  }
  CHECK(probe.with(Activity::other).size() == 9);
}

TEST_CASE("postfix: queue ids are used again, on the same host and on another") {
  LineProbe probe(postfix_line);
  submit(probe, "17CCA8044", "30");
  submit(probe, "17CCA8044", "31");
  // Never removed: the next client begins another message.
  probe.read(
      "Sep  8 07:46:40 mx1 postfix/submission/smtpd[9]: 17CCA8044: client=pc[203.0.113.4], sasl_method=PLAIN, "
      "sasl_username=paul@ch-exemple.fr");
  probe.read(
      "Sep  8 07:46:41 mx1 postfix/submission/smtpd[9]: 17CCA8044: client=pc[203.0.113.4], sasl_method=PLAIN, "
      "sasl_username=luc@ch-exemple.fr");
  probe.read(
      "Sep  8 07:46:41 mx2 postfix/submission/smtpd[9]: 17CCA8044: client=pc[203.0.113.4], sasl_method=PLAIN, "
      "sasl_username=eva@ch-exemple.fr");
  CHECK(probe.fragments.size() == 2);
  probe.join();
  const auto sent = probe.with(Activity::mail_send);
  REQUIRE(sent.size() == 5);
  CHECK(sent[0].get(Field::message_id) == "<30@pc>");
  CHECK(sent[1].get(Field::message_id) == "<31@pc>");
  CHECK(sent[2].account == "paul@ch-exemple.fr");
  CHECK(sent[2].outcome == Outcome::unknown);
  CHECK(sent[3].account == "luc@ch-exemple.fr");
  CHECK(sent[4].account == "eva@ch-exemple.fr");
}

TEST_CASE("postfix: what comes behind removed is not the account's message") {
  LineProbe probe(postfix_line);
  submit(probe, "17CCA8044", "30");
  // A notification that Postfix writes itself has no client line.
  probe.read("Sep  8 07:46:50 mx1 postfix/cleanup[9]: 17CCA8044: message-id=<bounce@mx1>");
  probe.read("Sep  8 07:46:50 mx1 postfix/qmgr[9]: 17CCA8044: from=<>, size=99, nrcpt=1 (queue active)");
  probe.read(
      "Sep  8 07:46:51 mx1 postfix/lmtp[9]: 17CCA8044: to=<paul@ch-exemple.fr>, relay=mx1[private/dovecot-lmtp], delay=0.1, "
      "delays=0/0/0/0.1, dsn=2.0.0, status=sent (250 Saved)");
  probe.join();
  const auto sent = probe.with(Activity::mail_send);
  REQUIRE(sent.size() == 1);
  CHECK(sent[0].get(Field::message_id) == "<30@pc>");
  CHECK(sent[0].get(Field::count) == "3");
  const auto received = probe.with(Activity::mail_receive);
  REQUIRE(received.size() == 1);
  CHECK(received[0].account == "paul@ch-exemple.fr");
  CHECK(received[0].get(Field::message_id) == "<bounce@mx1>");
}

TEST_CASE("postfix: mail without sign-in belongs to the local mailboxes that it reached") {
  LineProbe probe(postfix_line);
  probe.read("Sep  8 07:46:30 mx1 postfix/smtpd[9]: 0F5383D: client=mx.exemple.net[198.51.100.9]");
  probe.read("Sep  8 07:46:30 mx1 postfix/cleanup[9]: 0F5383D: message-id=<x@exemple.net>");
  probe.read("Sep  8 07:46:30 mx1 postfix/qmgr[9]: 0F5383D: from=<Pirate@exemple.net>, size=900, nrcpt=3 (queue active)");
  probe.read(
      "Sep  8 07:46:31 mx1 postfix/lmtp[9]: 0F5383D: to=<Marie@ch-exemple.fr>, orig_to=<tous@ch-exemple.fr>, "
      "relay=mx1[private/dovecot-lmtp], delay=0.1, delays=0/0/0/0.1, dsn=2.0.0, status=sent (250 2.0.0 Saved)");
  probe.read(
      "Sep  8 07:46:31 mx1 postfix/local[9]: 0F5383D: to=paul@mx1.ch-exemple.fr, orig_to=root@localhost, relay=local, delay=0.1, "
      "delays=0/0/0/0.1, dsn=2.0.0, status=sent (delivered to mailbox)");
  probe.read(
      "Sep  8 07:46:31 mx1 postfix/smtp[9]: 0F5383D: to=<luc@exemple.org>, relay=mx.exemple.org[192.0.2.8]:25, delay=0.1, "
      "delays=0/0/0/0.1, dsn=2.0.0, status=sent (250 ok)");
  probe.read("Sep  8 07:46:31 mx1 postfix/qmgr[9]: 0F5383D: removed");
  CHECK(probe.events.empty());
  probe.join();
  CHECK(probe.events.size() == 7);
  CHECK(probe.with(Activity::mail_send).empty());
  const auto received = probe.with(Activity::mail_receive);
  REQUIRE(received.size() == 2);
  CHECK(received[0].account == "marie@ch-exemple.fr");
  CHECK(received[0].get(Field::sender) == "pirate@exemple.net");
  CHECK(received[0].get(Field::message_id) == "<x@exemple.net>");
  CHECK(received[0].get(Field::target) == "tous@ch-exemple.fr");
  CHECK(ip_of(received[0]) == "198.51.100.9");
  CHECK(received[0].get(Field::bytes) == "900");
  CHECK(received[1].account == "paul@mx1.ch-exemple.fr");
  for (const auto& event : probe.with(Activity::other)) CHECK(event.account.empty());
}

TEST_CASE("postfix: addresses with quoted local parts and foreign replies fake nothing") {
  LineProbe probe(postfix_line);
  probe.read("Sep  8 07:46:30 mx1 postfix/smtpd[9]: 0F5383D: client=pc[203.0.113.4], sasl_method=PLAIN, sasl_username=marie@ch-exemple.fr");
  probe.read(
      "Sep  8 07:46:31 mx1 postfix/smtp[9]: 0F5383D: to=<\"a>, relay=none, status=sent (x\"@exemple.net>, relay=mx[192.0.2.8]:25, delay=1, "
      "delays=0/0/0/1, dsn=5.0.0, status=bounced (host said: to=<b@exemple.net>, relay=local, dsn=2.0.0, status=sent (ok))");
  probe.join();
  const auto sent = probe.with(Activity::mail_send);
  REQUIRE(sent.size() == 1);
  CHECK(sent[0].get(Field::recipients) == "\"a>, relay=none, status=sent (x\"@exemple.net");
  CHECK(sent[0].get(Field::status) == "bounced=1");
  CHECK(sent[0].outcome == Outcome::failure);
}

TEST_CASE("postfix: a list of recipients is bounded and its count is not") {
  LineProbe probe(postfix_line);
  probe.read("Sep  8 07:46:30 mx1 postfix/smtpd[9]: 0F5383D: client=pc[203.0.113.4], sasl_method=PLAIN, sasl_username=marie@ch-exemple.fr");
  for (int i = 0; i < 1000; ++i)
    probe.read("Sep  8 07:46:31 mx1 postfix/smtp[9]: 0F5383D: to=<cible" + std::to_string(1000 + i) +
               "@exemple.net>, relay=mx[192.0.2.8]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 ok)");
  probe.join();
  const auto sent = probe.with(Activity::mail_send);
  REQUIRE(sent.size() == 1);
  CHECK(sent[0].get(Field::count) == "1000");
  CHECK(sent[0].get(Field::status) == "sent=1000");
  CHECK(sent[0].get(Field::recipients).size() <= 8192);
  CHECK(sent[0].get(Field::recipients).starts_with("cible1000@exemple.net;cible1001@exemple.net;"));
  CHECK_FALSE(sent[0].get(Field::recipients).ends_with(";"));
}

TEST_CASE("postfix: a log that begins amid a message still gives what it tells") {
  LineProbe probe(postfix_line);
  probe.read(
      "Sep  8 07:46:31 mx1 postfix/lmtp[9]: 0F5383D: to=<marie@ch-exemple.fr>, relay=mx1[private/dovecot-lmtp], delay=0.1, "
      "delays=0/0/0/0.1, dsn=2.0.0, status=sent (250 2.0.0 Saved)");
  probe.read("Sep  8 07:46:31 mx1 postfix/qmgr[9]: 0F5383D: removed");
  probe.join();
  CHECK(probe.events.size() == 2);
  CHECK(probe.with(Activity::mail_receive).size() == 1);
}
