#include "base/time.hpp"

#include <date/tz.h>

#include <array>
#include <chrono>
#include <cstdio>

namespace digue {

namespace {

// Days from civil and back after Howard Hinnant's public-domain algorithms ("chrono-Compatible Low-Level Date Algorithms").
std::int64_t days_from_civil(std::int64_t year, unsigned month, unsigned day) {
  year -= month <= 2;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const auto yoe = static_cast<unsigned>(year - era * 400);
  const unsigned doy = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const unsigned doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
  return era * 146097 + static_cast<std::int64_t>(doe) - 719468;
}

bool two_digits(std::string_view text, std::size_t at, int& out) {
  if (at + 2 > text.size()) return false;
  const unsigned tens = static_cast<unsigned char>(text[at]) - unsigned{'0'};
  const unsigned ones = static_cast<unsigned char>(text[at + 1]) - unsigned{'0'};
  if (tens > 9 || ones > 9) return false;
  out = static_cast<int>(tens * 10 + ones);
  return true;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

}  // namespace

bool is_valid(const Civil& c) {
  static constexpr std::array<int, 12> days{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (c.year < 1 || c.year > 9999 || c.month < 1 || c.month > 12 || c.day < 1) return false;
  const bool leap = (c.year % 4 == 0 && c.year % 100 != 0) || c.year % 400 == 0;
  const int last = days[static_cast<std::size_t>(c.month - 1)] + (leap && c.month == 2 ? 1 : 0);
  return c.day <= last && c.hour >= 0 && c.hour < 24 && c.minute >= 0 && c.minute < 60 && c.second >= 0 && c.second <= 60 &&
         c.micros >= 0 && c.micros < micros_per_second;
}

std::int64_t civil_micros(const Civil& c) {
  const std::int64_t days = days_from_civil(c.year, static_cast<unsigned>(c.month), static_cast<unsigned>(c.day));
  return ((days * 24 + c.hour) * 60 + c.minute) * micros_per_minute + c.second * micros_per_second + c.micros;
}

Civil civil_from_micros(std::int64_t micros) {
  std::int64_t days = micros / micros_per_day;
  std::int64_t rest = micros % micros_per_day;
  if (rest < 0) {
    rest += micros_per_day;
    --days;
  }
  const std::int64_t z = days + 719468;
  const std::int64_t era = (z >= 0 ? z : z - 146096) / 146097;
  const auto doe = static_cast<unsigned>(z - era * 146097);
  const unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  const unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  const unsigned mp = (5 * doy + 2) / 153;
  Civil c;
  c.day = static_cast<int>(doy - (153 * mp + 2) / 5 + 1);
  c.month = static_cast<int>(mp < 10 ? mp + 3 : mp - 9);
  c.year = static_cast<int>(static_cast<std::int64_t>(yoe) + era * 400 + (c.month <= 2 ? 1 : 0));
  c.hour = static_cast<int>(rest / micros_per_hour);
  c.minute = static_cast<int>(rest / micros_per_minute % 60);
  c.second = static_cast<int>(rest / micros_per_second % 60);
  c.micros = static_cast<int>(rest % micros_per_second);
  return c;
}

std::optional<ParsedTime> parse_iso8601(std::string_view text) {
  text = trimmed(text);
  Civil c;
  int century = 0;
  int year = 0;
  if (text.size() < 19 || !two_digits(text, 0, century) || !two_digits(text, 2, year) || text[4] != '-' || !two_digits(text, 5, c.month) ||
      text[7] != '-' || !two_digits(text, 8, c.day) || (text[10] != 'T' && text[10] != ' ') || !two_digits(text, 11, c.hour) ||
      text[13] != ':' || !two_digits(text, 14, c.minute) || text[16] != ':' || !two_digits(text, 17, c.second))
    return std::nullopt;
  c.year = century * 100 + year;
  std::size_t at = 19;
  if (at < text.size() && (text[at] == '.' || text[at] == ',')) {
    int digits = 0;
    for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, ++digits)
      if (digits < 6) c.micros = c.micros * 10 + (text[at] - '0');
    if (digits == 0 || digits > 9) return std::nullopt;
    for (; digits < 6; ++digits) c.micros *= 10;
  }
  if (!is_valid(c)) return std::nullopt;
  ParsedTime out{civil_micros(c), std::nullopt};
  if (at == text.size()) return out;
  if (text[at] == 'Z' || text[at] == 'z') {
    out.offset_minutes = 0;
    return at + 1 == text.size() ? std::optional(out) : std::nullopt;
  }
  if (text[at] != '+' && text[at] != '-') return std::nullopt;
  const int sign = text[at] == '-' ? -1 : 1;
  int hours = 0;
  int minutes = 0;
  if (!two_digits(text, at + 1, hours)) return std::nullopt;
  at += 3;
  if (at < text.size() && text[at] == ':') ++at;
  if (at < text.size()) {
    if (!two_digits(text, at, minutes)) return std::nullopt;
    at += 2;
  }
  if (at != text.size() || hours > 18 || minutes > 59) return std::nullopt;
  out.offset_minutes = sign * (hours * 60 + minutes);
  return out;
}

std::string to_iso8601(UtcMicros time) {
  const Civil c = civil_from_micros(time.value);
  std::array<char, 48> buffer{};
  int used =
      std::snprintf(buffer.data(), buffer.size(), "%04d-%02d-%02dT%02d:%02d:%02d", c.year, c.month, c.day, c.hour, c.minute, c.second);
  std::string out(buffer.data(), static_cast<std::size_t>(used));
  if (c.micros != 0) {
    used = std::snprintf(buffer.data(), buffer.size(), ".%06d", c.micros);
    out.append(buffer.data(), static_cast<std::size_t>(used));
    while (out.back() == '0') out.pop_back();
  }
  return out + "Z";
}

Result<Zone> Zone::named(std::string_view name) {
  try {
    Zone zone;
    zone.zone_ = date::locate_zone(name);
    zone.name_ = name;
    return zone;
  } catch (const std::exception&) {
    return fail(ErrorCode::not_found, "unknown time zone '" + std::string(name) + "'", {},
                "Give an IANA name such as Europe/Paris or Indian/Reunion.");
  }
}

UtcMicros Zone::to_utc(std::int64_t civil) const {
  const auto* zone = static_cast<const date::time_zone*>(zone_);
  const date::local_time<std::chrono::microseconds> local{std::chrono::microseconds{civil}};
  return {zone->to_sys(local, date::choose::earliest).time_since_epoch().count()};
}

int Zone::offset_minutes(UtcMicros time) const {
  const auto* zone = static_cast<const date::time_zone*>(zone_);
  const auto info = zone->get_info(date::sys_time<std::chrono::microseconds>{std::chrono::microseconds{time.value}});
  return static_cast<int>(std::chrono::duration_cast<std::chrono::minutes>(info.offset).count());
}

std::string to_local(UtcMicros time, const Zone& zone) {
  const int offset = zone.offset_minutes(time);
  const Civil c = civil_from_micros(time.value + offset * micros_per_minute);
  std::array<char, 64> buffer{};
  const int used = std::snprintf(buffer.data(), buffer.size(), "%04d-%02d-%02d %02d:%02d:%02d %c%02d:%02d", c.year, c.month, c.day, c.hour,
                                 c.minute, c.second, offset < 0 ? '-' : '+', std::abs(offset) / 60, std::abs(offset) % 60);
  return {buffer.data(), static_cast<std::size_t>(used)};
}

UtcMicros now() {
  return {std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count()};
}

}  // namespace digue
