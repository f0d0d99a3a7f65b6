#include "base/yaml.hpp"

#include <doctest/doctest.h>

#include <string>

namespace digue {
namespace {

/// The error of a text that must be refused, as "code-independent" text: message, then place.
std::string refusal(std::string_view text) {
  const auto parsed = parse_yaml(text, "f.yaml");
  return parsed ? "accepted" : parsed.error().message + " @ " + parsed.error().where;
}

std::string nested(int levels) {
  std::string text;
  for (int level = 0; level < levels; ++level) text += "[";
  text += "x";
  for (int level = 0; level < levels; ++level) text += "]";
  return text;
}

}  // namespace

TEST_CASE("yaml: scalars, sequences and mappings keep their order, line and column") {
  const auto parsed = parse_yaml("# head\nzebra: \"one\"\nalpha:\n  - two\n  - {k: 'v: w', n: 3}\nempty:\n", "f.yaml");
  REQUIRE(parsed);
  REQUIRE(parsed->kind == YamlNode::Kind::mapping);
  REQUIRE(parsed->members.size() == 3);
  CHECK(parsed->members[0].key == "zebra");
  CHECK(parsed->members[1].key == "alpha");
  CHECK(parsed->members[0].line == 2);
  CHECK(parsed->members[0].value.text == "one");
  CHECK(parsed->members[0].value.column == 8);
  CHECK_FALSE(parsed->members[0].value.plain);
  const YamlNode* alpha = parsed->find("alpha");
  REQUIRE(alpha);
  REQUIRE(alpha->kind == YamlNode::Kind::sequence);
  REQUIRE(alpha->items.size() == 2);
  CHECK(alpha->items[0].text == "two");
  CHECK(alpha->items[0].plain);
  CHECK(alpha->items[0].line == 4);
  CHECK(alpha->items[0].column == 5);
  CHECK(alpha->items[1].find("k")->text == "v: w");
  CHECK(alpha->items[1].find("n")->line == 5);
  CHECK(parsed->find("empty")->text.empty());
  CHECK(parsed->find("empty")->plain);
  CHECK(parsed->find("empty")->line == 6);
  CHECK(parsed->find("absent") == nullptr);
}

TEST_CASE("yaml: quoted, folded and literal scalars as YAML 1.2 defines them") {
  const auto parsed = parse_yaml(
      "double: \"tab\\there \\u00e9\\x41 \\\"q\\\"\"\nsingle: 'it''s \\n'\nliteral: |\n  one\n   two\n\nfolded: >-\n  one\n  two\n\n  "
      "three\nfrench: \"d\xc3\xa9j\xc3\xa0\xc2\xa0!\"\nbool: true\n",
      "f.yaml");
  REQUIRE(parsed);
  CHECK(parsed->find("double")->text ==
        "tab\there \xc3\xa9"
        "A \"q\"");
  CHECK(parsed->find("single")->text == "it's \\n");
  CHECK(parsed->find("literal")->text == "one\n two\n");
  CHECK(parsed->find("folded")->text == "one two\nthree");
  CHECK(parsed->find("french")->text == "d\xc3\xa9j\xc3\xa0\xc2\xa0!");
  CHECK(parsed->find("bool")->text == "true");
  CHECK_FALSE(parsed->find("literal")->plain);
  CHECK_FALSE(parsed->find("folded")->plain);
}

TEST_CASE("yaml: line ends of Windows and a byte-order mark change nothing") {
  const auto parsed = parse_yaml(
      "\xef\xbb\xbf"
      "a: 1\r\nb:\r\n  - x\r\n",
      "f.yaml");
  REQUIRE(parsed);
  CHECK(parsed->find("a")->text == "1");
  CHECK(parsed->find("b")->items.at(0).text == "x");
  CHECK(parsed->find("b")->items.at(0).line == 3);
}

TEST_CASE("yaml: what could surprise a reader is refused, with the place") {
  CHECK(refusal("a: &x 1\nb: *x\n") == "YAML anchors are not accepted @ f.yaml:1:7");
  CHECK(refusal("a: 1\nb: *x\n").ends_with("@ f.yaml:2:4"));
  CHECK(refusal("a: !!int 1\n").starts_with("YAML tags are not accepted @ f.yaml:1"));
  CHECK(refusal("a: !exec ls\n").starts_with("YAML tags are not accepted"));
  CHECK(refusal("%YAML 1.2\n---\na: 1\n").starts_with("YAML directives are not accepted"));
  CHECK(refusal("a: 1\n---\nb: 2\n").starts_with("a second YAML document @ f.yaml:2"));
  CHECK(refusal("a: 1\nb: 2\na: 3\n") == "key \"a\" is already given on line 1 @ f.yaml:3:1");
  CHECK(refusal("o:\n  k: 1\n  \"k\": 2\n") == "key \"k\" is already given on line 2 @ f.yaml:3:3");
  CHECK(refusal("{x: 1, y: 2, x: 3}\n") == "key \"x\" is already given on line 1 @ f.yaml:1:14");
  CHECK(refusal("? [a, b]\n: 1\n").starts_with("a key must be a word or a text @ f.yaml:1"));
  CHECK(refusal("").starts_with("empty file"));
  CHECK(refusal("# only a comment\n").starts_with("empty file"));
  CHECK(refusal("a: \xff\n").starts_with("not UTF-8 text"));
}

TEST_CASE("yaml: malformed text names the line") {
  CHECK(refusal("a: 1\nb: [1, 2\n").starts_with("not valid YAML"));
  CHECK(refusal("a: 1\n b: 2\n").ends_with("@ f.yaml:1:4"));
  CHECK(refusal("a: \"no end\n").starts_with("not valid YAML"));
  CHECK(refusal("a:\n\t- 1\n").find("f.yaml:2:") != std::string::npos);
  CHECK(refusal(std::string_view("a: 1\nb: \0c\n", 11)) == "a control character @ f.yaml:2:4");
  CHECK(refusal("a: 1\nb: \x1b[0m\n") == "a control character @ f.yaml:2:4");
}

TEST_CASE("yaml: size and depth are bounded") {
  CHECK(parse_yaml(nested(yaml_max_depth), "f.yaml"));
  const auto deep = parse_yaml(nested(yaml_max_depth + 1), "f.yaml");
  REQUIRE_FALSE(deep);
  CHECK(deep.error().code == ErrorCode::limit);
  CHECK(deep.error().where == "f.yaml:1:33");
  std::string large = "a: \"";
  large.append(yaml_max_bytes - large.size() - 1, 'x');
  large += "\"";
  CHECK(parse_yaml(large, "f.yaml"));
  large += "\n";
  const auto refused = parse_yaml(large, "f.yaml");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::limit);
  CHECK_FALSE(parse_yaml(std::string(100000, '['), "f.yaml"));
  CHECK_FALSE(parse_yaml(std::string(100000, '{'), "f.yaml"));
}

}  // namespace digue
