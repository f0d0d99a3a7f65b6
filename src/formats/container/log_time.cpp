#include "formats/container/log_time.hpp"

#include "base/time.hpp"

namespace digue::formats {

namespace {

unsigned digit(char c) {
  return static_cast<unsigned char>(c) - unsigned{'0'};
}

/// `count` digits at `at`, -1 when they are not there.
int number(std::string_view text, std::size_t at, std::size_t count) {
  if (at + count > text.size()) return -1;
  int value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (digit(text[at + i]) > 9) return -1;
    value = value * 10 + static_cast<int>(digit(text[at + i]));
  }
  return value;
}

int month_number(std::string_view text) {
  if (text.size() < 3) return 0;
  static constexpr std::string_view names = "JanFebMarAprMayJunJulAugSepOctNovDec";
  for (std::size_t i = 0; i < names.size(); i += 3)
    if (text[0] == names[i] && text[1] == names[i + 1] && text[2] == names[i + 2]) return static_cast<int>(i / 3) + 1;
  return 0;
}

/// "hh:mm:ss[.fraction]" at `at`, which moves behind it.
bool take_clock(std::string_view text, std::size_t& at, Civil& civil) {
  if (at + 8 > text.size() || text[at + 2] != ':' || text[at + 5] != ':') return false;
  civil.hour = number(text, at, 2);
  civil.minute = number(text, at + 3, 2);
  civil.second = number(text, at + 6, 2);
  if (civil.hour < 0 || civil.minute < 0 || civil.second < 0) return false;
  at += 8;
  civil.micros = 0;
  if (at < text.size() && text[at] == '.') {
    std::size_t digits = 0;
    for (++at; at < text.size() && digit(text[at]) <= 9; ++at, ++digits)
      if (digits < 6) civil.micros = civil.micros * 10 + static_cast<int>(digit(text[at]));
    if (digits == 0) return false;
    for (; digits < 6; ++digits) civil.micros *= 10;
  }
  return true;
}

/// "Z", "+hh:mm", "+hhmm" or "+hh" at `at`; without any, the text names no zone. False when the offset is damaged.
bool take_offset(std::string_view text, std::size_t& at, Stamp& stamp) {
  stamp.basis = TimeBasis::no_zone;
  if (at >= text.size()) return true;
  if (text[at] == 'Z') {
    ++at;
    stamp.basis = TimeBasis::utc;
    return true;
  }
  if (text[at] != '+' && text[at] != '-') return true;
  const int sign = text[at] == '-' ? -1 : 1;
  const int hours = number(text, at + 1, 2);
  if (hours < 0 || hours > 18) return false;
  at += 3;
  if (at < text.size() && text[at] == ':') ++at;
  int minutes = number(text, at, 2);
  if (minutes >= 0)
    at += 2;
  else
    minutes = 0;
  if (minutes > 59) return false;
  stamp.basis = TimeBasis::utc;
  stamp.offset = sign * (hours * 60 + minutes);
  stamp.time -= stamp.offset * micros_per_minute;
  return true;
}

bool take_iso(std::string_view& text, Stamp& stamp) {
  if (text.size() < 19 || text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != ' ')) return false;
  Civil civil{number(text, 0, 4), number(text, 5, 2), number(text, 8, 2)};
  std::size_t at = 11;
  if (!take_clock(text, at, civil) || !is_valid(civil)) return false;
  stamp.time = civil_micros(civil);
  stamp.month = 0;
  if (!take_offset(text, at, stamp)) return false;
  text.remove_prefix(at);
  return true;
}

/// A year written as four digits at `at` and followed by a blank; 0 when none is there.
int year_at(std::string_view text, std::size_t at) {
  const int year = number(text, at, 4);
  return year >= 1970 && year <= 2199 && at + 4 < text.size() && text[at + 4] == ' ' ? year : 0;
}

bool take_bsd(std::string_view& text, Stamp& stamp) {
  std::size_t at = 0;
  int year = year_at(text, 0);
  if (year != 0) at = 5;
  Civil civil;
  civil.month = month_number(text.substr(at));
  if (civil.month == 0) return false;
  at += 3;
  if (at >= text.size() || text[at] != ' ') return false;
  while (at < text.size() && text[at] == ' ') ++at;
  civil.day = number(text, at, 2);
  at += 2;
  if (civil.day < 0) {
    civil.day = number(text, at - 2, 1);
    --at;
  }
  if (civil.day < 0 || at >= text.size() || text[at] != ' ') return false;
  ++at;
  if (year == 0 && (year = year_at(text, at)) != 0) at += 5;
  if (!take_clock(text, at, civil)) return false;
  if (year == 0 && at < text.size() && text[at] == ' ' && (year = year_at(text, at + 1)) != 0) at += 5;
  civil.year = year != 0 ? year : 2000;
  if (!is_valid(civil)) return false;
  stamp.time = civil_micros(civil);
  stamp.basis = year != 0 ? TimeBasis::no_zone : TimeBasis::no_year;
  stamp.month = year != 0 ? 0 : civil.month;
  text.remove_prefix(at);
  return true;
}

/// The label counts seconds from 2^62. Its writers (multilog, svlogd) add the ten seconds that TAI was ahead in 1970 to the Unix clock and
/// no leap seconds.
bool take_tai64n(std::string_view& text, Stamp& stamp) {
  if (text.size() < 25) return false;
  std::uint64_t seconds = 0;
  std::uint64_t nanos = 0;
  for (std::size_t i = 1; i < 25; ++i) {
    const char c = text[i];
    unsigned value = digit(c);
    if (value > 9) value = c >= 'a' && c <= 'f' ? unsigned(c - 'a') + 10 : 16;
    if (value > 15) return false;
    (i <= 16 ? seconds : nanos) = (i <= 16 ? seconds : nanos) * 16 + value;
  }
  constexpr std::uint64_t base = (std::uint64_t{1} << 62) + 10;
  constexpr std::uint64_t year_9999 = 253402300799ULL;
  if (seconds < base || seconds - base > year_9999 || nanos >= 1'000'000'000) return false;
  stamp.time = static_cast<std::int64_t>(seconds - base) * micros_per_second + static_cast<std::int64_t>(nanos / 1000);
  stamp.basis = TimeBasis::utc;
  stamp.month = 0;
  text.remove_prefix(25);
  return true;
}

}  // namespace

bool take_stamp(std::string_view& text, Stamp& stamp) {
  if (text.size() < 14) return false;
  if (text[0] == '@') return take_tai64n(text, stamp);
  if (digit(text[0]) <= 9 && text[4] == '-') return take_iso(text, stamp);
  return take_bsd(text, stamp);
}

}  // namespace digue::formats
