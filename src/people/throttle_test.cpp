#include "people/throttle.hpp"

#include <doctest/doctest.h>

using namespace digue;
using namespace digue::people;

TEST_CASE("the delay doubles with each failure and is bounded") {
  const ThrottleRule rule{3, micros_per_second, 10 * micros_per_second};
  const UtcMicros time{1'000'000'000'000};
  const auto wait = [&](std::int64_t count) { return wait_before(rule, {count, time}, time); };
  CHECK(wait(0) == 0);
  CHECK(wait(2) == 0);
  CHECK(wait(3) == 1 * micros_per_second);
  CHECK(wait(4) == 2 * micros_per_second);
  CHECK(wait(5) == 4 * micros_per_second);
  CHECK(wait(7) == 10 * micros_per_second);
  CHECK(wait(1'000'000) == 10 * micros_per_second);
}

TEST_CASE("a delay runs out, whatever the clock does") {
  const ThrottleRule rule{3, micros_per_second, 10 * micros_per_second};
  const UtcMicros time{1'000'000'000'000};
  const Failures many{100, time};
  CHECK(wait_before(rule, many, {time.value + 9 * micros_per_second}) == micros_per_second);
  CHECK(wait_before(rule, many, {time.value + 10 * micros_per_second}) == 0);
  CHECK(wait_before(rule, many, {time.value - micros_per_day}) == 10 * micros_per_second);
  CHECK(wait_before(rule, many, {time.value + failure_memory}) == 0);
}

TEST_CASE("failures are forgotten after a day") {
  Failures failures;
  const UtcMicros time{1'000'000'000'000};
  for (int i = 0; i < 7; ++i) failures = failed_again(failures, time);
  CHECK(failures.count == 7);
  CHECK(failed_again(failures, {time.value + failure_memory - 1}).count == 8);
  CHECK(failed_again(failures, {time.value + failure_memory}).count == 1);
}

TEST_CASE("no rule keeps a person out for more than a quarter of an hour") {
  for (const auto& rule : {pair_rule, source_rule, account_rule, code_rule})
    CHECK(wait_before(rule, {1'000'000, {0}}, {0}) <= 15 * micros_per_minute);
}
