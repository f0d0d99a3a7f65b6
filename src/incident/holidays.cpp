#include "incident/holidays.hpp"

#include <algorithm>

#include "incident/content_fields.hpp"

namespace digue::incident {

namespace {

std::int64_t day_number(const Date& date) {
  return civil_micros({date.year, date.month, date.day}) / micros_per_day;
}

Date date_of_day(std::int64_t number) {
  const auto civil = civil_from_micros(number * micros_per_day);
  return {civil.year, civil.month, civil.day};
}

/// "05-08"; a day that exists in every year.
bool read_month_day(std::string_view text, Holiday& out) {
  const auto parsed = text.size() == 5 ? parse_iso8601("2001-" + std::string(text) + "T00:00:00") : std::nullopt;
  if (!parsed) return false;
  const auto civil = civil_from_micros(parsed->civil);
  out.month = civil.month;
  out.day = civil.day;
  return true;
}

void read_rule(YamlFields& fields, Holiday& out) {
  if (fields.optional("easter")) {
    out.easter = fields.number("easter", -100, 100);
    if (fields.optional("date")) fields.problems().complain(fields.line(), fields.what() + ": both \"date\" and \"easter\"");
    return;
  }
  if (!read_month_day(fields.text("date"), out))
    fields.problems().complain(fields.line(), fields.what() + ": \"date\" is not a day of every year",
                               "Expected a month and a day such as 05-08, or \"easter\" with a number of days.");
}

}  // namespace

Date date_in(const Zone& zone, UtcMicros time) {
  const auto civil = civil_from_micros(time.value + zone.offset_minutes(time) * micros_per_minute);
  return {civil.year, civil.month, civil.day};
}

Date plus_days(const Date& date, int days) {
  return date_of_day(day_number(date) + days);
}

int weekday(const Date& date) {
  // Day 0 was a Thursday.
  const auto days = (day_number(date) + 3) % 7;
  return static_cast<int>(days < 0 ? days + 7 : days) + 1;
}

Date easter_sunday(int year) {
  const int a = year % 19;
  const int b = year / 100;
  const int c = year % 100;
  const int d = b / 4;
  const int e = b % 4;
  const int f = (b + 8) / 25;
  const int g = (b - f + 1) / 3;
  const int h = (19 * a + b - d - g + 15) % 30;
  const int i = c / 4;
  const int k = c % 4;
  const int l = (32 + 2 * e + 2 * i - h - k) % 7;
  const int m = (a + 11 * h + 22 * l) / 451;
  const int n = h + l - 7 * m + 114;
  return {year, n / 31, n % 31 + 1};
}

const Calendar* Calendars::find(std::string_view id) const {
  const auto at = std::find_if(calendars.begin(), calendars.end(), [&](const Calendar& one) { return one.id == id; });
  return at == calendars.end() ? nullptr : &*at;
}

const Holiday* holiday_on(const Calendars& calendars, std::string_view calendar, const Date& date) {
  for (const auto& holiday : calendars.holidays) {
    if (!holiday.calendars.empty() && std::find(holiday.calendars.begin(), holiday.calendars.end(), calendar) == holiday.calendars.end())
      continue;
    if ((holiday.from && date < *holiday.from) || (holiday.until && *holiday.until < date)) continue;
    const Date on = holiday.easter ? plus_days(easter_sunday(date.year), *holiday.easter) : Date{date.year, holiday.month, holiday.day};
    if (on == date) return &holiday;
  }
  return nullptr;
}

Result<Calendars> load_calendars(std::span<const ContentFile> files) {
  Calendars out;
  const auto read = content::read_files(files, "digue.calendars/1", [&](YamlFields& file) {
    content::each(file, "calendars", "calendar", [&](YamlFields& fields) {
      Calendar one{fields.text("calendar"), content::text(fields, "name"), content::optional_text(fields, "uncertain")};
      if (out.find(one.id)) fields.problems().complain(fields.line(), fields.what() + " is there twice");
      out.calendars.push_back(std::move(one));
    });
    content::each(file, "holidays", "holiday", [&](YamlFields& fields) {
      Holiday one;
      one.id = fields.text("holiday");
      one.name = content::text(fields, "name");
      read_rule(fields, one);
      one.from = content::optional_date(fields, "from");
      one.until = content::optional_date(fields, "until");
      one.calendars = content::optional_words(fields, "calendars");
      for (const auto& id : one.calendars)
        if (!out.find(id)) fields.problems().complain(fields.line(), fields.what() + ": no calendar \"" + id + "\"");
      if (std::any_of(out.holidays.begin(), out.holidays.end(), [&](const Holiday& other) { return other.id == one.id; }))
        fields.problems().complain(fields.line(), fields.what() + " is there twice");
      out.holidays.push_back(std::move(one));
    });
    for (auto& source : content::sources(file)) out.sources.push_back(std::move(source));
  });
  if (!read) return tl::make_unexpected(read.error());
  if (out.calendars.empty()) return fail(ErrorCode::bad_input, "no calendar", files.empty() ? std::string() : files.front().name);
  return out;
}

}  // namespace digue::incident
