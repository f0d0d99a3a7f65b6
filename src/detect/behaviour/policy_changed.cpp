#include <array>

#include "base/text.hpp"
#include "detect/account.hpp"

namespace digue::detect {

namespace {

struct Kind {
  std::string_view part;  ///< of the operation's name, lower-case
  std::string_view why;
  Severity severity;
  double confidence;
  std::string_view technique;
};

constexpr std::array<Kind, 16> kinds{{
    {"transportrule", "why.policy_transport", Severity::medium, 0.3, "T1114.003"},
    {"inboundconnector", "why.policy_connector", Severity::medium, 0.35, "T1484.002"},
    {"outboundconnector", "why.policy_connector", Severity::medium, 0.35, "T1484.002"},
    {"remotedomain", "why.policy_connector", Severity::low, 0.25, "T1114.003"},
    {"domain authentication", "why.policy_federation", Severity::high, 0.5, "T1484.002"},
    {"federation settings", "why.policy_federation", Severity::high, 0.5, "T1484.002"},
    {"partner to company", "why.policy_federation", Severity::medium, 0.35, "T1484.002"},
    {"antiphish", "why.policy_protection", Severity::medium, 0.4, "T1562.001"},
    {"safelinks", "why.policy_protection", Severity::medium, 0.4, "T1562.001"},
    {"safeattachment", "why.policy_protection", Severity::medium, 0.4, "T1562.001"},
    {"malwarefilter", "why.policy_protection", Severity::medium, 0.4, "T1562.001"},
    {"hostedcontentfilter", "why.policy_protection", Severity::medium, 0.35, "T1562.001"},
    {"junkemailconfiguration", "why.policy_protection", Severity::low, 0.2, "T1562.001"},
    {"conditional access", "why.policy_access", Severity::medium, 0.35, "T1556.009"},
    {"named location", "why.policy_access", Severity::medium, 0.35, "T1556.009"},
    {"security defaults", "why.policy_access", Severity::medium, 0.4, "T1556.006"},
}};

/// Settings of the whole establishment: mail rules that copy or redirect, connectors, trust, protections, conditions of access.
void detect_policy(const Account& account, std::vector<Finding>& findings) {
  for (const std::uint32_t index : account.of(Activity::policy_change)) {
    const Row& row = account.row(index);
    if (row.outcome == Outcome::failure || row.get(Field::system_actor) == "true") continue;
    const Kind* kind = nullptr;
    for (const Kind& candidate : kinds)
      if (kind == nullptr && icontains(row.operation, candidate.part)) kind = &candidate;
    const std::string property(clip(row.get(Field::property), 120));
    Finding finding = kind == nullptr ? make(account, "policy_changed", Severity::informational, 0.1, {})
                                      : make(account, "policy_changed", kind->severity, kind->confidence, {kind->technique});
    why(finding, kind == nullptr ? "why.policy_other" : kind->why, {std::string(row.operation), property.empty() ? "-" : property});
    const std::string_view forward = row.get(Field::forward_to);
    if (!forward.empty()) {
      bool external = false;
      for (const auto address : split(forward, ";, ")) external = external || account.is_external(address);
      why(finding, external ? "why.policy_copies_outside" : "why.policy_copies", {std::string(clip(forward, 200))});
      finding.severity = external ? Severity::high : Severity::medium;
      finding.confidence = external ? 0.75 : 0.4;
      if (finding.techniques != std::vector<std::string>{"T1114.003"}) finding.techniques.insert(finding.techniques.begin(), "T1114.003");
    }
    judge_place(finding, account, row);
    finding.prove(row);
    findings.push_back(std::move(finding));
  }
}

}  // namespace

const AccountDetector policy_changed_detector{"policy_changed", detect_policy};

}  // namespace digue::detect
