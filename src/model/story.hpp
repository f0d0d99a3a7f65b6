#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/timeline.hpp"

namespace digue {

enum class Verdict : std::uint8_t { clear, targeted, suspected, compromised };

/// What is known of one account; sessions hold no row indices any more (they lived in the partition) but their counts.
struct StorySession {
  Session session;
  std::string account;
  std::uint64_t events = 0;
};

struct StoryAccount {
  std::string account;
  Verdict verdict = Verdict::clear;
  double confidence = 0;
  std::optional<UtcMicros> first_access;  ///< first successful access by the attacker
  std::string vector;  ///< key: password_spray, password_guessing, mfa_fatigue, token_theft, consent, unknown; empty: none
  std::vector<Text> reasons;
};

struct Indicator {
  std::string type, value;  ///< types of docs/schemas/analysis.schema.json
  std::optional<UtcMicros> first, last;
  std::vector<std::string> accounts;
  Text why;
};

struct Reach {
  std::string address;
  std::optional<bool> internal;
  std::string how;  ///< message, forward, share, same_source
  std::uint64_t messages = 0;
  std::optional<UtcMicros> first;
};

struct Exposure {
  enum class Level : std::uint8_t { certain, possible, unknowable } level = Level::possible;
  std::string what, account;
  std::optional<std::uint64_t> count;
  Text why;
};

/// The result for one account, as the story engine gives it.
struct AccountStory {
  StoryAccount account;
  std::vector<StorySession> sessions;  ///< with actor, confidence, reasons
  std::vector<Actor> row_actors;       ///< one per row of the view
  std::vector<bool> row_hostile;       ///< the attacker's doing, or a direct attempt on the account from hostile sources
  std::vector<Indicator> indicators;
  std::vector<Reach> reach;
  std::vector<Exposure> exposure;
};

}  // namespace digue
