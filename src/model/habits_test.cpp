#include "model/habits.hpp"

#include <doctest/doctest.h>

#include "model/test_rows.hpp"

namespace digue {

using namespace test;

TEST_CASE("habits: a place of every working day is regular, before and after") {
  Rows rows;
  rows.live(0, 5);
  rows.sort();
  const Habits habits(rows.rows);
  const auto* own = habits.find(Habits::Kind::network, "own");
  REQUIRE(own != nullptr);
  CHECK(own->days.size() == 5);
  CHECK(Habits::days_before(own, at(2, 7)) == 2);
  CHECK(Habits::days_after(own, at(2, 7)) == 2);
  CHECK(habits.find(Habits::Kind::country, "NG") == nullptr);
  CHECK(habits.regular(rows.rows[8]));
  CHECK_FALSE(habits.regular(rows.rows.front()));
  CHECK_FALSE(habits.enough_before(at(2, 23)));
  CHECK(habits.enough_before(at(3, 1)));
}

TEST_CASE("habits: refused attempts, deliveries, filters and the platform's own services are no habit") {
  Rows rows;
  rows.wrong_password(at(0), lagos);
  rows.add(at(0, 10), Activity::mail_receive, lagos);
  rows.add(at(0, 11), Activity::rule_effect, lagos);
  rows.add(at(0, 12), Activity::mfa_challenge, lagos);
  rows.add(at(0, 13), Activity::delegation_add, lagos, {{Field::system_actor, "true"}});
  const Habits habits(rows.rows);
  CHECK(habits.activity().days.empty());
  CHECK(habits.find(Habits::Kind::country, "NG") == nullptr);
}

TEST_CASE("habits: rows left out are nobody's habit") {
  Rows rows;
  rows.sign_in(at(0), hospital);
  rows.sign_in(at(1), lagos);
  const Habits habits(rows.rows, {false, true});
  CHECK(habits.find(Habits::Kind::country, "FR") != nullptr);
  CHECK(habits.find(Habits::Kind::country, "NG") == nullptr);
}

TEST_CASE("habits: four days abroad with nothing at home are a stay; days shared with home are none") {
  Rows away;
  away.live(0, 5);
  for (int day = 5; day < 9; ++day) away.sign_in(at(day, 20), lisbon);
  away.live(9, 2);
  CHECK(Habits(away.rows).is_stay("PT"));
  Rows both;
  both.live(0, 11);
  for (int day = 5; day < 9; ++day) both.sign_in(at(day, 20), lisbon);
  both.sort();
  CHECK_FALSE(Habits(both.rows).is_stay("PT"));
}

TEST_CASE("habits: without a known network the neighbourhood of the address is the place") {
  Rows rows;
  rows.sign_in(at(0), {"198.51.100.20", "", "", "", false});
  rows.sign_in(at(1), {"198.51.100.99", "", "", "", false});
  rows.sign_in(at(2), {"198.51.101.20", "", "", "", false});
  const Habits habits(rows.rows);
  CHECK(Habits::days_before(habits.place_of(rows.rows[1]), at(1)) == 1);
  CHECK(Habits::days_before(habits.place_of(rows.rows[2]), at(2)) == 0);
}

}  // namespace digue
