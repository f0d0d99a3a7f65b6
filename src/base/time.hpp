#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace digue {

/// An instant: microseconds since 1970-01-01T00:00:00Z.
struct UtcMicros {
  std::int64_t value = 0;
  auto operator<=>(const UtcMicros&) const = default;
};

inline constexpr std::int64_t micros_per_second = 1'000'000;
inline constexpr std::int64_t micros_per_minute = 60 * micros_per_second;
inline constexpr std::int64_t micros_per_hour = 60 * micros_per_minute;
inline constexpr std::int64_t micros_per_day = 24 * micros_per_hour;

/// Proleptic Gregorian date and time of day, no zone.
struct Civil {
  int year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0, micros = 0;
};

/// True for a date that exists and a time of day up to 23:59:60.
bool is_valid(const Civil& civil);

/// Microseconds since 1970-01-01T00:00:00 in the civil date's own (unnamed) zone.
std::int64_t civil_micros(const Civil& civil);
Civil civil_from_micros(std::int64_t micros);

/// What a text told about time: the clock value, and the offset when it named one ('Z' or +hh:mm).
struct ParsedTime {
  std::int64_t civil = 0;             ///< microseconds of the clock value as written
  std::optional<int> offset_minutes;  ///< east of Greenwich; nothing: the text names no zone
};

/// ISO 8601 / RFC 3339: "2026-01-24T06:54:24[.fraction][Z|+hh[:]mm]", 'T' or one blank, up to nine fraction digits (cut to microseconds).
/// Surrounding blanks are allowed, anything else behind is not.
std::optional<ParsedTime> parse_iso8601(std::string_view text);

/// "2026-01-24T06:54:24Z", with ".ffffff" (trailing zeros cut) when there is a fraction.
std::string to_iso8601(UtcMicros time);

/// A named zone of the IANA database, resolved once. Copies are cheap.
class Zone {
 public:
  /// "Europe/Paris", "UTC"... not_found when the system's database has no such zone.
  static Result<Zone> named(std::string_view name);

  /// Clock value -> instant. A value inside the hour skipped in spring is taken after the jump; one that occurs twice is taken as the
  /// first.
  UtcMicros to_utc(std::int64_t civil) const;
  /// Minutes east of Greenwich at that instant.
  int offset_minutes(UtcMicros time) const;
  const std::string& name() const { return name_; }

 private:
  std::string name_;
  const void* zone_ = nullptr;
};

/// "2026-03-09 20:58:40 +01:00" in the zone, seconds precision.
std::string to_local(UtcMicros time, const Zone& zone);

/// The machine's clock.
UtcMicros now();

}  // namespace digue
