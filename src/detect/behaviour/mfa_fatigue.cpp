#include <deque>

#include "detect/account.hpp"
#include "detect/signs.hpp"

namespace digue::detect {

namespace {

constexpr std::int64_t window = micros_per_hour;
constexpr std::int64_t burst = 10 * micros_per_minute;
constexpr std::size_t few = 3, several = 5, many = 10;

struct Wave {
  std::deque<const Row*> refusals;
  std::size_t closest = 0;  ///< most refusals within ten minutes
};

void report(const Account& account, const Wave& wave, const Row* success, std::vector<Finding>& findings) {
  const std::size_t count = wave.refusals.size();
  if (success == nullptr ? wave.closest < many && count < 2 * many : count < few) return;
  Finding finding = make(account, "mfa_fatigue", Severity::high, 0.6, {"T1621"});
  why(finding, "why.mfa_refusals",
      {std::to_string(count), when(account, wave.refusals.front()->time), when(account, wave.refusals.back()->time)});
  if (success != nullptr) {
    why(finding, "why.mfa_then_success", {source(*success), when(account, success->time)});
    finding.severity = count >= several ? Severity::critical : Severity::medium;
    finding.confidence = count >= several ? 0.85 : 0.3;
    if (account.trusted_source(*success) || account.habits().regular(*success) || account.habits().regular_before(*success)) {
      benign(finding, 0.3, "benign.usual_place", {source(*success)});
      finding.severity = Severity::low;
    } else if (account.doubtful(*success)) {
      raise(finding, 0.3);
      if (finding.severity == Severity::medium) finding.severity = Severity::high;
    }
  }
  for (const Row* row : wave.refusals)
    if (success == nullptr)
      finding.prove(*row);
    else if (finding.records.size() + 1 < Finding::max_records)
      finding.show(*row);
  if (success != nullptr) finding.prove(*success);
  findings.push_back(std::move(finding));
}

/// Requests for the second factor that were refused or left alone, again and again, until one was accepted.
void detect_fatigue(const Account& account, std::vector<Finding>& findings) {
  Wave wave;
  std::deque<const Row*> recent;
  const auto close = [&](const Row* success) {
    if (!wave.refusals.empty()) report(account, wave, success, findings);
    wave = {};
    recent.clear();
  };
  for (const std::uint32_t index : account.of({Activity::sign_in, Activity::mfa_challenge})) {
    const Row& row = account.row(index);
    if (is_mfa_refusal(row)) {
      if (!wave.refusals.empty() && row.time.value - wave.refusals.back()->time.value > window) close(nullptr);
      wave.refusals.push_back(&row);
      recent.push_back(&row);
      while (row.time.value - recent.front()->time.value > burst) recent.pop_front();
      wave.closest = std::max(wave.closest, recent.size());
    } else if (row.outcome == Outcome::success && !wave.refusals.empty()) {
      const bool in_time = row.time.value - wave.refusals.back()->time.value <= window;
      // Another session of the user, going on elsewhere, is not the answer to these requests.
      const bool same_place = !row.ip || !wave.refusals.back()->ip || neighbourhood(*row.ip) == neighbourhood(*wave.refusals.back()->ip) ||
                              (!row.country.empty() && row.country == wave.refusals.back()->country);
      if (!in_time)
        close(nullptr);
      else if (same_place)
        close(&row);
    }
  }
  close(nullptr);
}

}  // namespace

const AccountDetector mfa_fatigue_detector{"mfa_fatigue", detect_fatigue};

}  // namespace digue::detect
