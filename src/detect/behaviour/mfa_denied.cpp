#include "detect/account.hpp"
#include "detect/signs.hpp"

namespace digue::detect {

namespace {

/// The user refused a request for the second factor, or reported it: somebody else held the password. One finding for each day.
void detect_denied(const Account& account, std::vector<Finding>& findings) {
  Finding* today = nullptr;
  std::int64_t day = 0;
  for (const std::uint32_t index : account.of({Activity::sign_in, Activity::mfa_challenge})) {
    const Row& row = account.row(index);
    if (!is_mfa_denial(row)) continue;
    if (today == nullptr || row.time.value / micros_per_day != day) {
      findings.push_back(make(account, "mfa_denied", Severity::low, 0.4, {"T1621"}));
      today = &findings.back();
      day = row.time.value / micros_per_day;
      why(*today, "why.mfa_denied", {source(row), when(account, row.time)});
      if (account.trusted_source(row) || Habits::other_days(account.habits().place_of(row), row.time) >= 2)
        benign(*today, 0.4, "benign.usual_place", {source(row)});
    }
    if (is_fraud_report(row) && today->severity < Severity::high) {
      today->severity = Severity::high;
      raise(*today, 0.6);
      why(*today, "why.mfa_fraud_reported", {when(account, row.time)});
    }
    today->prove(row);
  }
}

}  // namespace

const AccountDetector mfa_denied_detector{"mfa_denied", detect_denied};

}  // namespace digue::detect
