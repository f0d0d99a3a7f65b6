#include "base/text.hpp"
#include "detect/account.hpp"

namespace digue::detect {

namespace {

void detect_audit(const Account& account, std::vector<Finding>& findings) {
  for (const std::uint32_t index : account.of(Activity::audit_disable)) {
    const Row& row = account.row(index);
    if (row.outcome == Outcome::failure) continue;
    const std::string property(row.get(Field::property).empty() ? row.operation : clip(row.get(Field::property), 120));
    const std::string target(row.get(Field::target).empty() ? "-" : clip(row.get(Field::target), 120));
    Finding finding = make(account, "audit_disabled", Severity::high, 0.6, {"T1562.008", "T1562"});
    why(finding, "why.audit_disabled", {property, target, when(account, row.time)});
    if (row.get(Field::system_actor) == "true") {
      finding.severity = Severity::informational;
      benign(finding, 0.1, "benign.platform_service", {std::string(row.account)});
    } else {
      judge_place(finding, account, row);
    }
    finding.prove(row);
    findings.push_back(std::move(finding));
  }
}

}  // namespace

const AccountDetector audit_disabled_detector{"audit_disabled", detect_audit};

}  // namespace digue::detect
