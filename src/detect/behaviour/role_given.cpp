#include "base/text.hpp"
#include "detect/account.hpp"
#include "detect/signs.hpp"

namespace digue::detect {

namespace {

/// A role given to an account; one that administers the tenant or its mail weighs more.
void detect_role(const Account& account, std::vector<Finding>& findings) {
  for (const std::uint32_t index : account.of(Activity::role_add)) {
    const Row& row = account.row(index);
    if (row.outcome == Outcome::failure) continue;
    const bool admin = is_admin_role(row.get(Field::role));
    const std::string role(row.get(Field::role).empty() ? "-" : clip(row.get(Field::role), 120));
    const std::string target(row.get(Field::target).empty() ? "-" : clip(row.get(Field::target), 120));
    Finding finding =
        make(account, "role_given", admin ? Severity::high : Severity::medium, admin ? 0.45 : 0.25, {"T1098.003", "T1098", "T1098.001"});
    why(finding, "why.role_given", {role, target});
    if (row.get(Field::target) == account.view().account) {
      why(finding, "why.role_self", {target});
      raise(finding, 0.3);
    }
    if (row.get(Field::system_actor) == "true") {
      finding.severity = Severity::informational;
      benign(finding, 0.2, "benign.platform_service", {std::string(row.account)});
    } else {
      judge_place(finding, account, row);
    }
    finding.prove(row);
    findings.push_back(std::move(finding));
  }
}

}  // namespace

const AccountDetector role_given_detector{"role_given", detect_role};

}  // namespace digue::detect
