#include "base/time.hpp"

#include <doctest/doctest.h>

using namespace digue;

TEST_CASE("ISO 8601: instants, fractions, offsets") {
  const auto parse = [](std::string_view text) {
    const auto parsed = parse_iso8601(text);
    REQUIRE(parsed);
    return UtcMicros{parsed->civil - parsed->offset_minutes.value_or(0) * micros_per_minute};
  };
  CHECK(parse("1970-01-01T00:00:00Z").value == 0);
  CHECK(parse("2000-02-29T12:00:00Z").value == 951825600LL * 1'000'000);
  CHECK(parse("2026-01-24T06:54:24.0000000Z ").value == 1769237664LL * 1'000'000);
  CHECK(parse("2021-03-06T04:07:38.251122+00:00").value == 1615003658251122LL);
  CHECK(parse("2021-03-06T04:07:38-05:00").value == parse("2021-03-06T09:07:38Z").value);
  CHECK(parse("2021-03-06 04:07:38+0530").value == parse("2021-03-05T22:37:38Z").value);
  CHECK_FALSE(parse_iso8601("2021-03-06T04:07:38")->offset_minutes);
  for (const char* bad : {"", "2021-02-29T00:00:00Z", "2021-13-01T00:00:00Z", "2021-03-06T24:00:00Z", "2021-03-06T04:07:38Zx",
                          "2021-03-06T04:07:38.Z", "2021-03-06T04:07", "15/01/2024 10:11:12"})
    CHECK_FALSE(parse_iso8601(bad));
}

TEST_CASE("ISO 8601 output cuts trailing zeros and survives a round trip") {
  CHECK(to_iso8601({951825600LL * 1'000'000}) == "2000-02-29T12:00:00Z");
  CHECK(to_iso8601({1615003658251100LL}) == "2021-03-06T04:07:38.2511Z");
  CHECK(to_iso8601({-1}) == "1969-12-31T23:59:59.999999Z");
}

TEST_CASE("Zone: Paris over the changes of clock, Réunion without any") {
  const auto paris = Zone::named("Europe/Paris");
  REQUIRE(paris);
  const auto civil = [](const char* text) { return parse_iso8601(text)->civil; };
  CHECK(to_iso8601(paris->to_utc(civil("2026-01-15T10:00:00"))) == "2026-01-15T09:00:00Z");
  CHECK(to_iso8601(paris->to_utc(civil("2026-07-15T10:00:00"))) == "2026-07-15T08:00:00Z");
  CHECK(to_iso8601(paris->to_utc(civil("2026-03-29T02:30:00"))) == "2026-03-29T01:00:00Z");
  CHECK(to_iso8601(paris->to_utc(civil("2026-10-25T02:30:00"))) == "2026-10-25T00:30:00Z");
  CHECK(to_local(UtcMicros{civil("2026-07-15T08:00:00")}, *paris) == "2026-07-15 10:00:00 +02:00");
  const auto reunion = Zone::named("Indian/Reunion");
  REQUIRE(reunion);
  CHECK(reunion->offset_minutes(UtcMicros{civil("2026-07-15T08:00:00")}) == 240);
  const auto unknown = Zone::named("Europe/Atlantide");
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().code == ErrorCode::not_found);
}
