#include "base/crypto/uuid.hpp"

#include <doctest/doctest.h>

TEST_CASE("uuid: version 5 in the URL namespace, as Python's uuid5 gives it") {
  CHECK(digue::uuid_of_url("http://example.com/") == "0a300ee9-f9e4-5697-a51a-efc7fafaba67");
  CHECK(digue::uuid_of_url("") == "1b4db7eb-4057-5ddf-91e0-36dec72071f5");
}
