#include "base/crypto/crypt_hash.hpp"

#include <doctest/doctest.h>

#include "base/loopback_test.hpp"

using namespace digue;

TEST_CASE("crypt hash: another implementation makes the same hash of the same salt, and each call has its own salt") {
  const auto one = sha512_crypt("correct horse"), two = sha512_crypt("correct horse");
  REQUIRE(one);
  REQUIRE(two);
  CHECK(one->starts_with("$6$"));
  CHECK(*one != *two);
  const auto salt = one->substr(3, one->find('$', 3) - 3);
  CHECK(salt.size() == 16);
  CHECK(testing::output_of("openssl passwd -6 -salt '" + salt + "' 'correct horse'") == *one + "\n");
}
