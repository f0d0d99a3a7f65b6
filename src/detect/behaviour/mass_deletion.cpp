#include "detect/burst.hpp"

namespace digue::detect {

namespace {

constexpr std::uint64_t messages_per_hour = 50;

void detect_deletion(const Account& account, std::vector<Finding>& findings) {
  std::vector<const Row*> deleted;
  for (const std::uint32_t index : account.of({Activity::mail_delete, Activity::mail_purge}))
    if (account.row(index).outcome != Outcome::failure) deleted.push_back(&account.row(index));
  for (const Burst& burst : find_bursts(account, deleted, messages_per_hour, items)) {
    const Row& first = *burst.rows.front();
    Finding finding = make(account, "mass_deletion", Severity::medium, burst.enough_history ? 0.4 : 0.25, {"T1070.008"});
    why(finding, "why.mass_deletion", {std::to_string(burst.amount), std::to_string(burst.peak), std::to_string(burst.usual)});
    if (account.doubt_about(first) != nullptr) finding.severity = Severity::high;
    judge_place(finding, account, first);
    for (const Row* row : burst.rows) finding.prove(*row);
    findings.push_back(std::move(finding));
  }
}

}  // namespace

const AccountDetector mass_deletion_detector{"mass_deletion", detect_deletion};

}  // namespace digue::detect
