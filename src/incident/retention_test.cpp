#include "incident/retention.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

using namespace digue;
using namespace digue::incident;

namespace {

std::string shipped() {
  std::ifstream stream(DIGUE_SOURCE_DIR "/content/retention.yaml", std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

Retention loaded() {
  auto read = load_retention(shipped(), "retention.yaml");
  REQUIRE_MESSAGE(read, to_text(read.error()));
  return std::move(*read);
}

UtcMicros at(const char* text) {
  const auto parsed = parse_iso8601(text);
  REQUIRE(parsed);
  return UtcMicros{parsed->civil};
}

std::string refused(const std::string& from, const std::string& to) {
  auto text = shipped();
  const auto place = text.find(from);
  REQUIRE(place != std::string::npos);
  const auto read = load_retention(text.replace(place, from.size(), to), "retention.yaml");
  return read ? "taken" : to_text(read.error());
}

}  // namespace

TEST_CASE("retention: what ships has the four kinds of case, each with its sources") {
  const auto all = loaded();
  for (const auto* id : {"exercise", "unfounded", "incident", "breach"}) {
    const auto* type = all.type(id);
    REQUIRE(type != nullptr);
    CHECK(type->periods.front().months >= 12);
    CHECK_FALSE(type->periods.front().sources.empty());
  }
  CHECK(all.type("other") == nullptr);
}

TEST_CASE("retention: the proposal follows the facts") {
  CHECK(proposed_type(true, true, true) == "exercise");
  CHECK(proposed_type(false, false, true) == "breach");
  CHECK(proposed_type(false, true, false) == "incident");
  CHECK(proposed_type(false, false, false) == "unfounded");
}

TEST_CASE("retention: calendar months on the clock of the zone, the last day of a short month") {
  const auto paris = Zone::named("Europe/Paris").value();
  RetentionPeriod period;
  period.months = 12;
  // 31 January 2027, 23:30 in Paris; in February of 2028 there is a 29th.
  CHECK(keep_until(at("2027-01-31T22:30:00Z"), period, paris) == at("2028-01-31T22:30:00Z"));
  period.months = 13;
  CHECK(keep_until(at("2027-01-31T22:30:00Z"), period, paris) == at("2028-02-29T22:30:00Z"));
  // From winter to summer time the clock value stays.
  period.months = 6;
  CHECK(keep_until(at("2027-01-15T09:00:00Z"), period, paris) == at("2027-07-15T08:00:00Z"));
  period.months = 0;
  CHECK(keep_until(at("2027-01-15T09:00:00Z"), period, paris) == at("2027-01-15T09:00:00Z"));
}

TEST_CASE("retention: the period is the one in force on the day of closing") {
  const auto paris = Zone::named("Europe/Paris").value();
  CaseType type;
  type.periods = {{{2018, 5, 25}, 12, {}, {}, {}}, {{2027, 1, 1}, 24, {}, {}, {}}};
  CHECK(period_of(type, at("2026-12-31T22:59:00Z"), paris).months == 12);
  CHECK(period_of(type, at("2026-12-31T23:00:00Z"), paris).months == 24);  // already 1 January in Paris
  CHECK(period_of(type, at("2010-01-01T00:00:00Z"), paris).months == 12);
}

TEST_CASE("retention: what is wrong is refused with its line") {
  CHECK(refused("months: 12", "months: -1").find("retention.yaml:") != std::string::npos);
  CHECK(refused("months: 12", "months: \"a year\"") != "taken");
  CHECK(refused("type: \"exercise\"", "type: \"breach\"") != "taken");
  CHECK(refused("from: 2018-05-25", "from: 2018-02-30") != "taken");
  CHECK(refused("about:", "abuot:") != "taken");
  CHECK(refused("digue.retention/1", "digue.retention/2") != "taken");
}
