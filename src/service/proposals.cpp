#include "service/proposals.hpp"

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "service/analysis_json.hpp"
#include "service/story.hpp"

namespace digue::service {

namespace {

using containment::Capability;
using containment::Operation;

constexpr std::size_t max_evidence = 20;
constexpr std::size_t max_blocked = 20;

/// Findings that call for one capability on the account, beyond what every compromised account gets.
const std::map<std::string, std::vector<std::string_view>, std::less<>>& called_for() {
  static const std::map<std::string, std::vector<std::string_view>, std::less<>> all{
      {"inbox_rule", {"rule.list", "rule.disable"}},
      {"rule_effect", {"rule.list", "rule.disable"}},
      {"mailbox_forwarding", {"rule.list", "forwarding.disable"}},
      {"delegation", {"delegation.remove"}},
      {"consent", {"grant.remove"}},
      {"mfa_method_added", {"method.list", "method.remove"}},
      {"device_added", {"device.block"}},
      {"role_given", {"privilege.remove"}},
      {"account_created", {"account.disable"}},
      {"mass_sending", {"queue.hold", "mail.trace"}},
  };
  return all;
}

constexpr std::array<std::string_view, 5> always{"account.block", "session.list", "password.reset", "session.revoke", "logs.export"};

struct Found {
  std::string id, rule, account;
};

struct Story {
  std::set<std::string> accounts;  ///< compromised or suspected
  std::vector<Found> findings;
  std::vector<std::pair<std::string, std::string>> senders;  ///< type and value of what to block
};

Result<Story> story_of(const std::string& analysis) {
  const auto root = json::parse(analysis, {.bytes = max_analysis, .depth = 24});
  if (!root) return tl::make_unexpected(root.error());
  Story out;
  if (!root->is_object()) return out;
  each_of(root->get_object(), "accounts", [&](const json::Object& account) {
    const auto verdict = text_of(account, "verdict");
    if (verdict == "compromised" || verdict == "suspected") out.accounts.insert(text_of(account, "account"));
  });
  each_of(root->get_object(), "findings", [&](const json::Object& finding) {
    out.findings.push_back({text_of(finding, "id"), text_of(finding, "rule"), text_of(finding, "account")});
  });
  each_of(root->get_object(), "indicators", [&](const json::Object& indicator) {
    const auto type = text_of(indicator, "type");
    if ((type == "sender" || type == "domain") && out.senders.size() < max_blocked)
      out.senders.emplace_back(type, text_of(indicator, "value"));
  });
  return out;
}

const Operation* last_of(const std::vector<Operation>& operations, const Proposal& proposal) {
  for (auto at = operations.rbegin(); at != operations.rend(); ++at) {
    const auto& order = at->plan.order;
    if (!at->undoes.empty() || at->state == containment::State::cancelled || order.capability != proposal.capability) continue;
    if (at->account != proposal.account) continue;
    if (proposal.account.empty() && order.parameters != proposal.parameters) continue;
    return &*at;
  }
  return nullptr;
}

}  // namespace

Result<std::vector<Proposal>> proposals(const Context& context, const Platforms& platforms, const std::string& incident) {
  auto offers = platforms.offers();
  // What is justified is told all the same; who can do it, once the connectors are unlocked.
  if (!offers && is_locked(offers.error())) offers.emplace();
  if (!offers) return tl::make_unexpected(offers.error());
  return store::reading(context.cases, [&](store::CaseReader& reader) -> Result<std::vector<Proposal>> {
    if (const auto known = reader.incident(incident); !known) return tl::make_unexpected(known.error());
    const auto stored = reader.story(incident);
    if (!stored && stored.error().code == ErrorCode::not_found) return std::vector<Proposal>();
    if (!stored) return tl::make_unexpected(stored.error());
    const auto story = story_of(stored->analysis);
    if (!story) return tl::make_unexpected(story.error());
    const auto tasks = reader.tasks(incident);
    if (!tasks) return tl::make_unexpected(tasks.error());
    const auto operations = reader.operations(incident);
    if (!operations) return tl::make_unexpected(operations.error());

    std::vector<Proposal> out;
    const auto add = [&](const Capability& capability, Proposal one) {
      one.capability = std::string(capability.id);
      for (const auto& [platform, offered] : *offers)
        for (const auto& offer : offered)
          if (offer.capability == capability.id) {
            one.platforms.push_back(platform);
            for (const auto& parameter : offer.parameters) {
              const std::string name(parameter.name);
              if (parameter.needed && !one.parameters.contains(name) &&
                  std::find(one.missing.begin(), one.missing.end(), name) == one.missing.end())
                one.missing.push_back(name);
            }
          }
      for (const auto& task : *tasks)
        if (task.action == capability.action && (task.target.empty() || task.target == one.account)) one.task = task.id;
      if (const auto* last = last_of(*operations, one)) {
        one.operation = last->id;
        one.state = std::string(containment::name(last->state));
      }
      out.push_back(std::move(one));
    };

    for (const auto& account : story->accounts) {
      std::map<std::string_view, std::vector<std::string>> wanted;
      for (const auto id : always) wanted[id];
      for (const auto& finding : story->findings) {
        if (finding.account != account) continue;
        for (const auto id : always)
          if (wanted[id].size() < max_evidence) wanted[id].push_back(finding.id);
        if (const auto at = called_for().find(finding.rule); at != called_for().end())
          for (const auto id : at->second)
            if (wanted[id].size() < max_evidence) wanted[id].push_back(finding.id);
      }
      for (auto& [id, evidence] : wanted) {
        Proposal one;
        one.account = account;
        if (containment::capability_named(id)->aim == containment::Aim::queue) one.parameters["sasl_username"] = account;
        one.why = says("proposal.account", {{"account", account}, {"count", std::to_string(evidence.size())}});
        one.evidence = std::move(evidence);
        add(*containment::capability_named(id), std::move(one));
      }
    }
    for (const auto& finding : story->findings) {
      if (finding.rule != "account_planted" || story->accounts.contains(finding.account)) continue;
      for (const auto* id : {"privilege.list", "account.disable"}) {
        Proposal one;
        one.account = finding.account;
        one.why = says("proposal.planted", {{"account", finding.account}});
        one.evidence = {finding.id};
        add(*containment::capability_named(id), std::move(one));
      }
    }
    for (const auto& [type, value] : story->senders) {
      Proposal one;
      one.parameters[type] = value;
      one.why = says("proposal.sender", {{"value", value}});
      add(*containment::capability_named(type + ".block"), std::move(one));
    }
    std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) {
      return containment::capability_named(a.capability)->rank < containment::capability_named(b.capability)->rank;
    });
    return out;
  });
}

}  // namespace digue::service
