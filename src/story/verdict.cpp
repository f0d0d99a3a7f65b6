#include <algorithm>

#include "story/attribution.hpp"
#include "story/weights.hpp"

namespace digue::story {

namespace {

constexpr std::size_t most_reasons = 8;

void add_reasons(const Judgement& judgement, std::vector<Text>& reasons) {
  for (const Text& reason : judgement.reasons)
    if (reasons.size() < most_reasons && std::find(reasons.begin(), reasons.end(), reason) == reasons.end()) reasons.push_back(reason);
}

bool found_in(const std::vector<Finding>& findings, std::string_view rule, std::uint32_t session, double least) {
  return std::any_of(findings.begin(), findings.end(), [&](const Finding& finding) {
    return finding.rule == rule && finding.confidence >= least &&
           std::find(finding.sessions.begin(), finding.sessions.end(), session) != finding.sessions.end();
  });
}

/// How the intruder came to get in: what is known of the earliest access first, then of the others.
std::string vector_of(const AccountView& view, const Attribution& attribution, const std::vector<Finding>& findings,
                      const std::vector<HostileSource>& hostile) {
  bool spray = false, guessing = false, fatigue = false, token = false, consent = false;
  for (std::uint32_t i = 0; i < attribution.sessions.size(); ++i) {
    if (attribution.sessions[i].actor != Actor::attacker) continue;
    guessing = guessing || found_in(findings, "failures_then_success", i, 0.3) || found_in(findings, "brute_force", i, 0.3);
    fatigue = fatigue || found_in(findings, "mfa_fatigue", i, 0.3);
    token = token || found_in(findings, "session_several_networks", i, 0.3);
    consent = consent || std::any_of(attribution.sessions[i].reasons.begin(), attribution.sessions[i].reasons.end(),
                                     [](const Text& reason) { return reason.key == consented_application.reason; });
    for (const IpAddress& ip : view.sessions[i].ips) {
      const SourceFacts* facts = view.world != nullptr ? view.world->source(ip) : nullptr;
      const bool told = std::any_of(hostile.begin(), hostile.end(), [&](const HostileSource& source) {
        return source.ip == ip && source.reason.key == hostile_source.reason;
      });
      if (facts == nullptr || !facts->sprayed || !told) continue;
      // Guessing at one account is not spraying over many.
      (facts->accounts_failed >= 3 ? spray : guessing) = true;
    }
  }
  if (spray) return "password_spray";
  if (guessing) return "password_guessing";
  if (fatigue) return "mfa_fatigue";
  if (token) return "token_theft";
  if (consent) return "consent";
  return "unknown";
}

}  // namespace

void set_verdict(const AccountView& view, const Attribution& attribution, const std::vector<Finding>& findings,
                 const std::vector<HostileSource>& hostile, StoryAccount& account) {
  account.account = view.account;
  std::vector<const Judgement*> intruder, doubtful, attempts;
  double most = 0;
  for (std::size_t i = 0; i < attribution.sessions.size(); ++i) {
    const Judgement& judgement = attribution.sessions[i];
    if (judgement.access && judgement.actor == Actor::attacker) {
      intruder.push_back(&judgement);
      for (const std::uint32_t index : view.sessions[i].rows) {
        const Row& row = view.rows[index];
        if (is_done(row) && (!account.first_access || row.time < *account.first_access)) account.first_access = row.time;
      }
    } else if (judgement.access && judgement.probability >= doubt_from) {
      doubtful.push_back(&judgement);
    } else if (judgement.hostile) {
      attempts.push_back(&judgement);
    }
    if (judgement.access) most = std::max(most, judgement.probability);
  }
  const auto by_weight = [](const Judgement* a, const Judgement* b) { return a->probability > b->probability; };
  std::stable_sort(intruder.begin(), intruder.end(), by_weight);
  std::stable_sort(doubtful.begin(), doubtful.end(), by_weight);
  if (!intruder.empty()) {
    account.verdict = Verdict::compromised;
    account.confidence = intruder.front()->confidence;
    account.vector = vector_of(view, attribution, findings, hostile);
    for (const Judgement* judgement : intruder) add_reasons(*judgement, account.reasons);
  } else if (!doubtful.empty()) {
    account.verdict = Verdict::suspected;
    account.confidence = doubtful.front()->probability;
    for (const Judgement* judgement : doubtful) add_reasons(*judgement, account.reasons);
  } else if (!attempts.empty()) {
    account.verdict = Verdict::targeted;
    account.confidence = 0.9;
    for (const Judgement* judgement : attempts) add_reasons(*judgement, account.reasons);
  } else {
    account.verdict = Verdict::clear;
    account.confidence = std::min(0.95, 1 - most);
  }
  const Pin* pin = account_pin(view);
  if (pin == nullptr) return;
  const bool accused = pin->as == Pin::As::attacker;
  account.verdict = accused ? Verdict::compromised : account.verdict == Verdict::compromised ? Verdict::compromised : Verdict::clear;
  account.confidence = 1;
  if (accused && account.vector.empty()) account.vector = "unknown";
  account.reasons.insert(account.reasons.begin(), Text{accused ? "reason.pinned_account" : "reason.pinned_clear", {pin->reason}});
}

}  // namespace digue::story
