#include <map>
#include <set>

#include "detect/account.hpp"

namespace digue::detect {

namespace {

constexpr std::int64_t pause = micros_per_hour;
constexpr std::uint64_t enough = 20;

struct Wave {
  std::vector<const Row*> rows;
  std::uint64_t attempts = 0, unfamiliar = 0;
  std::set<IpAddress> sources;
};

void report(const Account& account, const Wave& wave, std::vector<Finding>& findings) {
  if (wave.attempts < enough) return;
  Finding finding = make(account, "brute_force", Severity::medium, 0.75, {"T1110.001"});
  why(finding, "why.brute_force",
      {std::to_string(wave.attempts), std::to_string(wave.sources.size()), when(account, wave.rows.front()->time),
       when(account, wave.rows.back()->time)});
  // A phone or a printer that keeps an old password knocks from where the account has always been used.
  if (wave.unfamiliar * 4 < wave.attempts) {
    finding.severity = Severity::low;
    benign(finding, 0.2, "benign.old_password", {source(*wave.rows.front())});
  }
  for (const Row* row : wave.rows) finding.prove(*row);
  findings.push_back(std::move(finding));
}

/// Waves of refused passwords on one account, from one address or many, at most an hour apart.
void detect_waves(const Account& account, std::vector<Finding>& findings) {
  Wave wave;
  for (const std::uint32_t index : account.of(Activity::sign_in)) {
    const Row& row = account.row(index);
    if (!is_wrong_password(row.outcome, row.get(Field::error_code))) continue;
    if (!wave.rows.empty() && row.time.value - wave.rows.back()->time.value > pause) {
      report(account, wave, findings);
      wave = {};
    }
    const std::uint64_t attempts = row.number(Field::attempts, 1) * row.repeats;
    wave.rows.push_back(&row);
    wave.attempts += attempts;
    if (row.ip) wave.sources.insert(*row.ip);
    const bool familiar = account.trusted_source(row) || Habits::other_days(account.habits().place_of(row), row.time) >= 2;
    if (!familiar) wave.unfamiliar += attempts;
  }
  report(account, wave, findings);
}

}  // namespace

const AccountDetector brute_force_detector{"brute_force", detect_waves};

}  // namespace digue::detect
