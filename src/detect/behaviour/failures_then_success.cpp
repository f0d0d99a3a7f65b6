#include <deque>

#include "detect/account.hpp"

namespace digue::detect {

namespace {

constexpr std::int64_t window = micros_per_hour;
constexpr std::uint64_t enough_here = 5;       ///< refusals of the same address or device
constexpr std::uint64_t enough_anywhere = 10;  ///< refusals of the account from anywhere, within ten minutes of the success

bool wrong_password(const Row& row) {
  return row.activity == Activity::sign_in && is_wrong_password(row.outcome, row.get(Field::error_code));
}
std::uint64_t attempts(const Row& row) {
  return row.number(Field::attempts, 1) * row.repeats;
}

/// What the refusals before a success have in common with it.
struct Run {
  std::uint64_t by_ip = 0, by_device = 0, by_account = 0;
  std::vector<const Row*> rows;
};

Run run_before(const std::deque<const Row*>& failures, const Row& success) {
  Run run;
  for (const Row* failure : failures) {
    const bool same_ip = failure->ip && failure->ip == success.ip;
    const bool same_device = !same_ip && !success.device.empty() && failure->device == success.device && !failure->own_range;
    const bool recent = success.time.value - failure->time.value <= 10 * micros_per_minute;
    if (same_ip) run.by_ip += attempts(*failure);
    if (same_ip || same_device) run.by_device += attempts(*failure);
    if (recent) run.by_account += attempts(*failure);
    if (same_ip || same_device || recent) run.rows.push_back(failure);
  }
  return run;
}

void detect_run(const Account& account, std::vector<Finding>& findings) {
  std::deque<const Row*> failures;
  for (const std::uint32_t index : account.of(Activity::sign_in)) {
    const Row& row = account.row(index);
    while (!failures.empty() && row.time.value - failures.front()->time.value > window) failures.pop_front();
    if (wrong_password(row)) {
      failures.push_back(&row);
      continue;
    }
    if (row.outcome != Outcome::success || failures.empty()) continue;
    const Run run = run_before(failures, row);
    const std::uint64_t here = std::max(run.by_ip, run.by_device);
    if (here < enough_here && run.by_account < enough_anywhere) continue;
    const std::uint64_t count = std::max(here, run.by_account);
    // People mistype a handful; programs try on.
    Finding finding = make(account, "failures_then_success", Severity::medium, count >= 20 ? 0.75 : count >= 10 ? 0.55 : 0.35, {"T1110"});
    if (here >= enough_here)
      why(finding, run.by_ip >= enough_here ? "why.failures_same_ip" : "why.failures_same_device",
          {std::to_string(here), source(row), when(account, row.time), std::string(row.device)});
    else
      why(finding, "why.failures_account", {std::to_string(run.by_account), source(row), when(account, row.time)});
    if (account.trusted_source(row))
      benign(finding, 0.3, "benign.shared_address", {source(row)});
    else if (account.habits().regular(row) || account.habits().regular_before(row))
      benign(finding, 0.3, "benign.usual_place", {source(row)});
    else if (account.doubtful(row))
      raise(finding, 0.4);
    if (finding.confidence >= 0.6) finding.severity = Severity::high;
    if (finding.confidence < 0.3) finding.severity = Severity::low;
    for (const Row* failure : run.rows)
      if (finding.records.size() + 1 < Finding::max_records) finding.show(*failure);
    finding.prove(row);
    findings.push_back(std::move(finding));
    failures.clear();
  }
}

}  // namespace

const AccountDetector failures_then_success_detector{"failures_then_success", detect_run};

}  // namespace digue::detect
