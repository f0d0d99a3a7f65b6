#include "story/attribution.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "story/evidence.hpp"
#include "story/weights.hpp"

namespace digue::story {

namespace {

constexpr int most_rounds = 6;
constexpr std::size_t most_reasons = 8;

double logistic(double log_odds) {
  return 1 / (1 + std::exp(-log_odds));
}

bool stands_on_two(const Evidence& evidence) {
  double novelty = 0;
  int actions = 0;
  for (const Sign& sign : evidence) {
    if (sign.kind == Sign::Kind::decisive && sign.weight >= counted_from) return true;
    if (sign.kind == Sign::Kind::novelty) novelty += sign.weight;
    if (sign.kind == Sign::Kind::action && sign.weight >= counted_from) ++actions;
  }
  return actions + (novelty >= counted_from) >= 2;
}

/// Sums the evidence, weightiest reason first; only reasons that speak for the conclusion are kept.
void conclude(const Scene& scene, std::size_t index, Evidence evidence, Judgement& judgement) {
  const Session& session = scene.view().sessions[index];
  double sum = scene.enough_history(session) ? prior_known : prior_unknown;
  for (const Sign& sign : evidence) sum += sign.weight;
  judgement.probability = logistic(sum);
  if (!stands_on_two(evidence)) judgement.probability = std::min(judgement.probability, lone_sign_limit);
  const double least = std::abs(sum);
  std::stable_sort(evidence.begin(), evidence.end(), [](const Sign& a, const Sign& b) { return std::abs(a.weight) > std::abs(b.weight); });
  const bool accused = judgement.probability >= doubt_from;
  judgement.reasons.clear();
  for (const Sign& sign : evidence)
    if ((sign.weight > 0) == accused || (!accused && least < 2)) {
      if (judgement.reasons.size() == most_reasons) break;
      judgement.reasons.push_back(sign.reason);
    }

  if (judgement.probability >= attacker_from) {
    judgement.actor = Actor::attacker;
    judgement.confidence = std::min(judgement.probability, 0.99);
    judgement.hostile = true;
    return;
  }
  judgement.actor = Actor::unknown;
  judgement.confidence = judgement.probability;
  judgement.hostile = false;
  if (judgement.probability > user_up_to) return;
  const double support = scene.user_support(session);
  if (support == 0) return;
  judgement.actor = Actor::user;
  judgement.confidence = std::min(support, 1 - judgement.probability);
  if (judgement.reasons.empty()) judgement.reasons.push_back({"reason.nothing_unusual", {}});
}

/// Attempts that never got in. Whose they are depends on where they came from.
void conclude_attempts(const Scene& scene, std::size_t index, Judgement& judgement) {
  const Session& session = scene.view().sessions[index];
  judgement.actor = Actor::unknown;
  judgement.reasons.clear();
  judgement.hostile = false;
  const HostileSource* source = scene.hostile_of(session);
  if (const auto intruder = scene.attacker_nearby(session)) {
    judgement = {0.9, Actor::attacker, 0.9, {{"reason.attempt_same_address", {to_text(*intruder)}}}, false, true, false};
  } else if (source != nullptr && scene.got_in_somewhere(*source)) {
    const double confidence = std::min(0.9, source->confidence);
    judgement = {confidence, Actor::attacker, confidence, {source->reason, {"reason.attempt_only", {}}}, false, true, false};
  } else if (source != nullptr || scene.is_guessing(index)) {
    judgement.probability = judgement.confidence = 0.5;
    judgement.hostile = true;
    if (source != nullptr) judgement.reasons.push_back(source->reason);
    judgement.reasons.push_back({"reason.guessing_without_success", {}});
  } else if (scene.is_familiar(session)) {
    judgement = {0.05, Actor::user, 0.7, {{"reason.mistyped", {}}}, false, false, false};
  } else {
    judgement.probability = judgement.confidence = 0.2;
  }
}

}  // namespace

bool is_trusted(const AccountView& view, const Row& row) {
  if (row.own_range) return true;
  if (!row.ip || view.world == nullptr) return false;
  const SourceFacts* facts = view.world->source(*row.ip);
  return facts != nullptr && facts->shared;
}

bool is_external(const AccountView& view, std::string_view address) {
  const auto at = address.rfind('@');
  if (at == std::string_view::npos) return false;
  const Profile* profile = view.world != nullptr ? view.world->profile : nullptr;
  if (profile != nullptr && !profile->own_domains.empty()) return !profile->is_own_address(address);
  const auto own = view.account.rfind('@');
  return own != std::string_view::npos && address.substr(at) != view.account.substr(own);
}

bool is_done(const Row& row) {
  if (row.outcome == Outcome::failure || row.outcome == Outcome::interrupted) return false;
  return row.activity != Activity::mfa_challenge && row.activity != Activity::sign_out;
}

Attribution attribute(const AccountView& view, const std::vector<Finding>& findings, const std::vector<HostileSource>& hostile) {
  Attribution result;
  std::vector<Judgement>& judged = result.sessions;
  judged.resize(view.sessions.size());
  for (std::size_t i = 0; i < judged.size(); ++i) {
    judged[i].access = std::any_of(view.sessions[i].rows.begin(), view.sessions[i].rows.end(),
                                   [&](std::uint32_t index) { return is_done(view.rows[index]); });
    apply_pins(view, view.sessions[i], judged[i]);
  }
  // What one session shows changes what the others are: an intruder's address makes its other sessions the intruder's, and takes them out
  // of the habits. The set of the intruder's sessions only grows, so this ends.
  Scene scene(view, findings, hostile);
  bool grew = true;
  for (int round = 0; grew && round < most_rounds; ++round) {
    scene.learn(judged);
    std::vector<Judgement> next = judged;
    grew = false;
    for (std::size_t i = 0; i < judged.size(); ++i) {
      if (judged[i].pinned || !judged[i].access || judged[i].actor == Actor::attacker) continue;
      conclude(scene, i, scene.evidence(i, judged), next[i]);
      grew = grew || next[i].actor == Actor::attacker;
    }
    judged = std::move(next);
  }
  if (grew) scene.learn(judged);
  for (std::size_t i = 0; i < judged.size(); ++i)
    if (!judged[i].pinned && !judged[i].access) conclude_attempts(scene, i, judged[i]);
  return result;
}

}  // namespace digue::story
