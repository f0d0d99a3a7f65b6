#include "base/json/value.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

using namespace digue;

namespace {

std::string content(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string again(std::string_view text) {
  const auto value = json::parse(text);
  return value ? json::canonical(*value) : "refused";
}

}  // namespace

TEST_CASE("RFC 8785 vectors") {
  const std::filesystem::path folder = DIGUE_SOURCE_DIR "/../shared/specs/jcs/testdata";
  if (!std::filesystem::exists(folder)) {
    std::cout << "SKIPPED: RFC 8785 vectors are not beside the project\n";
    return;
  }
  std::size_t seen = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder / "input")) {
    INFO(file.path().filename().string());
    CHECK(again(content(file.path())) == content(folder / "output" / file.path().filename()));
    ++seen;
  }
  CHECK(seen >= 6);
}

// Appendix B of RFC 8785: bits of the double and its text.
TEST_CASE("RFC 8785 numbers") {
  const auto text = [](std::uint64_t bits) {
    double number = 0;
    static_assert(sizeof number == sizeof bits);
    std::memcpy(&number, &bits, sizeof bits);
    return json::canonical(json::Value(number));
  };
  CHECK(text(0x0000000000000000) == "0");
  CHECK(text(0x8000000000000000) == "0");
  CHECK(text(0x0000000000000001) == "5e-324");
  CHECK(text(0x8000000000000001) == "-5e-324");
  CHECK(text(0x7fefffffffffffff) == "1.7976931348623157e+308");
  CHECK(text(0x4340000000000000) == "9007199254740992");
  CHECK(text(0xc340000000000000) == "-9007199254740992");
  CHECK(text(0x4430000000000000) == "295147905179352830000");
  CHECK(text(0x44b52d02c7e14af5) == "9.999999999999997e+22");
  CHECK(text(0x44b52d02c7e14af6) == "1e+23");
  CHECK(text(0x44b52d02c7e14af7) == "1.0000000000000001e+23");
  CHECK(text(0x444b1ae4d6e2ef4e) == "999999999999999700000");
  CHECK(text(0x444b1ae4d6e2ef50) == "1e+21");
  CHECK(text(0x3eb0c6f7a0b5ed8c) == "9.999999999999997e-7");
  CHECK(text(0x3eb0c6f7a0b5ed8d) == "0.000001");
  CHECK(text(0x41b3de4355555553) == "333333333.3333332");
  CHECK(text(0xbecbf647612f3696) == "-0.0000033333333333333333");
  CHECK(text(0x43143ff3c1cb0959) == "1424953923781206.2");
  CHECK(again("9007199254740993") == "9007199254740992");
  CHECK(again("18446744073709551615") == "18446744073709552000");
}

TEST_CASE("member names are sorted by UTF-16 code units") {
  CHECK(again(R"({"\uff61":1,"\ud83d\ude02":2,"\ue000":3,"z":4,"":5,"aa":6,"a":7})") ==
        "{\"\":5,\"a\":7,\"aa\":6,\"z\":4,\"\xF0\x9F\x98\x82\":2,\"\xEE\x80\x80\":3,\"\xEF\xBD\xA1\":1}");
}

TEST_CASE("parsing refuses what two readers could take differently") {
  CHECK_FALSE(json::parse(""));
  CHECK_FALSE(json::parse("{\"a\":1} x"));
  CHECK_FALSE(json::parse("{\"a\":1,\"\\u0061\":2}"));
  CHECK_FALSE(json::parse("\"\xff\""));
  CHECK_FALSE(json::parse("\"\\ud800\""));
  CHECK_FALSE(json::parse("[1e999]"));
  CHECK_FALSE(json::parse("[01]"));
  CHECK_FALSE(json::parse("{a:1}"));
  CHECK(json::parse(" [1, 2] "));
}

TEST_CASE("parsing is bounded") {
  const std::string nested = std::string(20, '[') + std::string(20, ']');
  CHECK(json::parse(nested, {.bytes = 100, .depth = 32}));
  CHECK(json::parse(nested, {.bytes = 100, .depth = 8}).error().code == ErrorCode::limit);
  CHECK(json::parse(nested, {.bytes = 39, .depth = 32}).error().code == ErrorCode::limit);
  CHECK_FALSE(json::parse(std::string(500'000, '[')));
}

TEST_CASE("fields are read within bounds and the first problem is told") {
  const auto value =
      json::parse(R"({"name":"x","blank":"  ","n":5,"list":["a","b"],"mixed":["a",1],"yes":true,"nil":null,"half":0.5})").value();
  json::Fields good(value);
  CHECK(good.text("name", 10) == "x");
  CHECK(good.integer("n", 0, 5) == 5);
  CHECK(good.texts("list", 2, 1) == std::vector<std::string>{"a", "b"});
  CHECK(good.flag_or("yes", false));
  CHECK(good.text_or("nil", 4, "else") == "else");
  CHECK(good.optional_number("half", 0, 1) == 0.5);
  CHECK_FALSE(good.optional_text("absent", 4));
  CHECK(good.done());

  json::Fields missing(value);
  missing.text("absent", 4);
  missing.text("blank", 4);
  CHECK(missing.done().error().where == "absent");
  json::Fields blank(value);
  blank.text("blank", 4);
  CHECK_FALSE(blank.done());
  json::Fields high(value);
  high.integer("n", 0, 4);
  CHECK_FALSE(high.done());
  json::Fields mixed(value);
  CHECK(mixed.texts("mixed", 4, 4).empty());
  CHECK_FALSE(mixed.done());
  json::Fields many(value);
  many.texts("list", 1, 4);
  CHECK_FALSE(many.done());
  json::Fields list(json::parse("[]").value());
  CHECK_FALSE(list.done());
}

TEST_CASE("json values: whole numbers beyond 64 bits are doubles, as RFC 8785 writes and reads them") {
  const auto value = json::parse(
      R"({"a":-500000000000000000000,"b":["18446744073709551616 \\"," 36893488147419103232"],"c":0.50000000000000000000,"d":1e00000000000000000001})");
  REQUIRE(value);
  CHECK(value->at("a").as_double() == -5e20);
  CHECK(value->at("b").as_array()[0].as_string() == "18446744073709551616 \\");
  CHECK(value->at("b").as_array()[1].as_string() == " 36893488147419103232");
  CHECK(value->at("c").as_double() == 0.5);
  CHECK(value->at("d").as_double() == 10);
  CHECK(json::canonical(value->at("a")) == "-500000000000000000000");
  CHECK_FALSE(json::parse("[01234567890123456789012]"));
}
