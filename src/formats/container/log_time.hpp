#pragma once

#include <cstdint>
#include <string_view>

#include "model/event.hpp"

namespace digue::formats {

/// A time as a log line writes it.
struct Stamp {
  std::int64_t time = 0;  ///< microseconds; see basis
  TimeBasis basis = TimeBasis::utc;
  int offset = 0;  ///< minutes east of Greenwich, where the text gave one
  int month = 0;   ///< 1..12 when the text named no year (`time` is then in year 2000), else 0
};

/// Takes the time at the start of `text` and moves `text` behind it; false, and `text` as it was, when none of these stands there:
/// ISO 8601 with 'T' or a blank, optional fraction and offset; RFC 3164 `Sep  8 07:46:30` (day padded with a blank, a zero or not at
/// all, optional fraction) with the year before, amid or behind it; TAI64N `@400000004c91b044077a9e94`.
bool take_stamp(std::string_view& text, Stamp& stamp);

}  // namespace digue::formats
