#include "detect/account.hpp"

namespace digue::detect {

namespace {

/// A password changed by an access in doubt: the owner may be locked out. Changes in the usual place are no finding.
void detect_change(const Account& account, std::vector<Finding>& findings) {
  for (const std::uint32_t index : account.of({Activity::password_change, Activity::password_reset})) {
    const Row& row = account.row(index);
    if (row.outcome == Outcome::failure || row.get(Field::system_actor) == "true") continue;
    const Row* doubt = account.doubt_about(row);
    if (doubt == nullptr) continue;
    const std::string_view target = row.get(Field::target).empty() ? account.view().account : row.get(Field::target);
    Finding finding = make(account, "password_changed", Severity::high, 0.6, {"T1098"});
    why(finding, "why.password_changed", {std::string(target), when(account, row.time)});
    why(finding, "why.after_doubtful_access", {source(*doubt), when(account, doubt->time)});
    finding.prove(row);
    findings.push_back(std::move(finding));
  }
}

}  // namespace

const AccountDetector password_changed_detector{"password_changed", detect_change};

}  // namespace digue::detect
