#include "base/yaml_fields.hpp"

#include <doctest/doctest.h>

namespace digue {
namespace {

constexpr const char* sample =
    "name: x\n"
    "blank: \"  \"\n"
    "yes: true\n"
    "quoted: \"true\"\n"
    "count: 12\n"
    "big: 99999999999\n"
    "words: [a, b]\n"
    "twice: [a, a]\n"
    "holes: [a, \"\"]\n"
    "deep: {k: v}\n";

/// The first complaint after `use` read the sample.
template <class Use>
std::string complaint(Use use) {
  const auto node = parse_yaml(sample, "f.yaml");
  REQUIRE(node);
  YamlProblems problems("f.yaml");
  YamlFields fields(problems, *node, "thing");
  use(fields);
  const auto& first = problems.first();
  return first ? to_text(*first) : "none";
}

}  // namespace

TEST_CASE("yaml fields: right values are read without a complaint") {
  CHECK(complaint([](YamlFields& f) {
          CHECK(f.text("name") == "x");
          CHECK(f.flag("yes"));
          CHECK(f.number("count", 1, 12) == 12);
          CHECK(f.words("words") == std::vector<std::string>{"a", "b"});
          CHECK(f.list("holes").size() == 2);
          CHECK(f.optional("absent") == nullptr);
          REQUIRE(f.required("deep"));
          CHECK(f.required("deep")->find("k")->text == "v");
        }) == "none");
}

TEST_CASE("yaml fields: each wrong field names file, line and what was expected") {
  CHECK(complaint([](YamlFields& f) { f.text("absent"); }) == "thing: field \"absent\" is missing (f.yaml:1)");
  CHECK(complaint([](YamlFields& f) { f.text("blank"); }) == "thing: field \"blank\" is empty (f.yaml:2). Expected a text.");
  CHECK(complaint([](YamlFields& f) { f.text("deep"); }) == "thing: field \"deep\" is empty (f.yaml:10). Expected a text.");
  CHECK(complaint([](YamlFields& f) { f.flag("quoted"); }) == "thing: field \"quoted\" is neither true nor false (f.yaml:4)");
  CHECK(complaint([](YamlFields& f) { f.number("count", 1, 11); }) ==
        "thing: field \"count\" is not a whole number (f.yaml:5). Expected 1 to 11.");
  CHECK(complaint([](YamlFields& f) { f.number("big", 1, 11); }).find("(f.yaml:6)") != std::string::npos);
  CHECK(complaint([](YamlFields& f) { f.number("name", 1, 11); }).find("(f.yaml:1)") != std::string::npos);
  CHECK(complaint([](YamlFields& f) { f.list("name"); }) == "thing: field \"name\" is not a list (f.yaml:1)");
  CHECK(complaint([](YamlFields& f) { f.words("twice"); }) == "thing: \"a\" is twice in \"twice\" (f.yaml:8)");
  CHECK(complaint([](YamlFields& f) { f.words("holes"); }).find("(f.yaml:9)") != std::string::npos);
}

TEST_CASE("yaml fields: fields nobody asked for are complained of, and only the first problem is kept") {
  CHECK(complaint([](YamlFields& f) {
          for (const char* key : {"name", "blank", "yes", "quoted", "count", "big", "words", "twice", "holes"}) f.optional(key);
          f.finish();
        }) == "thing: unknown field \"deep\" (f.yaml:10)");
  CHECK(complaint([](YamlFields& f) {
          f.text("blank");
          f.text("absent");
          f.finish();
        }).starts_with("thing: field \"blank\" is empty"));
  const auto scalar = parse_yaml("just text", "f.yaml");
  REQUIRE(scalar);
  YamlProblems problems("f.yaml");
  const YamlFields fields(problems, *scalar, "thing");
  CHECK(problems.first().value_or(Error{}).message == "thing is not a mapping");
}

}  // namespace digue
