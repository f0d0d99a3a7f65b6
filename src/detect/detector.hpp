#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "model/timeline.hpp"

/// Stateful detections, one file each under behaviour/, registered by one line in detectors.def.
namespace digue::detect {

/// An authentication attempt as the source detectors see it: those of one address, sorted by (time, event id).
struct Attempt {
  UtcMicros time;
  Id128 id;
  std::string_view account;
  Outcome outcome = Outcome::unknown;
  std::uint32_t attempts = 1;  ///< failures one record stands for
  std::string_view uid;
  Place place;
  bool wrong_password = false;  ///< a failure that guessing produces (bad password, unknown user, locked), not an interruption
};

class Account;

/// Looks at one account (detect/account.hpp).
struct AccountDetector {
  std::string_view id;  ///< the rule of its findings; title key "rule.<id>"
  void (*detect)(const Account& account, std::vector<Finding>& findings);
};

/// Looks at one source address over all accounts; may mark the facts (`sprayed`, `shared`). The detectors of source_detectors() run in
/// their order: whether an address is shared is decided first.
struct SourceDetector {
  std::string_view id;
  void (*detect)(std::span<const Attempt> attempts, SourceFacts& facts, const Profile& profile, std::vector<Finding>& findings);
};

#define SOURCE_DETECTOR(name) extern const SourceDetector name##_detector;
#define ACCOUNT_DETECTOR(name) extern const AccountDetector name##_detector;
#include "detect/detectors.def"
#undef SOURCE_DETECTOR
#undef ACCOUNT_DETECTOR

std::span<const AccountDetector* const> account_detectors();
std::span<const SourceDetector* const> source_detectors();

/// Runs every account detector; findings are finished (id, sorted ips) and sorted by (first, rule, id).
std::vector<Finding> detect(const AccountView& view);

/// A failed sign-in that guessing produces: bad password, unknown user, locked account; not a second factor, a policy or an interruption.
bool is_wrong_password(Outcome outcome, std::string_view error_code);

/// Sets the identity of a finding from its rule, account and records, and sorts its lists.
void finish(Finding& finding);

}  // namespace digue::detect
