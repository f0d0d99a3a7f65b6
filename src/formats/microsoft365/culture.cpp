#include "formats/microsoft365/culture.hpp"

#include <array>

#include "base/text.hpp"
#include "base/time.hpp"

namespace digue::formats::microsoft365 {

namespace {

/// The numbers of a date-time in order, at most six, and whether letters behind them say "pm" or "am".
struct Parts {
  std::array<int, 6> number{};
  std::array<std::size_t, 6> digits{};
  std::size_t count = 0;
  bool am = false;
  bool pm = false;
};

std::optional<Parts> split(std::string_view text) {
  Parts parts;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (c >= '0' && c <= '9') {
      if (parts.count == 6) return std::nullopt;
      int& number = parts.number[parts.count];
      std::size_t& digits = parts.digits[parts.count++];
      for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
        if (++digits > 4) return std::nullopt;
        number = number * 10 + (text[at] - '0');
      }
      continue;
    }
    const char low = static_cast<char>(c | 0x20);
    if (low == 'a' || low == 'p') {
      const std::size_t m = at + 1 < text.size() && text[at + 1] == '.' ? at + 2 : at + 1;
      if (parts.count < 5 || parts.am || parts.pm || m >= text.size() || (text[m] | 0x20) != 'm') return std::nullopt;
      (low == 'a' ? parts.am : parts.pm) = true;
      at = m + 1;
      continue;
    }
    // Separators, and the no-break spaces (U+00A0, U+202F) that newer cultures put before AM.
    if (c != '/' && c != '.' && c != '-' && c != ':' && c != ' ' && c != ',' && c != '\xc2' && c != '\xa0' && c != '\xe2' && c != '\x80' &&
        c != '\xaf')
      return std::nullopt;
    ++at;
  }
  return parts;
}

std::optional<std::int64_t> reading(const Parts& parts, std::size_t year, std::size_t month, std::size_t day) {
  Civil civil;
  civil.year = parts.number[year] + (parts.digits[year] == 2 ? 2000 : 0);
  civil.month = parts.number[month];
  civil.day = parts.number[day];
  civil.hour = parts.number[3];
  civil.minute = parts.number[4];
  civil.second = parts.count > 5 ? parts.number[5] : 0;
  if (parts.am || parts.pm) {
    if (civil.hour < 1 || civil.hour > 12) return std::nullopt;
    civil.hour = civil.hour % 12 + (parts.pm ? 12 : 0);
  }
  if (!is_valid(civil)) return std::nullopt;
  return civil_micros(civil);
}

}  // namespace

DateReadings read_date(std::string_view text) {
  text = trim(text);
  DateReadings out;
  if (const auto iso = parse_iso8601(text)) {
    out.year_first = iso->civil - iso->offset_minutes.value_or(0) * micros_per_minute;
    return out;
  }
  const auto parts = split(text);
  if (!parts || parts->count < 5) return out;
  if (parts->digits[0] == 4) {
    out.year_first = reading(*parts, 0, 1, 2);
    return out;
  }
  out.day_first = reading(*parts, 2, 1, 0);
  out.month_first = reading(*parts, 2, 0, 1);
  return out;
}

DateEvidence compare_dates(std::string_view text, std::int64_t utc) {
  const DateReadings readings = read_date(text);
  if (!readings.year_first && !readings.day_first && !readings.month_first) return {};
  // Fractions of a second are often left out, seconds sometimes: a reading within the minute is the same instant.
  const auto distance = [utc](const std::optional<std::int64_t>& reading, bool local) {
    if (!reading) return false;
    std::int64_t away = *reading > utc ? *reading - utc : utc - *reading;
    if (!local) return away < micros_per_minute;
    if (away > 14 * micros_per_hour + micros_per_minute) return false;
    away %= 15 * micros_per_minute;
    return away < micros_per_minute || away > 14 * micros_per_minute;
  };
  for (const bool local : {false, true}) {
    const bool day = distance(readings.day_first, local);
    const bool month = distance(readings.month_first, local);
    if (distance(readings.year_first, local)) return {DateOrder::year_first, local};
    if (day && month) return {DateOrder::either, local};
    if (day) return {DateOrder::day_first, local};
    if (month) return {DateOrder::month_first, local};
  }
  return {DateOrder::unmatched, false};
}

}  // namespace digue::formats::microsoft365
