#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "model/habits.hpp"
#include "story/story.hpp"

namespace digue::story {

/// What was concluded about one session.
struct Judgement {
  double probability = 0;  ///< that it is the intruder's
  Actor actor = Actor::unknown;
  double confidence = 0;
  std::vector<Text> reasons;  ///< weightiest first
  bool access = false;        ///< somebody was in: at least one row that is not a refused attempt
  bool hostile = false;       ///< the intruder's, or an attempt from a hostile source
  bool pinned = false;
};

struct Attribution {
  std::vector<Judgement> sessions;  ///< one per session of the view
};

/// Attributes every session. `hostile` is sorted by address.
Attribution attribute(const AccountView& view, const std::vector<Finding>& findings, const std::vector<HostileSource>& hostile);

/// The establishment's own address, or one that many of its accounts share.
bool is_trusted(const AccountView& view, const Row& row);
/// Not the establishment's: by its domains when known, else by the account's own domain. Text without '@' is not external.
bool is_external(const AccountView& view, std::string_view address);
/// A row that did not fail and was not a mere attempt.
bool is_done(const Row& row);

/// Applies the pins of the profile to the session; false when none concerns it.
bool apply_pins(const AccountView& view, const Session& session, Judgement& judgement);
/// The pin on the account itself, if any.
const Pin* account_pin(const AccountView& view);
/// A person vouched for this address (user or known good).
bool is_vouched(const AccountView& view, const IpAddress& ip);

void set_verdict(const AccountView& view, const Attribution& attribution, const std::vector<Finding>& findings,
                 const std::vector<HostileSource>& hostile, StoryAccount& account);
/// Whether the row is a filter that passed mail on, outside, since the intruder's first access and not before: planted as far as one can
/// tell.
class PlantedFilters {
 public:
  PlantedFilters(const AccountView& view, std::optional<UtcMicros> first_access);
  /// The outside addresses among the row's, that planted filters serve; empty: none.
  std::vector<std::string> destinations(const Row& row) const;

 private:
  const AccountView& view_;
  std::optional<UtcMicros> since_;
  std::set<std::string> before_;
};

void find_reach(const AccountView& view, const Attribution& attribution, const PlantedFilters& planted, std::vector<Reach>& reach);
void find_exposure(const AccountView& view, const Attribution& attribution, const PlantedFilters& planted, std::vector<Exposure>& exposure);
void find_indicators(const AccountView& view, const Attribution& attribution, const PlantedFilters& planted,
                     std::vector<Indicator>& indicators);
/// Calls `visit` with each address of a list separated by `;` or `,`, trimmed, lower-case.
void each_address(std::string_view list, const std::function<void(const std::string&)>& visit);

}  // namespace digue::story
