#include "base/clock.hpp"

#include <doctest/doctest.h>

TEST_CASE("an offset is told only for a clock that something checks") {
  const auto facts = digue::read_clock();
  CHECK(facts.source == "machine");
  CHECK(facts.offset_micros.has_value() == facts.synchronised);
  CHECK(facts.error_micros.has_value() == facts.synchronised);
}
