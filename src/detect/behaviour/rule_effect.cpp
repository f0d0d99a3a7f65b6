#include <map>

#include "base/text.hpp"
#include "detect/account.hpp"

namespace digue::detect {

namespace {

/// What filters did to arriving mail: passed it on to an outside address, or threw it away. One finding for each destination.
void detect_effects(const Account& account, std::vector<Finding>& findings) {
  std::map<std::string, Finding> by_effect;
  for (const std::uint32_t index : account.of(Activity::rule_effect)) {
    const Row& row = account.row(index);
    const bool discards = has_action(row, "discard") || has_action(row, "delete");
    for (const auto address : split(row.get(Field::forward_to), ";, ")) {
      if (!account.is_external(address)) continue;
      auto [at, is_new] = by_effect.try_emplace("f" + std::string(address));
      if (is_new) at->second = make(account, "rule_effect", Severity::high, 0.7, {"T1114.003"});
      at->second.prove(row);
    }
    if (!discards) continue;
    auto [at, is_new] = by_effect.try_emplace("d");
    if (is_new) at->second = make(account, "rule_effect", Severity::low, 0.2, {"T1564.008"});
    at->second.prove(row);
  }
  for (auto& [effect, finding] : by_effect) {
    const std::string count = std::to_string(finding.records_total), from = when(account, finding.first), to = when(account, finding.last);
    if (effect.front() == 'f')
      why(finding, "why.effect_forwards", {count, std::string(clip(effect, 121)).substr(1), from, to});
    else
      why(finding, "why.effect_discards", {count, from, to});
    findings.push_back(std::move(finding));
  }
}

}  // namespace

const AccountDetector rule_effect_detector{"rule_effect", detect_effects};

}  // namespace digue::detect
