#include <algorithm>

#include "story/attribution.hpp"

namespace digue::story {

namespace {

/// A finding is worth more in an intruder's session than in its user's: the story that it is part of is told with it.
void weigh_findings(const AccountView& view, const Attribution& attribution, std::vector<Finding>& findings) {
  for (Finding& finding : findings) {
    bool attacker = false, all_user = !finding.sessions.empty();
    double probability = 0;
    for (const std::uint32_t session : finding.sessions) {
      const Judgement& judgement = attribution.sessions[session];
      attacker = attacker || (judgement.actor == Actor::attacker && judgement.access);
      all_user = all_user && judgement.actor == Actor::user && judgement.confidence >= 0.7;
      probability = std::max(probability, judgement.probability);
    }
    if (attacker && finding.severity > Severity::informational) {
      finding.confidence = std::max(finding.confidence, std::min(0.97, 0.5 * finding.confidence + 0.5 * probability));
      finding.why.push_back({"why.in_attacker_session", {std::string(view.account)}});
    } else if (all_user && finding.severity > Severity::informational) {
      finding.confidence *= 0.6;
      finding.benign.push_back({"benign.in_user_session", {}});
    }
  }
}

void copy_sessions(const AccountView& view, const Attribution& attribution, AccountStory& story) {
  for (std::size_t i = 0; i < view.sessions.size(); ++i) {
    StorySession told{view.sessions[i], std::string(view.account), view.sessions[i].rows.size()};
    told.session.rows.clear();
    told.session.actor = attribution.sessions[i].actor;
    told.session.confidence = attribution.sessions[i].confidence;
    told.session.reasons = attribution.sessions[i].reasons;
    story.sessions.push_back(std::move(told));
  }
  story.row_actors.assign(view.rows.size(), Actor::unknown);
  story.row_hostile.assign(view.rows.size(), false);
  for (std::size_t i = 0; i < view.rows.size(); ++i) {
    if (view.rows[i].session == Row::no_session) continue;
    const Judgement& judgement = attribution.sessions[view.rows[i].session];
    story.row_actors[i] = judgement.actor;
    story.row_hostile[i] = judgement.actor == Actor::attacker || judgement.hostile;
  }
}

}  // namespace

AccountStory tell(const AccountView& view, std::vector<Finding>& findings, const std::vector<HostileSource>& hostile) {
  const Attribution attribution = attribute(view, findings, hostile);
  AccountStory story;
  set_verdict(view, attribution, findings, hostile, story.account);
  weigh_findings(view, attribution, findings);
  copy_sessions(view, attribution, story);
  const PlantedFilters planted(view, story.account.first_access);
  find_reach(view, attribution, planted, story.reach);
  find_exposure(view, attribution, planted, story.exposure);
  find_indicators(view, attribution, planted, story.indicators);
  return story;
}

}  // namespace digue::story
