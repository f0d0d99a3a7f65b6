#include <algorithm>
#include <map>
#include <set>

#include "detect/detector.hpp"

namespace digue::detect {

namespace {

/// At least five accounts that each signed in on three days or more, and successes that outnumber failures by far: an address that people
/// work from. Spraying shows the opposite: many accounts that never get in.
void mark(std::span<const Attempt> attempts, SourceFacts& facts, const Profile& profile, std::vector<Finding>&) {
  for (const IpRange& range : profile.own_ranges)
    if (range.contains(facts.ip)) {
      facts.shared = true;
      return;
    }
  std::map<std::string_view, std::set<std::int64_t>> days;
  std::set<std::string_view> failed;
  std::uint64_t successes = 0, failures = 0;
  for (const Attempt& attempt : attempts) {
    if (attempt.outcome == Outcome::success) {
      days[attempt.account].insert(attempt.time.value / micros_per_day);
      ++successes;
    } else if (attempt.wrong_password) {
      failed.insert(attempt.account);
      failures += attempt.attempts;
    }
  }
  const auto steady = std::count_if(days.begin(), days.end(), [](const auto& entry) { return entry.second.size() >= 3; });
  const auto never_in = std::count_if(failed.begin(), failed.end(), [&](std::string_view account) { return !days.contains(account); });
  facts.shared = steady >= 5 && successes > 2 * failures && never_in * 4 < static_cast<std::int64_t>(days.size());
}

}  // namespace

const SourceDetector shared_address_detector{"shared_address", mark};

}  // namespace digue::detect
