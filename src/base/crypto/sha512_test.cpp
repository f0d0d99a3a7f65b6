#include "base/crypto/sha512.hpp"

#include <doctest/doctest.h>

using namespace digue;

TEST_CASE("SHA-512: FIPS 180-4 example, in pieces") {
  Sha512Stream stream;
  stream.update("ab");
  stream.update("c");
  CHECK(to_hex(stream.finish()) ==
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
}
