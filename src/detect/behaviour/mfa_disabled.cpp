#include "detect/account.hpp"

namespace digue::detect {

namespace {

/// The second factor switched off, or a method taken away.
void detect_disabled(const Account& account, std::vector<Finding>& findings) {
  for (const std::uint32_t index : account.of({Activity::mfa_disable, Activity::mfa_remove})) {
    const Row& row = account.row(index);
    if (row.outcome == Outcome::failure) continue;
    const bool off = row.activity == Activity::mfa_disable;
    const std::string_view target = row.get(Field::target).empty() ? account.view().account : row.get(Field::target);
    Finding finding = make(account, "mfa_disabled", off ? Severity::high : Severity::low, off ? 0.5 : 0.2, {"T1556.006", "T1556"});
    why(finding, off ? "why.mfa_off" : "why.mfa_removed", {std::string(target), when(account, row.time)});
    if (!off && account.doubtful_before(row.time, micros_per_day) != nullptr) finding.severity = Severity::medium;
    judge_place(finding, account, row);
    finding.prove(row);
    findings.push_back(std::move(finding));
  }
}

}  // namespace

const AccountDetector mfa_disabled_detector{"mfa_disabled", detect_disabled};

}  // namespace digue::detect
