#include "base/crypto/hash.hpp"

#include <doctest/doctest.h>

using namespace digue;

TEST_CASE("SHA-256: FIPS 180-4 examples, whole and in pieces") {
  CHECK(to_hex(sha256("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(to_hex(sha256("")) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  Sha256Stream stream;
  stream.update("a");
  stream.update("bc");
  CHECK(stream.finish() == sha256("abc"));
}

TEST_CASE("Identities: the border between parts counts") {
  CHECK(id_of({"ab", "c"}) != id_of({"a", "bc"}));
  CHECK(id_of({"ab", "c"}) == id_of({"ab", "c"}));
  CHECK(to_hex(id_of({"x"}), 8).size() == 16);
}
