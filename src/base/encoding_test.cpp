#include "base/encoding.hpp"

#include <doctest/doctest.h>

using namespace digue;

TEST_CASE("base64: the vectors of RFC 4648 section 10, both ways") {
  const std::pair<const char*, const char*> vectors[] = {
      {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : vectors) {
    CHECK(base64(bytes) == text);
    CHECK(from_base64(text) == std::string(bytes));
  }
  const std::string all = {'\xff', '\xfe', '\0', '\x3f'};
  CHECK(from_base64(base64(all)) == all);
}

TEST_CASE("base64: one text for the same bytes") {
  for (const auto* text : {"Zg", "Zg=", "Zh==", "Zm9=", "Z===", "====", "Zg==Zg==", "Zm 9v", "Zm9v\n", "Zm-_", "=Zm9"}) {
    CAPTURE(text);
    CHECK_FALSE(from_base64(text));
  }
}

TEST_CASE("hexadecimal: lower case, both ways, nothing else") {
  CHECK(hex(std::string("\0\x7f\xff", 3)) == "007fff");
  CHECK(from_hex("007fff") == std::string("\0\x7f\xff", 3));
  for (const auto* text : {"0", "0g", "FF", "0x00", " 00"}) CHECK_FALSE(from_hex(text));
}
