#include <map>

#include "base/text.hpp"
#include "detect/account.hpp"
#include "detect/signs.hpp"

namespace digue::detect {

namespace {

std::string_view application(const Row& row) {
  return row.get(Field::app_id).empty() ? row.get(Field::app_name) : row.get(Field::app_id);
}

/// Rights given to an application. The platform writes several records for one consent: those of one application within ten minutes are
/// told together.
void detect_consent(const Account& account, std::vector<Finding>& findings) {
  struct Grant {
    std::vector<const Row*> rows;
    std::string_view scope;
    bool all = false, lasting = false;
  };
  std::map<std::string_view, Grant> open;
  const auto close = [&](std::string_view id, Grant& grant) {
    const Row& first = *grant.rows.front();
    Finding finding = make(account, "consent", Severity::low, 0.2, {"T1528"});
    std::string name(clip(first.get(Field::app_name).empty() ? id : first.get(Field::app_name), 120));
    why(finding, "why.consent", {name.empty() ? "-" : std::move(name), std::string(clip(first.get(Field::scopes), 200))});
    if (!grant.scope.empty()) {
      why(finding, "why.consent_scope", {std::string(clip(grant.scope, 120))});
      finding.severity = Severity::medium;
      finding.confidence = grant.lasting ? 0.5 : 0.4;
    }
    if (grant.all) {
      why(finding, "why.consent_all", {});
      raise(finding, 0.2);
      if (!grant.scope.empty()) finding.severity = Severity::high;
    }
    if (first.get(Field::system_actor) == "true")
      benign(finding, 0.2, "benign.platform_service", {std::string(first.account)});
    else
      judge_place(finding, account, first);
    for (const Row* row : grant.rows) finding.prove(*row);
    findings.push_back(std::move(finding));
  };
  for (const std::uint32_t index : account.of(Activity::consent)) {
    const Row& row = account.row(index);
    if (row.outcome == Outcome::failure) continue;
    const std::string_view id = application(row);
    Grant& grant = open[id];
    if (!grant.rows.empty() && row.time.value - grant.rows.back()->time.value > 10 * micros_per_minute) {
      close(id, grant);
      grant = {};
    }
    grant.rows.push_back(&row);
    if (grant.scope.empty()) grant.scope = risky_scope(row.get(Field::scopes));
    grant.all = grant.all || icontains(row.get(Field::consent_type), "allprincipals");
    grant.lasting = grant.lasting || icontains(row.get(Field::scopes), "offline_access");
  }
  for (auto& [id, grant] : open) close(id, grant);
}

}  // namespace

const AccountDetector consent_detector{"consent", detect_consent};

}  // namespace digue::detect
