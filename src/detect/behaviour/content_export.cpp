#include "base/text.hpp"
#include "detect/account.hpp"

namespace digue::detect {

namespace {

/// Searches over mailboxes and their export, by the platform's own tools.
void detect_export(const Account& account, std::vector<Finding>& findings) {
  for (const std::uint32_t index : account.of(Activity::export_content)) {
    const Row& row = account.row(index);
    if (row.outcome == Outcome::failure || row.get(Field::system_actor) == "true") continue;
    const std::string target(row.get(Field::target).empty() ? "-" : clip(row.get(Field::target), 120));
    Finding finding = make(account, "content_export", Severity::medium, 0.35, {"T1114.002"});
    why(finding, "why.content_export", {std::string(row.operation), target});
    judge_place(finding, account, row);
    finding.prove(row);
    findings.push_back(std::move(finding));
  }
}

}  // namespace

const AccountDetector content_export_detector{"content_export", detect_export};

}  // namespace digue::detect
