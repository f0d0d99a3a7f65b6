#include "base/text.hpp"
#include "detect/account.hpp"
#include "detect/signs.hpp"

namespace digue::detect {

namespace {

/// Searches for payments, bank details or passwords by an access in doubt. People search for such words too: elsewhere it is no finding.
void detect_search(const Account& account, std::vector<Finding>& findings) {
  Finding* open = nullptr;
  for (const std::uint32_t index : account.of(Activity::mail_search)) {
    const Row& row = account.row(index);
    const std::string_view query = row.get(Field::new_value);
    const std::string_view word = telltale_word(query);
    const Row* doubt = word.empty() ? nullptr : account.doubt_about(row);
    if (doubt == nullptr) continue;
    if (open == nullptr) {
      findings.push_back(make(account, "sensitive_search", Severity::medium, 0.5, {"T1213"}));
      open = &findings.back();
      why(*open, "why.sensitive_search", {std::string(clip(query, 200)), std::string(word)});
      why(*open, "why.after_doubtful_access", {source(*doubt), when(account, doubt->time)});
    }
    open->prove(row);
  }
}

}  // namespace

const AccountDetector sensitive_search_detector{"sensitive_search", detect_search};

}  // namespace digue::detect
