#include "base/text.hpp"
#include "detect/account.hpp"

namespace digue::detect {

namespace {

constexpr std::size_t many = 10;

/// Roles or accounts taken away: cleaning up, or locking the defenders out.
void detect_removed(const Account& account, std::vector<Finding>& findings) {
  const auto rows = account.of({Activity::role_remove, Activity::account_delete, Activity::account_disable});
  for (std::size_t i = 0; i < rows.size();) {
    const Row& row = account.row(rows[i]);
    if (row.outcome == Outcome::failure || row.get(Field::system_actor) == "true") {
      ++i;
      continue;
    }
    Finding finding = make(account, "access_removed", Severity::medium, 0.25, {"T1531"});
    const std::string target(row.get(Field::target).empty() ? "-" : clip(row.get(Field::target), 120));
    const std::string role(row.get(Field::role).empty() ? "-" : clip(row.get(Field::role), 120));
    if (row.activity == Activity::role_remove)
      why(finding, "why.role_removed", {role, target});
    else
      why(finding, row.activity == Activity::account_delete ? "why.account_deleted" : "why.account_disabled", {target});
    judge_place(finding, account, row);
    const std::size_t start = i;
    for (; i < rows.size() && account.row(rows[i]).activity == row.activity; ++i) {
      const Row& next = account.row(rows[i]);
      if (next.time.value - row.time.value > micros_per_hour) break;
      finding.prove(next);
    }
    if (i - start >= many) {
      why(finding, "why.removed_many", {std::to_string(i - start)});
      finding.severity = Severity::high;
      raise(finding, 0.3);
    }
    findings.push_back(std::move(finding));
  }
}

}  // namespace

const AccountDetector access_removed_detector{"access_removed", detect_removed};

}  // namespace digue::detect
