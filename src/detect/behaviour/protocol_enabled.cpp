#include "base/text.hpp"
#include "detect/account.hpp"

namespace digue::detect {

namespace {

/// POP, IMAP and the like opened for a mailbox: ways in that often ask for no second factor.
void detect_protocol(const Account& account, std::vector<Finding>& findings) {
  for (const std::uint32_t index : account.of(Activity::protocol_enable)) {
    const Row& row = account.row(index);
    if (row.outcome == Outcome::failure || iequals(row.get(Field::new_value), "false")) continue;
    const std::string target(clip(row.get(Field::target).empty() ? account.view().account : row.get(Field::target), 120));
    const std::string property(row.get(Field::property).empty() ? "-" : clip(row.get(Field::property), 120));
    Finding finding = make(account, "protocol_enabled", Severity::medium, 0.35, {"T1114.002"});
    why(finding, "why.protocol_enabled", {target, property});
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

const AccountDetector protocol_enabled_detector{"protocol_enabled", detect_protocol};

}  // namespace digue::detect
