#include <algorithm>
#include <map>
#include <set>

#include "detect/detector.hpp"

namespace digue::detect {

namespace {

constexpr std::int64_t window = 10 * micros_per_minute;
constexpr std::size_t accounts_in_window = 5;
constexpr std::size_t accounts_over_time = 8;  ///< a slow spray: an account now and then, over days

struct Shape {
  std::size_t widest = 0;    ///< most accounts refused within one window
  UtcMicros start, end;      ///< of that window
  std::size_t failed = 0;    ///< accounts refused over the whole time
  std::size_t never_in = 0;  ///< of them, those that never got in from here
  std::uint64_t failures = 0, successes = 0;
};

Shape measure(std::span<const Attempt> attempts) {
  Shape shape;
  std::map<std::string_view, std::size_t> inside;
  std::set<std::string_view> failed, succeeded;
  std::size_t oldest = 0;
  for (const Attempt& attempt : attempts) {
    if (attempt.outcome == Outcome::success) {
      succeeded.insert(attempt.account);
      ++shape.successes;
    }
    if (!attempt.wrong_password) continue;
    failed.insert(attempt.account);
    shape.failures += attempt.attempts;
    ++inside[attempt.account];
    for (; attempts[oldest].time.value < attempt.time.value - window; ++oldest)
      if (attempts[oldest].wrong_password)
        if (const auto at = inside.find(attempts[oldest].account); --at->second == 0) inside.erase(at);
    if (inside.size() > shape.widest) {
      shape.widest = inside.size();
      shape.start = attempts[oldest].time;
      shape.end = attempt.time;
    }
  }
  shape.failed = failed.size();
  shape.never_in = static_cast<std::size_t>(
      std::count_if(failed.begin(), failed.end(), [&](std::string_view account) { return !succeeded.contains(account); }));
  return shape;
}

void prove(Finding& finding, const Attempt& attempt) {
  if (finding.records_total++ == 0) finding.first = attempt.time;
  finding.last = attempt.time;
  if (finding.records.size() < Finding::max_records) finding.records.push_back({attempt.place, std::string(attempt.uid), attempt.id});
}

void detect_spray(std::span<const Attempt> attempts, SourceFacts& facts, const Profile&, std::vector<Finding>& findings) {
  const Shape shape = measure(attempts);
  const bool fast = shape.widest >= accounts_in_window;
  const bool slow = shape.failed >= accounts_over_time && shape.never_in * 4 >= shape.failed * 3;
  if (!fast && !slow) return;
  // Where people work, each who fails gets in soon after; a sprayer is refused almost everywhere.
  if (shape.never_in * 2 < shape.failed || shape.successes > shape.failures * 2) return;

  Finding finding;
  finding.rule = "password_spray";
  finding.severity = Severity::high;
  finding.confidence = fast ? 0.9 : 0.75;
  finding.techniques = {"T1110.003"};
  finding.ips = {facts.ip};
  // Records are kept for the successes first: they are what must not fall to the cap.
  std::set<std::string_view> entered;
  const Attempt* first_failure = nullptr;
  for (const Attempt& attempt : attempts)
    if (attempt.wrong_password && first_failure == nullptr) first_failure = &attempt;
  const auto is_entry = [&](const Attempt& a) { return a.outcome == Outcome::success && a.time >= first_failure->time; };
  std::uint64_t kept_for_entries = 0;
  for (const Attempt& attempt : attempts)
    if (is_entry(attempt) && entered.insert(attempt.account).second) ++kept_for_entries;
  std::set<std::string_view> shown;
  for (const Attempt& attempt : attempts) {
    const bool entry = is_entry(attempt) && shown.insert(attempt.account).second;
    if (entry)
      prove(finding, attempt);
    else if (attempt.wrong_password) {
      if (finding.records.size() + kept_for_entries - shown.size() < Finding::max_records) {
        prove(finding, attempt);
      } else {
        ++finding.records_total;
        finding.last = attempt.time;
      }
    }
  }
  finding.why.push_back({fast ? "why.spray_fast" : "why.spray_slow",
                         {to_text(facts.ip), std::to_string(shape.failed), std::to_string(shape.failures),
                          std::to_string(fast ? shape.widest : shape.never_in)}});
  if (facts.shared) {
    finding.confidence *= 0.5;
    finding.benign.push_back({"benign.shared_address", {to_text(facts.ip)}});
  } else {
    facts.sprayed = true;
    if (!entered.empty()) {
      finding.severity = Severity::critical;
      finding.techniques.push_back("T1078");
      for (const auto account : entered) {
        if (finding.why.size() == 12) break;
        finding.why.push_back({"why.spray_entered", {std::string(account)}});
      }
    }
  }
  finish(finding);
  findings.push_back(std::move(finding));
}

}  // namespace

const SourceDetector password_spray_detector{"password_spray", detect_spray};

}  // namespace digue::detect
