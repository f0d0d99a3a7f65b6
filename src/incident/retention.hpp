#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/localized.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "incident/content_source.hpp"
#include "incident/holidays.hpp"

/// How long an incident is kept once it is closed, and what stands in the way of destroying it.
namespace digue::incident {

/// A period of content/retention.yaml, for what is closed from a day on.
struct RetentionPeriod {
  Date from;
  int months = 0;
  Localized why;
  std::vector<Source> sources;
  std::vector<Localized> uncertain;
};

struct CaseType {
  std::string id;  ///< exercise, unfounded, incident, breach, or what the establishment's own content adds
  Localized title;
  Localized about;
  std::vector<RetentionPeriod> periods;  ///< by day
};

struct Retention {
  std::vector<CaseType> types;

  const CaseType* type(std::string_view id) const;
};

/// The file of the schema digue.retention/1. Refused with file and line: unknown or missing fields, no type, a type or a day twice, one of
/// the four types of proposed_type() missing.
Result<Retention> load_retention(std::string_view text, const std::string& file);

/// What the facts of an incident suggest; a person decides when closing it.
std::string_view proposed_type(bool exercise, bool confirmed, bool breach);

/// The period in force on the day of closing (on the calendar of `zone`), or the first one before it.
const RetentionPeriod& period_of(const CaseType& type, UtcMicros closed, const Zone& zone);
/// The same time of day so many calendar months later; the month's last day where it has no such day.
UtcMicros keep_until(UtcMicros closed, const RetentionPeriod& period, const Zone& zone);

/// The incident was closed, or opened again. All are kept; the last one holds.
struct Closing {
  bool closed = false;
  std::string type;  ///< of the case, when closed
  UtcMicros at;
  std::string by;
  std::string reason;
};

/// A legal hold: nothing of the incident is destroyed while it stands.
struct Hold {
  std::string id;
  std::string reason;
  UtcMicros set;
  std::string by;
  std::optional<UtcMicros> lifted{};
  std::string lifted_by{};
  std::string lift_reason{};
};

/// That the words and bytes of an incident were destroyed.
struct Destruction {
  UtcMicros at;
  std::string by;
  std::string reason;
  std::int64_t lines = 0;     ///< of the journal, whose words went
  std::int64_t exhibits = 0;  ///< whose bytes went
};

}  // namespace digue::incident
