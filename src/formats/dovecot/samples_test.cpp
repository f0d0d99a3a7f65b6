#include <doctest/doctest.h>

#include "formats/container/line_probe.hpp"

namespace digue::formats {
extern const LineFormat dovecot_line;
}

using namespace digue;
using namespace digue::formats;

namespace {

/// What one raw line gives.
struct Read {
  explicit Read(const std::string& raw) {
    probe.read(raw);
    if (!probe.events.empty()) event = &probe.events[0];
  }
  bool failed() const { return event != nullptr && event->outcome == Outcome::failure; }
  LineProbe probe{dovecot_line};
  const Event* event = nullptr;
};

}  // namespace

TEST_CASE("dovecot: real samples, crowdsec") {
  // From parser.assert of the same folder: 13 failures with these addresses, one line without attempts, one login.
  const std::map<std::size_t, std::string> expected{
      {0, "1.1.1.1"},          {1, "1.1.1.1"},      {2, "1.1.1.1"},      {3, "172.17.0.1"},    {4, "172.17.0.1"},
      {5, "172.17.0.1"},       {6, "172.17.0.1"},   {9, "5.34.207.151"}, {10, "5.34.207.161"}, {11, "220.169.110.101"},
      {12, "220.169.110.101"}, {13, "192.168.1.1"}, {14, "192.168.1.1"}};
  const std::map<std::size_t, std::string> users{
      {0, "toto"}, {2, "toto@toto.com"}, {9, "caliph@customdomaine.com"}, {11, "contact"}, {14, "karen@co.uk"}};
  const auto lines = sample_lines("crowdsec/dovecot-logs/dovecot-logs.log");
  for (std::size_t i = 0; i < lines.size(); ++i) {
    CAPTURE(lines[i]);
    const Read result(lines[i]);
    const bool failed = result.failed();
    CHECK(failed == (expected.count(i) == 1));
    if (failed) CHECK(ip_of(*result.event) == expected.at(i));
    if (users.count(i) != 0) CHECK(result.event->account == users.at(i));
    if (i == 8) {
      REQUIRE(result.event);
      CHECK(result.event->outcome == Outcome::success);
      CHECK(result.event->account == "test@yourdomain.net");
    }
  }
  // scenario.assert: four failures of one source and account, ten minutes apart.
  std::size_t slow = 0;
  for (const auto& raw : sample_lines("crowdsec/dovecot-slow-bf/dovecot-slow-bf.log"))
    if (const Read result(raw); result.failed() && ip_of(*result.event) == "192.0.2.1" && result.event->account == "admin@example.com")
      ++slow;
  CHECK((slow == 4 || slow == 0));
  // scenario.assert: three sources with four failed lines each.
  std::map<std::string, int> sources;
  for (const auto& raw : sample_lines("crowdsec/dovecot-spam/dovecot-spam.log"))
    if (const Read result(raw); result.failed()) ++sources[ip_of(*result.event)];
  if (!sources.empty()) CHECK(sources == std::map<std::string, int>{{"1.1.1.1", 4}, {"172.17.0.1", 4}, {"2.2.2.2", 4}});
}

TEST_CASE("dovecot: real samples, fail2ban with its negative cases") {
  bool aggressive = false;
  std::size_t matched = 0;
  std::string note;
  for (const auto& raw : sample_lines("fail2ban/dovecot.log")) {
    if (raw.find("\"mode\": \"aggressive\"") != std::string::npos) aggressive = true;
    if (raw.find("failJSON") != std::string::npos) note = raw;
    if (raw.empty() || raw.front() == '#' || note.empty()) continue;
    // Its aggressive mode bans connections that tried no password; for us they stay no failures.
    const bool failure = !aggressive && note.find("\"match\": true") != std::string::npos;
    CAPTURE(raw);
    const Read result(raw);
    CHECK(result.failed() == failure);
    if (failure && result.event) {
      const auto at = note.find("\"host\": \"") + 9;
      CHECK(ip_of(*result.event) == note.substr(at, note.find('"', at) - at));
      ++matched;
    }
    note.clear();
  }
  CHECK((matched == 0 || matched >= 35));
}

TEST_CASE("dovecot: real samples, wazuh") {
  std::string group;
  for (const auto& raw : sample_lines("wazuh/dovecot.ini")) {
    if (raw.starts_with("[")) group = raw;
    if (!raw.starts_with("log ")) continue;
    const Read result(raw.substr(raw.find(" = ") + 3));
    CAPTURE(raw);
    CHECK(result.probe.cut == Cut::line);
    const bool failure = result.failed();
    if (group == "[auth failed]" || group == "[dovecot auth failed]" || group == "[unknown user]" || group == "[XXX unknown 1002]")
      CHECK(failure);
    if (group == "[dovecot is starting]" || group == "[session disconnected]" || group == "[fatal error]")
      CHECK_FALSE(result.event != nullptr);
    if (group == "[XXX logged out]")
      CHECK((result.event && result.event->activity == Activity::sign_out && result.event->account == "username"));
    if (group == "[auth failed]" && result.event && raw.find("thousands") != std::string::npos)
      CHECK(result.event->get(Field::attempts) == "7");
  }
}
