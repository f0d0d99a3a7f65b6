#include "base/text.hpp"
#include "detect/account.hpp"

namespace digue::detect {

namespace {

void detect_created(const Account& account, std::vector<Finding>& findings) {
  for (const std::uint32_t index : account.of({Activity::account_create, Activity::account_enable})) {
    const Row& row = account.row(index);
    if (row.outcome == Outcome::failure || row.get(Field::system_actor) == "true") continue;
    const bool enabled = row.activity == Activity::account_enable;
    const std::string target(row.get(Field::target).empty() ? "-" : clip(row.get(Field::target), 120));
    Finding finding = make(account, "account_created", Severity::low, 0.2, {enabled ? "T1098" : "T1136.003"});
    why(finding, enabled ? "why.account_enabled" : "why.account_created", {target, when(account, row.time)});
    judge_place(finding, account, row);
    if (account.doubt_about(row) != nullptr) finding.severity = Severity::high;
    finding.prove(row);
    findings.push_back(std::move(finding));
  }
}

}  // namespace

const AccountDetector account_created_detector{"account_created", detect_created};

}  // namespace digue::detect
