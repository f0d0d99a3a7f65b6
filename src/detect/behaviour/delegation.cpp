#include "base/text.hpp"
#include "detect/account.hpp"

namespace digue::detect {

namespace {

bool is_everyone(std::string_view trustee) {
  for (const std::string_view name : {"default", "anonymous", "par défaut", "anonyme", "everyone", "authenticated users"})
    if (iequals(trustee, name)) return true;
  return false;
}

/// Rights on a mailbox or a folder given to somebody else.
void detect_delegation(const Account& account, std::vector<Finding>& findings) {
  for (const std::uint32_t index : account.of(Activity::delegation_add)) {
    const Row& row = account.row(index);
    if (row.outcome == Outcome::failure) continue;
    const std::string mailbox(clip(row.get(Field::target).empty() ? account.view().account : row.get(Field::target), 120));
    const std::string trustee(clip(row.get(Field::trustee), 120));
    const std::string_view rights = row.get(Field::access_rights);
    const bool whole = icontains(rights, "fullaccess") || icontains(rights, "sendas") || icontains(rights, "sendonbehalf");
    Finding finding = make(account, "delegation", whole ? Severity::medium : Severity::low, whole ? 0.4 : 0.25, {"T1098.002"});
    why(finding, "why.delegation", {mailbox, trustee.empty() ? "-" : trustee, rights.empty() ? "-" : std::string(clip(rights, 120))});
    if (is_everyone(row.get(Field::trustee)) && !iequals(rights, "none") && !iequals(rights, "availabilityonly")) {
      why(finding, "why.delegation_everyone", {mailbox, trustee});
      finding.severity = Severity::high;
      raise(finding, 0.4);
    }
    if (account.is_external(row.get(Field::trustee))) {
      why(finding, "why.delegation_outside", {trustee});
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

const AccountDetector delegation_detector{"delegation", detect_delegation};

}  // namespace digue::detect
