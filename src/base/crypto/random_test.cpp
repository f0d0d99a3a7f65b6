#include "base/crypto/random.hpp"

#include <doctest/doctest.h>

using namespace digue;

TEST_CASE("random texts have their length and differ") {
  CHECK(random_bytes(0).empty());
  CHECK(random_bytes(32).size() == 32);
  CHECK(random_hex(32).size() == 64);
  CHECK(random_hex(32).find_first_not_of("0123456789abcdef") == std::string::npos);
  CHECK(random_bytes(32) != random_bytes(32));
}

TEST_CASE("secrets are compared whole") {
  CHECK(same_secret("abc", "abc"));
  CHECK_FALSE(same_secret("abc", "abd"));
  CHECK_FALSE(same_secret("abc", "ab"));
  CHECK(same_secret("", ""));
}
