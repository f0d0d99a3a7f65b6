#pragma once

#include <cstdint>

#include "base/time.hpp"

/// How failed attempts slow the next one down. Always a delay, never a lock: nobody can shut a responder out for long.
namespace digue::people {

struct Failures {
  std::int64_t count = 0;
  UtcMicros last{};
};

struct ThrottleRule {
  std::int64_t free = 5;                         ///< failures that cost nothing
  std::int64_t first = micros_per_second;        ///< delay behind the next one; doubles with each
  std::int64_t longest = 5 * micros_per_minute;  ///< the bound of the delay
};

/// One account from one source.
inline constexpr ThrottleRule pair_rule{5, micros_per_second, 5 * micros_per_minute};
/// One source, whatever the account: a ward behind one address may err more often.
inline constexpr ThrottleRule source_rule{30, micros_per_second, 5 * micros_per_minute};
/// One account from sources that it never signed in from; those that it did are not slowed by it.
inline constexpr ThrottleRule account_rule{20, micros_per_second, 30 * micros_per_second};
/// A right password with a wrong code: only who knows the password gets here.
inline constexpr ThrottleRule code_rule{5, 2 * micros_per_second, 15 * micros_per_minute};

/// Failures count for a day.
inline constexpr std::int64_t failure_memory = micros_per_day;

/// How long the next attempt waits, in microseconds; 0: not at all.
std::int64_t wait_before(const ThrottleRule& rule, const Failures& failures, UtcMicros time);
/// With one failure more.
Failures failed_again(const Failures& failures, UtcMicros time);

}  // namespace digue::people
