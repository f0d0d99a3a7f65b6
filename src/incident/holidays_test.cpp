#include "incident/holidays.hpp"

#include <doctest/doctest.h>

#include "incident/test_content.hpp"

using namespace digue;
using namespace digue::incident;

namespace {

const Calendars& shipped() {
  static const Calendars calendars = [] {
    auto loaded = load_calendars(shipped_files("calendars"));
    REQUIRE_MESSAGE(loaded, to_text(loaded.error()));
    return std::move(*loaded);
  }();
  return calendars;
}

std::string on(std::string_view calendar, Date date) {
  const auto* holiday = holiday_on(shipped(), calendar, date);
  return holiday ? holiday->name.fr : "";
}

Error refusal(std::string text) {
  auto loaded = load_calendars(std::vector<ContentFile>{{"jours.yaml", std::move(text)}});
  REQUIRE_FALSE(loaded);
  return loaded.error();
}

constexpr const char* head =
    "schema: digue.calendars/1\nsources:\n  - {text: a, dated: n.d., checked: 2026-11-22}\ncalendars:\n"
    "  - {calendar: here, name: {fr: Ici, en: Here}}\nholidays:\n";

}  // namespace

// Dates of Easter as published for the Gregorian calendar.
TEST_CASE("duties: Easter of known years") {
  CHECK(easter_sunday(1818) == Date{1818, 3, 22});
  CHECK(easter_sunday(1943) == Date{1943, 4, 25});
  CHECK(easter_sunday(1961) == Date{1961, 4, 2});
  CHECK(easter_sunday(2000) == Date{2000, 4, 23});
  CHECK(easter_sunday(2008) == Date{2008, 3, 23});
  CHECK(easter_sunday(2024) == Date{2024, 3, 31});
  CHECK(easter_sunday(2025) == Date{2025, 4, 20});
  CHECK(easter_sunday(2026) == Date{2026, 4, 5});
  CHECK(easter_sunday(2027) == Date{2027, 3, 28});
  CHECK(easter_sunday(2038) == Date{2038, 4, 25});
}

TEST_CASE("duties: days of the week, and days across months and leap years") {
  CHECK(weekday({2026, 3, 29}) == 7);
  CHECK(weekday({2026, 11, 23}) == 1);
  CHECK(weekday({1969, 12, 29}) == 1);
  CHECK(plus_days({2024, 2, 28}, 1) == Date{2024, 2, 29});
  CHECK(plus_days({2026, 1, 1}, -1) == Date{2025, 12, 31});
  CHECK(date_in(Zone::named("Indian/Reunion").value(), UtcMicros{parse_iso8601("2026-12-19T20:30:00Z")->civil}) == Date{2026, 12, 20});
}

TEST_CASE("duties: the eleven national holidays of 2026, and no others in the mainland") {
  int days = 0;
  for (Date date{2026, 1, 1}; date.year == 2026; date = plus_days(date, 1)) days += on("metropole", date).empty() ? 0 : 1;
  CHECK(days == 11);
  CHECK(on("metropole", {2026, 1, 1}) == "Jour de l’an");
  CHECK(on("metropole", {2026, 4, 6}) == "Lundi de Pâques");
  CHECK(on("metropole", {2026, 5, 1}) == "Fête du Travail");
  CHECK(on("metropole", {2026, 5, 8}) == "Victoire de 1945");
  CHECK(on("metropole", {2026, 5, 14}) == "Ascension");
  CHECK(on("metropole", {2026, 5, 25}) == "Lundi de Pentecôte");
  CHECK(on("metropole", {2026, 7, 14}) == "Fête nationale");
  CHECK(on("metropole", {2026, 8, 15}) == "Assomption");
  CHECK(on("metropole", {2026, 11, 1}) == "Toussaint");
  CHECK(on("metropole", {2026, 11, 11}) == "Armistice de 1918");
  CHECK(on("metropole", {2026, 12, 25}) == "Noël");
  CHECK(on("metropole", {2025, 4, 21}) == "Lundi de Pâques");
  CHECK(on("metropole", {2027, 5, 6}) == "Ascension");
}

TEST_CASE("duties: Alsace-Moselle and overseas have their own days") {
  CHECK(on("alsace-moselle", {2026, 4, 3}) == "Vendredi saint");
  CHECK(on("alsace-moselle", {2026, 12, 26}) == "Saint-Étienne");
  CHECK(on("metropole", {2026, 4, 3}).empty());
  CHECK(on("metropole", {2026, 12, 26}).empty());
  CHECK(on("reunion", {2026, 12, 20}) == "Abolition de l’esclavage");
  CHECK(on("martinique", {2026, 5, 22}) == "Abolition de l’esclavage");
  CHECK(on("guadeloupe", {2026, 5, 27}) == "Abolition de l’esclavage");
  CHECK(on("guyane", {2026, 6, 10}) == "Abolition de l’esclavage");
  CHECK(on("mayotte", {2026, 4, 27}) == "Abolition de l’esclavage");
  CHECK(on("saint-barthelemy", {2026, 10, 9}) == "Abolition de l’esclavage");
  CHECK(on("reunion", {2026, 5, 22}).empty());
  CHECK(on("metropole", {2026, 12, 20}).empty());
  CHECK(on("guyane", {2026, 7, 14}) == "Fête nationale");
}

TEST_CASE("duties: a rule holds between its dates only") {
  const auto loaded = load_calendars(std::vector<ContentFile>{
      {"a.yaml", std::string(head) + "  - {holiday: h, name: {fr: A, en: B}, date: 05-08, from: 1982-01-01, until: 2026-12-31}\n"}});
  REQUIRE(loaded);
  CHECK(holiday_on(*loaded, "here", {1981, 5, 8}) == nullptr);
  CHECK(holiday_on(*loaded, "here", {1982, 5, 8}) != nullptr);
  CHECK(holiday_on(*loaded, "here", {2026, 5, 8}) != nullptr);
  CHECK(holiday_on(*loaded, "here", {2027, 5, 8}) == nullptr);
}

TEST_CASE("duties: a broken calendar is refused with file and line") {
  CHECK(refusal(std::string(head) + "  - {holiday: h, name: {fr: A, en: B}, date: 02-30}\n").where == "jours.yaml:7");
  CHECK(refusal(std::string(head) + "  - {holiday: h, name: {fr: A, en: B}}\n").where == "jours.yaml:7");
  CHECK(refusal(std::string(head) + "  - {holiday: h, name: {fr: A}, date: 05-08}\n").where == "jours.yaml:7");
  CHECK(refusal(std::string(head) + "  - {holiday: h, name: {fr: A, en: B}, date: 05-08, calendars: [there]}\n").where == "jours.yaml:7");
  CHECK(refusal("schema: digue.calendars/2\n").where == "jours.yaml:1");
  CHECK(refusal(std::string(head) + "  []\nextra: 1\n").where == "jours.yaml:8");
}
