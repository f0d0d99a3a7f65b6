#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "incident/obligation.hpp"

/// What people record while they declare.
namespace digue::incident {

/// An instant that starts a clock, with its author and reason. Append-only: the newest of a name counts, the others are its history.
struct Instant {
  std::string establishment;  ///< empty: the incident as a whole
  std::string name;           ///< see instant_names()
  UtcMicros at;
  std::string reason;
  UtcMicros recorded;
  std::string by;
};

/// The filing of one duty by one establishment.
struct DutyFiling {
  std::string establishment;
  std::string duty;
  Filing filing;
};

/// A line of the register of breaches (GDPR, article 33(5)): facts, effects and measures of every breach, notified or not.
struct Breach {
  static constexpr std::array<std::string_view, 12> fields{"nature",       "facts",    "data", "records",      "categories", "persons",
                                                           "consequences", "measures", "risk", "not_notified", "informed",   "remarks"};
  std::string establishment;
  std::array<std::string, fields.size()> texts;
  UtcMicros changed;
  std::string by;
};

inline constexpr std::size_t max_breach_text = 4000;

}  // namespace digue::incident
