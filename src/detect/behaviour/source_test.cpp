#include <doctest/doctest.h>

#include <deque>
#include <set>

#include "detect/detector.hpp"
#include "model/test_rows.hpp"

namespace digue::detect {

namespace {

using test::at;

/// Attempts from one address, judged by every source detector in their order.
class Source {
 public:
  explicit Source(std::string ip) { facts.ip = *parse_ip(ip); }

  Source& refused(UtcMicros time, const std::string& account, std::uint32_t attempts = 1) {
    return add(time, account, Outcome::failure, true, attempts);
  }
  Source& entered(UtcMicros time, const std::string& account) { return add(time, account, Outcome::success, false, 1); }
  /// A failure that no guess makes: a second factor, a policy.
  Source& failed(UtcMicros time, const std::string& account) { return add(time, account, Outcome::failure, false, 1); }

  std::vector<Finding> judge() {
    std::sort(attempts_.begin(), attempts_.end(),
              [](const Attempt& a, const Attempt& b) { return std::tie(a.time, a.id) < std::tie(b.time, b.id); });
    std::set<std::string_view> in, out;
    std::set<std::int64_t> days;
    for (const Attempt& attempt : attempts_) {
      (attempt.outcome == Outcome::success ? in : out).insert(attempt.account);
      if (attempt.outcome == Outcome::success) days.insert(attempt.time.value / micros_per_day);
    }
    facts.accounts_succeeded = static_cast<std::uint32_t>(in.size());
    facts.accounts_failed = static_cast<std::uint32_t>(out.size());
    facts.days = static_cast<std::uint32_t>(days.size());
    std::vector<Finding> findings;
    for (const auto* detector : source_detectors()) detector->detect(attempts_, facts, profile, findings);
    return findings;
  }

  SourceFacts facts;
  Profile profile;

 private:
  Source& add(UtcMicros time, const std::string& account, Outcome outcome, bool wrong, std::uint32_t attempts) {
    const std::string& kept = accounts_.emplace_back(account);
    attempts_.push_back({time, id_of({kept, std::to_string(attempts_.size())}), kept, outcome, attempts, kept, {}, wrong});
    return *this;
  }
  std::deque<std::string> accounts_;
  std::vector<Attempt> attempts_;
};

std::string agent(int number) {
  return "agent" + std::to_string(number) + "@ch-exemple.fr";
}

}  // namespace

TEST_CASE("spray: five accounts refused within ten minutes; the success after it is among the records") {
  Source source("203.0.113.66");
  for (int k = 0; k < 5; ++k) source.refused(at(0, 3, k), agent(k));
  source.entered(at(0, 3, 6), agent(9));
  const auto findings = source.judge();
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].rule == "password_spray");
  CHECK(findings[0].techniques.front() == "T1110.003");
  CHECK(findings[0].severity == Severity::critical);
  CHECK(findings[0].records.size() == 6);
  CHECK(findings[0].why.back() == Text{"why.spray_entered", {agent(9)}});
  CHECK(source.facts.sprayed);
}

TEST_CASE("spray: four accounts, or five over hours, are not enough") {
  Source four("203.0.113.66");
  for (int k = 0; k < 4; ++k) four.refused(at(0, 3, k), agent(k));
  CHECK(four.judge().empty());
  Source slow("203.0.113.66");
  for (int k = 0; k < 5; ++k) slow.refused(at(0, 3 + k), agent(k));
  CHECK(slow.judge().empty());
  CHECK_FALSE(slow.facts.sprayed);
}

TEST_CASE("spray: one account now and then over days is a slow spray") {
  Source source("203.0.113.66");
  for (int k = 0; k < 9; ++k) source.refused(at(k / 3, 3 + k % 3), agent(k));
  const auto findings = source.judge();
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].why.front().key == "why.spray_slow");
  CHECK(source.facts.sprayed);
}

TEST_CASE("spray: failures that no guess makes do not count") {
  Source source("203.0.113.66");
  for (int k = 0; k < 30; ++k) source.failed(at(0, 3, k), agent(k));
  CHECK(source.judge().empty());
}

TEST_CASE("spray: with hundreds of refusals the successes are kept among the records") {
  Source source("203.0.113.66");
  for (int k = 0; k < 400; ++k) source.refused(at(0, 3, 0, k), agent(k));
  source.entered(at(0, 4), agent(500)).entered(at(0, 4, 1), agent(501));
  const auto findings = source.judge();
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].records.size() == Finding::max_records);
  CHECK(findings[0].records_total == 402);
  CHECK(std::count_if(findings[0].records.begin(), findings[0].records.end(),
                      [](const auto& record) { return record.uid == agent(500) || record.uid == agent(501); }) == 2);
}

TEST_CASE("shared address: where people work, Monday's mistyping is no spray") {
  Source source("192.0.2.10");
  for (int day = 0; day < 5; ++day)
    for (int k = 0; k < 30; ++k) source.entered(at(day, 7, k), agent(k));
  for (int k = 0; k < 20; ++k) source.refused(at(7, 7, k / 4), agent(k)).entered(at(7, 7, k / 4, 40), agent(k));
  CHECK(source.judge().empty());
  CHECK(source.facts.shared);
  CHECK_FALSE(source.facts.sprayed);
}

TEST_CASE("shared address: a spray from the establishment's own range is told, but makes no hostile source") {
  Source source("192.0.2.10");
  source.profile.own_ranges = {*parse_range("192.0.2.0/27")};
  for (int k = 0; k < 12; ++k) source.refused(at(0, 3, 0, 5 * k), agent(k));
  const auto findings = source.judge();
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].confidence < 0.5);
  CHECK(findings[0].benign.front().key == "benign.shared_address");
  CHECK_FALSE(source.facts.sprayed);
}

TEST_CASE("shared address: an intruder who holds a few accounts shares nothing") {
  Source source("203.0.113.66");
  for (int day = 0; day < 6; ++day)
    for (int k = 0; k < 4; ++k) source.entered(at(day, 2, k), agent(k));
  source.judge();
  CHECK_FALSE(source.facts.shared);
}

TEST_CASE("guessing source: many refusals of one account from an address that it never used") {
  Source source("203.0.113.66");
  for (int k = 0; k < 7; ++k) source.refused(at(0, 3, k), agent(1), 3);
  CHECK(source.judge().empty());
  CHECK(source.facts.sprayed);
}

TEST_CASE("guessing source: the owner's own address, known before or used for days after, is none") {
  Source before("198.51.100.20");
  before.entered(at(0), agent(1));
  for (int k = 0; k < 60; ++k) before.refused(at(1, 3, k), agent(1));
  before.judge();
  CHECK_FALSE(before.facts.sprayed);
  Source after("198.51.100.20");
  for (int k = 0; k < 25; ++k) after.refused(at(0, 3, k), agent(1));
  for (int day = 0; day < 4; ++day) after.entered(at(day, 9), agent(1));
  after.judge();
  CHECK_FALSE(after.facts.sprayed);
}

}  // namespace digue::detect
