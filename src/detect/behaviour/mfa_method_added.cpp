#include "base/text.hpp"
#include "detect/account.hpp"

namespace digue::detect {

namespace {

/// Changes of the second factor that belong together (a registration writes several records): within ten minutes, on one target.
void detect_added(const Account& account, std::vector<Finding>& findings) {
  const auto rows = account.of(Activity::mfa_add);
  for (std::size_t i = 0; i < rows.size();) {
    const Row& row = account.row(rows[i]);
    if (row.outcome == Outcome::failure) {
      ++i;
      continue;
    }
    const std::string_view target = row.get(Field::target);
    const bool other_account = !target.empty() && target != account.view().account;
    Finding finding = make(account, "mfa_method_added", Severity::low, 0.25, {"T1098.005", "T1556.006"});
    std::string detail(row.get(Field::mfa_detail).empty() ? row.get(Field::device_name) : row.get(Field::mfa_detail));
    why(finding, "why.mfa_added",
        {std::string(other_account ? target : account.view().account), detail.empty() ? std::string(row.operation) : std::move(detail),
         when(account, row.time)});
    const Row* doubt = row.ip && account.doubtful(row) ? &row : account.doubtful_before(row.time, micros_per_day);
    if (doubt != nullptr) {
      finding.severity = Severity::high;
      finding.confidence = 0.7;
      why(finding, "why.after_doubtful_access", {source(*doubt), when(account, doubt->time)});
      const auto* country = account.habits().find(Habits::Kind::country, doubt->country);
      if (!account.hostile_source(*doubt) && Habits::days_before(country, doubt->time) >= 5) {
        finding.severity = Severity::medium;
        benign(finding, 0.5, "benign.new_phone_usual_country", {std::string(doubt->country)});
      }
    } else if (account.usual(row)) {
      benign(finding, 0.4, "benign.new_phone", {source(row)});
    } else if (!row.ip) {
      benign(finding, 0.6, "benign.no_doubtful_access", {});
    }
    finding.prove(row);
    for (++i; i < rows.size(); ++i) {
      const Row& next = account.row(rows[i]);
      if (next.time.value - row.time.value > 10 * micros_per_minute || next.get(Field::target) != target) break;
      finding.prove(next);
    }
    findings.push_back(std::move(finding));
  }
}

}  // namespace

const AccountDetector mfa_method_added_detector{"mfa_method_added", detect_added};

}  // namespace digue::detect
