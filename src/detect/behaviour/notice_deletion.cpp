#include "base/text.hpp"
#include "detect/account.hpp"
#include "detect/signs.hpp"

namespace digue::detect {

namespace {

/// Warnings deleted (new sign-in, changed password, second factor, phishing reports) by an access in doubt: the
/// deletion hides what they tell.
void detect_deletion(const Account& account, std::vector<Finding>& findings) {
  Finding* open = nullptr;
  for (const std::uint32_t index : account.of({Activity::mail_delete, Activity::mail_purge})) {
    const Row& row = account.row(index);
    if (row.outcome == Outcome::failure || !is_security_notice(row.get(Field::subject))) continue;
    const Row* doubt = account.doubt_about(row);
    if (doubt == nullptr) continue;
    if (open == nullptr) {
      findings.push_back(make(account, "notice_deletion", Severity::high, 0.65, {"T1070.008"}));
      open = &findings.back();
      why(*open, "why.notice_deleted", {std::string(clip(row.get(Field::subject), 200)), when(account, row.time)});
      why(*open, "why.after_doubtful_access", {source(*doubt), when(account, doubt->time)});
    }
    open->prove(row);
  }
}

}  // namespace

const AccountDetector notice_deletion_detector{"notice_deletion", detect_deletion};

}  // namespace digue::detect
