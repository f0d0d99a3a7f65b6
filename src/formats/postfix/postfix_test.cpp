#include <doctest/doctest.h>

#include "formats/container/line_probe.hpp"

namespace digue::formats {
extern const LineFormat postfix_line;
}

using namespace digue;
using namespace digue::formats;

namespace {

/// The event of one message text of a Postfix program.
struct Told {
  explicit Told(const std::string& text, const std::string& program = "smtpd")
      : event(probe.only("Sep  8 07:46:30 mx1 postfix/" + program + "[812]: " + text)) {}
  LineProbe probe{postfix_line};
  Event event;
};

Status status_of(const std::string& text, const std::string& program = "smtpd") {
  LineProbe probe(postfix_line);
  return probe.read("Sep  8 07:46:30 mx1 postfix/" + program + "[812]: " + text);
}

}  // namespace

TEST_CASE("postfix: a refused SMTP AUTH, base64 reasons are noise") {
  const Told named("warning: unknown[203.0.113.4]: SASL LOGIN authentication failed: UGFzc3dvcmQ6, sasl_username=Jean.Dupont@CH-exemple.fr",
                   "submission/smtpd");
  CHECK(named.event.activity == Activity::sign_in);
  CHECK(named.event.outcome == Outcome::failure);
  CHECK(named.event.account == "jean.dupont@ch-exemple.fr");
  CHECK(ip_of(named.event) == "203.0.113.4");
  CHECK(named.event.get(Field::client) == "submission");
  CHECK(named.event.get(Field::auth_method) == "LOGIN");
  CHECK(named.event.get(Field::error_text) == "authentication failed");
  const Told nameless("warning: host.exemple.net[2001:db8::7]: SASL PLAIN authentication failed: authentication failure");
  CHECK(nameless.event.account.empty());
  CHECK(ip_of(nameless.event) == "2001:db8::7");
  CHECK(nameless.event.get(Field::client) == "smtp");
  CHECK(nameless.event.get(Field::error_text) == "authentication failure");
  CHECK(Told("warning: x[203.0.113.4]: SASL PLAIN authentication failed: (reason unavailable), sasl_username=(unavailable)")
            .event.account.empty());
  CHECK(Told("warning: x[203.0.113.4]:5123: SASL PLAIN authentication failed: x y").event.ip.has_value());
  CHECK(Told("warning: x[203.0.113.4]: SASL PLAIN authentication failed: Temporary authentication failure").event.outcome ==
        Outcome::interrupted);
}

TEST_CASE("postfix: a user name cannot fake the client or itself") {
  const Told told(
      "warning: unknown[203.0.113.66]: SASL LOGIN authentication failed: x y, sasl_username=a[198.51.100.1]: SASL PLAIN, "
      "sasl_username=victim");
  CHECK(ip_of(told.event) == "203.0.113.66");
  CHECK(told.event.account == "a[198.51.100.1]: sasl plain, sasl_username=victim");
}

TEST_CASE("postfix: repeated failures count") {
  LineProbe probe(postfix_line);
  probe.read("Sep  8 07:46:30 mx1 postfix/smtpd[812]: warning: unknown[203.0.113.4]: SASL LOGIN authentication failed: UGFzc3dvcmQ6");
  probe.read("Sep  8 07:46:40 mx1 last message repeated 4 times");
  REQUIRE(probe.events.size() == 2);
  CHECK(probe.events[1].repeats == 4);
  CHECK(ip_of(probe.events[1]) == "203.0.113.4");
  CHECK(probe.events[1].place.offset > 0);
  CHECK(probe.events[0].id != probe.events[1].id);
}

TEST_CASE("postfix: counters of a connection tell attempts, of which none is counted twice") {
  const Told told("disconnect from unknown[203.0.113.4] ehlo=1 auth=1/4 quit=1 commands=3/6");
  CHECK(told.event.activity == Activity::other);
  CHECK(told.event.get(Field::attempts) == "3");
  CHECK(ip_of(told.event) == "203.0.113.4");
  for (const char* text :
       {"disconnect from unknown[203.0.113.4] ehlo=1 auth=1 quit=1 commands=3",
        "disconnect from unknown[203.0.113.4] ehlo=1 quit=1 commands=2", "disconnect from unknown[203.0.113.4] ehlo=1 auth=2/2 commands=3",
        "connect from unknown[203.0.113.4]", "lost connection after AUTH from unknown[203.0.113.4]",
        "warning: non-SMTP command from unknown[203.0.113.4]: GET / HTTP/1.1"})
    CHECK(status_of(text) == Status::other);
}

TEST_CASE("postfix: refused mail, and an account that sends under other names") {
  const Told told(
      "NOQUEUE: reject: RCPT from unknown[203.0.113.4]: 454 4.7.1 <Cible@exemple.net>: Relay access denied; from=<Spam@exemple.net> "
      "to=<Cible@exemple.net> proto=ESMTP helo=<WIN-1>");
  CHECK(told.event.activity == Activity::other);
  CHECK(told.event.outcome == Outcome::failure);
  CHECK(ip_of(told.event) == "203.0.113.4");
  CHECK(told.event.get(Field::error_code) == "454");
  CHECK(told.event.get(Field::error_text) == "454 4.7.1 <Cible@exemple.net>: Relay access denied");
  CHECK(told.event.get(Field::sender) == "spam@exemple.net");
  CHECK(told.event.get(Field::recipients) == "cible@exemple.net");
  CHECK(told.event.account.empty());
  const Told owner(
      "NOQUEUE: reject: RCPT from unknown[203.0.113.4]: 553 5.7.1 <direction@ch-exemple.fr>: Sender address rejected: not owned by user "
      "Marie@ch-exemple.fr; from=<direction@ch-exemple.fr> to=<a@exemple.net> proto=ESMTP helo=<x>");
  CHECK(owner.event.account == "marie@ch-exemple.fr");
  // A sender that looks like the rest of the line stays the sender.
  const Told faked(
      "NOQUEUE: reject: RCPT from unknown[203.0.113.4]: 554 5.7.1 no; from=<\"a> to=<victim@ch-exemple.fr> proto=ESMTP "
      "helo=<x>\"@exemple.net> to=<b@exemple.net> proto=ESMTP helo=<y>");
  CHECK(faked.event.get(Field::recipients) == "b@exemple.net");
  CHECK(ip_of(faked.event) == "203.0.113.4");
}

TEST_CASE("postfix: submission is a sign-in of the account and a message of its own") {
  LineProbe probe(postfix_line);
  REQUIRE(probe.read("Sep  8 07:46:30 mx1 postfix/submission/smtpd[812]: 4QxYzN1bC2z9Kd: client=pc.exemple.net[203.0.113.4], "
                     "sasl_method=PLAIN, sasl_username=Marie@CH-exemple.fr") == Status::event);
  REQUIRE(probe.events.size() == 1);
  const auto sign_in = probe.events[0];
  CHECK(sign_in.activity == Activity::sign_in);
  CHECK(sign_in.outcome == Outcome::success);
  CHECK(sign_in.account == "marie@ch-exemple.fr");
  CHECK(ip_of(sign_in) == "203.0.113.4");
  CHECK(sign_in.get(Field::client) == "submission");
  CHECK(sign_in.get(Field::auth_method) == "PLAIN");
  REQUIRE(probe.fragments.count("mx1/4QxYzN1bC2z9Kd") == 1);
  CHECK(probe.fragments["mx1/4QxYzN1bC2z9Kd"][0].id != sign_in.id);
  LineProbe filtered(postfix_line);
  filtered.read(
      "Sep  8 07:46:30 mx1 postfix/smtpd[812]: 0F5383D: client=localhost[127.0.0.1], sasl_method=LOGIN, sasl_username=m@ch-exemple.fr, "
      "sasl_sender=m@ch-exemple.fr, orig_queue_id=0F5383C, orig_client=unknown[203.0.113.9]");
  REQUIRE(filtered.events.size() == 1);
  CHECK(filtered.events[0].account == "m@ch-exemple.fr");
  CHECK(ip_of(filtered.events[0]) == "203.0.113.9");
}

TEST_CASE("postfix: queue ids, short and long, and what is none") {
  for (const char* id : {"17CCA8044", "0F5383D", "D95341E50350", "246884008A", "48rT2v1hQrz1J0N", "4QxYzN1bC2z9Kd"}) {
    LineProbe probe(postfix_line);
    CHECK(probe.read(std::string("Sep  8 07:46:30 mx1 postfix/qmgr[1]: ") + id + ": removed") == Status::event);
    CHECK(probe.fragments.count(std::string("mx1/") + id) == 1);
  }
  for (const char* text : {"warning: removed", "statistics: removed", "NOQUEUE: removed", "fatal: removed", "abcdef0123: removed",
                           "17CC: removed", "17CCA8044 removed"})
    CHECK(status_of(text, "qmgr") == Status::other);
}

TEST_CASE("postfix: every prefix of hostile lines is survived") {
  const std::string lines[] = {
      "NOQUEUE: reject: RCPT from x[: 5; from=< to=< proto=",
      "17CCA8044: client=x[], sasl_method=, sasl_username=, sasl_sender=, orig_client=[",
      "17CCA8044: to=<\"a, relay=, dsn=, status=",
      "17CCA8044: from=<>, size=, nrcpt=",
      "17CCA8044: warning: header Subject:  from ; from=<",
      "warning: [: SASL  authentication failed: , sasl_username=",
      "disconnect from ] auth=99999999999/",
  };
  for (const auto& line : lines)
    for (const char* program : {"smtpd", "qmgr", "cleanup", "smtp", "pickup"})
      for (std::size_t length = 0; length <= line.size(); ++length) CHECK(status_of(line.substr(0, length), program) != Status::malformed);
}

TEST_CASE("postfix: real samples, crowdsec") {
  // parser.assert: address of each line; the first is the refused sign-in, the next four are refused mail.
  const auto lines = sample_lines("crowdsec/postfix-logs/postfix-logs.log");
  for (std::size_t i = 0; i < lines.size(); ++i) {
    CAPTURE(lines[i]);
    LineProbe probe(postfix_line);
    const auto status = probe.read(lines[i]);
    CHECK(probe.cut == Cut::line);
    if (i >= 5) {
      CHECK(status == Status::other);
      continue;
    }
    REQUIRE(probe.events.size() == 1);
    CHECK(ip_of(probe.events[0]) == "192.168.1.1");
    CHECK((probe.events[0].activity == Activity::sign_in) == (i == 0));
    if (i == 1) CHECK(probe.events[0].get(Field::error_text) == "554 5.7.1 Service unavailable");
    if (i == 3) CHECK(probe.events[0].get(Field::sender) == "spammer@domain.tld");
  }
  LineProbe relay(postfix_line);
  for (const auto& raw : sample_lines("crowdsec/postfix-relay/postfix-spam.log")) {
    const auto event = relay.only(raw);
    CHECK(ip_of(event) == "192.168.1.1");
    CHECK(event.get(Field::error_text).find("Relay access denied") != std::string_view::npos);
  }
  LineProbe force(postfix_line);
  for (const auto& raw : sample_lines("crowdsec/postfix-sasl-bf/postfix-sasl-bf.log")) {
    const auto event = force.only(raw);
    CHECK(event.outcome == Outcome::failure);
    CHECK(ip_of(event) == "203.0.113.42");
  }
}

TEST_CASE("postfix: real samples, grok patterns") {
  const std::filesystem::path folder = std::filesystem::path(DIGUE_SOURCE_DIR) / "../shared/samples/postfix-grok-patterns";
  if (!std::filesystem::is_directory(folder)) {
    MESSAGE("skipped: no sample postfix-grok-patterns");
    return;
  }
  const auto value = [](const std::string& line, std::string_view key) {
    const auto at = line.find(key);
    if (at == std::string::npos) return std::string();
    auto text = line.substr(at + key.size());
    text.erase(0, text.find_first_not_of(" \""));
    while (!text.empty() && (text.back() == '"' || text.back() == ' ')) text.pop_back();
    return text;
  };
  std::size_t joined = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".yaml") continue;
    std::string program = entry.path().stem().string();
    program = program.substr(0, program.rfind('_'));
    std::string data, queue_id, status, client_ip, code, bounce;
    for (const auto& line : sample_lines(std::filesystem::path("postfix-grok-patterns") / entry.path().filename())) {
      if (line.starts_with("data:")) data = value(line, "data:");
      if (const auto found = value(line, "postfix_queueid:"); !found.empty()) queue_id = found;
      if (const auto found = value(line, "postfix_status:"); !found.empty()) status = found;
      if (const auto found = value(line, "postfix_client_ip:"); !found.empty()) client_ip = found;
      if (const auto found = value(line, "postfix_status_code:"); !found.empty()) code = found;
    }
    if (program.starts_with("tls_features") || program.starts_with("command_counter") || program == "delays" ||
        program.starts_with("relay"))
      continue;
    CAPTURE(entry.path().filename().string());
    CAPTURE(data);
    LineProbe probe(postfix_line);
    const auto answer = probe.read("Sep  8 07:46:30 mx1 postfix/" + program + "[1]: " + data);
    CHECK(answer != Status::malformed);
    if (probe.events.size() == 1 && !client_ip.empty()) CHECK(ip_of(probe.events[0]) == client_ip);
    if (probe.events.size() == 1 && !code.empty()) CHECK(probe.events[0].get(Field::error_code) == code);
    if (probe.fragments.empty()) continue;
    ++joined;
    CHECK(probe.fragments.begin()->first == "mx1/" + queue_id);
    if (!status.empty()) CHECK((probe.fragments.begin()->second[0].get(Field::status) == status || status == "expired"));
  }
  CHECK(joined >= 12);
}
