#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "incident/content_source.hpp"

namespace digue::incident {

struct Date {
  int year = 1970, month = 1, day = 1;
  auto operator<=>(const Date&) const = default;
};

/// The date on the calendars of a zone.
Date date_in(const Zone& zone, UtcMicros time);
/// `days` later, or earlier when negative.
Date plus_days(const Date& date, int days);
/// 1 Monday to 7 Sunday.
int weekday(const Date& date);
/// Easter Sunday of the Gregorian calendar (years 1583 and later), by the anonymous algorithm that Meeus gives (Astronomical Algorithms).
Date easter_sunday(int year);

/// A public holiday: a day of the year, or a number of days from Easter Sunday.
struct Holiday {
  std::string id;
  Localized name;
  std::optional<int> easter;           ///< days after Easter Sunday
  int month = 0, day = 0;              ///< otherwise
  std::optional<Date> from, until;     ///< first and last day on which the rule holds
  std::vector<std::string> calendars;  ///< empty: all
};

struct Calendar {
  std::string id;
  Localized name;
  std::optional<Localized> uncertain;  ///< what the sources leave open
};

struct Calendars {
  std::vector<Calendar> calendars;
  std::vector<Holiday> holidays;
  std::vector<Source> sources;

  const Calendar* find(std::string_view id) const;
};

/// The holiday of that day in a calendar, or null.
const Holiday* holiday_on(const Calendars& calendars, std::string_view calendar, const Date& date);

/// Files of the schema digue.calendars/1 (content/calendars). Refused with file and line: unknown fields or calendars, dates that do not
/// exist, an id twice.
Result<Calendars> load_calendars(std::span<const ContentFile> files);

}  // namespace digue::incident
