#include "base/text.hpp"
#include "detect/account.hpp"

namespace digue::detect {

namespace {

/// An application, or a secret for one: access that outlives every password.
void detect_registration(const Account& account, std::vector<Finding>& findings) {
  for (const std::uint32_t index : account.of({Activity::app_create, Activity::app_credential_add})) {
    const Row& row = account.row(index);
    if (row.outcome == Outcome::failure) continue;
    const bool secret = row.activity == Activity::app_credential_add;
    const std::string_view named = row.get(Field::app_name).empty() ? row.get(Field::app_id) : row.get(Field::app_name);
    Finding finding = make(account, "app_registration", Severity::medium, 0.35, {"T1550.001", "T1098.001"});
    why(finding, secret ? "why.app_secret" : "why.app_created", {named.empty() ? "-" : std::string(clip(named, 120))});
    for (const Field field : {Field::new_value, Field::site})
      for (const std::string_view local : {"http://localhost", "http://127.0.0.1", "urn:ietf:wg:oauth"})
        if (icontains(row.get(field), local)) {
          why(finding, "why.app_local_reply", {std::string(local)});
          finding.severity = Severity::high;
          raise(finding, 0.4);
        }
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

const AccountDetector app_registration_detector{"app_registration", detect_registration};

}  // namespace digue::detect
