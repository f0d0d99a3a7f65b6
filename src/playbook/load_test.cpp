#include "playbook/load.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace digue::playbook {
namespace {

std::vector<SourceFile> real_files() {
  std::vector<SourceFile> files;
  for (const char* name :
       {"playbook.yaml", "m1.yaml", "m2.yaml", "m3.yaml", "m4.yaml", "m5.yaml", "m6.yaml", "m7.yaml", "m8.yaml", "m9.yaml"}) {
    std::ifstream stream(std::string(DIGUE_SOURCE_DIR "/content/playbook/") + name, std::ios::binary);
    files.push_back({name, {std::istreambuf_iterator<char>(stream), {}}});
  }
  return files;
}

SourceFile& file_named(std::vector<SourceFile>& files, std::string_view name) {
  return *std::find_if(files.begin(), files.end(), [&](const SourceFile& file) { return file.name == name; });
}

int line_of(const std::string& text, std::size_t at) {
  return 1 + static_cast<int>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
}

struct Refusal {
  std::string text;
  int line = 0;  // the line that was changed

  /// The error names `file` and a line not before the part that was changed, and `line_within` lines after it at most.
  bool at(const std::string& file, int line_within = 0) const {
    for (int line_told = line - line_within; line_told <= line + line_within; ++line_told)
      if (text.find("(" + file + ":" + std::to_string(line_told) + ")") != std::string::npos) return true;
    return false;
  }
  bool says(std::string_view part) const { return text.find(part) != std::string::npos; }
};

/// The error after the first `from` (past `after`) of a real file became `to`.
Refusal refusal(std::string_view file, std::string_view after, std::string_view from, std::string_view to) {
  auto files = real_files();
  std::string& text = file_named(files, file).text;
  const std::size_t start = text.find(after);
  REQUIRE(start != std::string::npos);
  const std::size_t at = text.find(from, start);
  REQUIRE(at != std::string::npos);
  text.replace(at, from.size(), to);
  const auto loaded = load_playbook(files);
  return {loaded ? "accepted" : to_text(loaded.error()), line_of(text, at)};
}

Refusal refusal(std::string_view file, std::string_view from, std::string_view to) {
  return refusal(file, from, from, to);
}

constexpr std::string_view one_a = "  - id: \"1.a\"\n";

}  // namespace

TEST_CASE("playbook: the order of the files does not matter, and none may be missing or twice") {
  auto files = real_files();
  std::reverse(files.begin(), files.end());
  const auto loaded = load_playbook(files);
  REQUIRE_MESSAGE(loaded, to_text(loaded.error()));
  CHECK(loaded->measures.front().number == "1");

  auto without = real_files();
  without.erase(without.begin() + 3);
  auto refused = load_playbook(without);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message == "measure 3 is missing");

  without = real_files();
  without.erase(without.begin());
  refused = load_playbook(without);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message == "the playbook file is missing");

  auto twice = real_files();
  twice.push_back({"again.yaml", twice.front().text});
  refused = load_playbook(twice);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message == "a second playbook file");

  CHECK_FALSE(load_playbook({}));
}

TEST_CASE("playbook: broken files are refused with file and line") {
  const auto check = [](const Refusal& refused, std::string_view says, const std::string& file, int within = 0) {
    CHECK_MESSAGE(refused.says(says), refused.text);
    CHECK_MESSAGE(refused.at(file, within), refused.text << " expected near line " << refused.line);
  };
  check(refusal("m1.yaml", "digue.measure/1", "digue.measure/2"), "unknown schema \"digue.measure/2\"", "m1.yaml");
  check(refusal("m1.yaml", one_a, "    why:\n", "    whi:\n"), "action 1.a: field \"why\" is missing", "m1.yaml", 30);
  check(refusal("m1.yaml", one_a, "    review_days: 1\n", "    review_days: 1\n    color: red\n"), "action 1.a: unknown field \"color\"",
        "m1.yaml", 1);
  check(refusal("m1.yaml", one_a, "priority: \"P0\"", "priority: \"P4\""), "\"priority\" cannot be \"P4\"", "m1.yaml");
  check(refusal("m1.yaml", one_a, "[\"account\"]", "[\"mailbox\"]"), "\"acts_on\" cannot be \"mailbox\"", "m1.yaml");
  check(refusal("m1.yaml", one_a, "[\"account\"]", "[]"), "\"acts_on\" is empty", "m1.yaml");
  check(refusal("m1.yaml", one_a, "destroys: false", "destroys: no"), "\"destroys\" is neither true nor false", "m1.yaml");
  check(refusal("m1.yaml", one_a, "destroys: false", "destroys: true"), "\"seal_first\" is empty", "m1.yaml", 1);
  check(refusal("m1.yaml", one_a, "review_days: 1", "review_days: 1000"), "\"review_days\" is not a whole number", "m1.yaml");
  check(refusal("m1.yaml", one_a, "before: \"lift\"", "before: \"end\""), "\"before\" cannot be \"end\"", "m1.yaml");
  check(refusal("m1.yaml", one_a, "\"T1078\"", "\"1078\""), "\"1078\" is not an identifier of \"attack\"", "m1.yaml");
  check(refusal("m1.yaml", one_a, "\"RA3601\"", "\"RA36\""), "\"RA36\" is not an identifier of \"react\"", "m1.yaml");
  check(refusal("m1.yaml", one_a, "\"D3-AL\"", "\"D3-\""), "\"D3-\" is not an identifier of \"d3fend\"", "m1.yaml");
  check(refusal("m1.yaml", "measure: \"1\"", "measure: \"10\""), "unknown measure \"10\"", "m1.yaml", 2);
  check(refusal("m2.yaml", "measure: \"2\"", "measure: \"1\""), "measure 1 is also in m1.yaml", "m2.yaml", 2);
}

TEST_CASE("playbook: names and numbers are those of the card, to the letter") {
  CHECK(refusal("m1.yaml", "Reprendre le contr", "reprendre le contr").says("measure 1: the title \"reprendre le contr"));
  CHECK(refusal("m1.yaml", one_a, "Bloquer le compte de messagerie", "Bloquer le compte")
            .says("Expected \"Bloquer le compte de messagerie\""));
  CHECK(refusal("m4.yaml", "title_by_theme:", "de l'utilisateur compromis", "de l'utilisateur").says("measure 4: the title by theme"));
  CHECK(refusal("playbook.yaml", "Limiter l'extension", "Limiter l'expansion").says("theme \"limit-extension\""));
  const auto swapped = refusal("m1.yaml", "id: \"1.b\"", "id: \"1.d\"");
  CHECK(swapped.says("action \"1.d\" does not belong here"));
  CHECK(swapped.says("Expected, in this order: 1.a, 1.b, 1.c."));
  CHECK(swapped.at("m1.yaml"));

  auto files = real_files();
  std::string& text = file_named(files, "m9.yaml").text;
  text.erase(text.find("  - id: \"9.b\""));
  const auto refused = load_playbook(files);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message == "measure 9: action 9.b is missing");
}

TEST_CASE("playbook: each action says it in its own words, in both languages") {
  const auto lost = refusal("m1.yaml", one_a, "      en: \"Block the mailbox account\"\n", "");
  CHECK(lost.says("action 1.a, title: field \"en\" is missing"));
  CHECK(lost.at("m1.yaml", 1));
  CHECK(refusal("m1.yaml", one_a, "\"Block the mailbox account\"", "\" \"").says("action 1.a, title: field \"en\" is empty"));
  CHECK(refusal("m1.yaml", one_a, "Block the mailbox account", "Bloquer le compte de messagerie").says("the same text in both languages"));
  const auto shared = refusal("m7.yaml", "The dated list of addresses, with the accounts each one touched.", "Block the mailbox account");
  CHECK(shared.says("action 7.a, leaves: this text is already used by action 1.a (m1.yaml:"));
  CHECK(shared.at("m7.yaml", 1));
}

TEST_CASE("playbook: views and actions agree") {
  CHECK(refusal("playbook.yaml", "measures: [\"6\", \"7\", \"9\"]", "measures: [\"6\", \"7\"]").says("the priorities leave out measure 9"));
  CHECK(refusal("playbook.yaml", "measures: [\"4\", \"5\"]", "measures: [\"4\", \"1\"]").says("the priorities name measure 1 twice"));
  CHECK(refusal("playbook.yaml", "themes:", "[\"8\", \"9\"]", "[\"8\", \"9\", \"12\"]").says("the themes name an unknown measure \"12\""));
  CHECK(refusal("playbook.yaml", "- priority: \"P1\"", "- priority: \"P2\"").says("priorities out of order"));
  CHECK(refusal("playbook.yaml", "theme: \"declare-incident\"", "theme: \"protect-mail\"").says("the pinned theme is \"protect-mail\""));
  CHECK(refusal("m8.yaml", "id: \"8.b\"", "\"P3\"", "\"P2\"").says("action 8.b: its priority is not that of measure 8"));
  CHECK(refusal("m8.yaml", "id: \"8.b\"", "theme: \"anticipate-investigation\"", "theme: \"protect-mail\"")
            .says("action 8.b: its theme is not that of measure 8"));
}

TEST_CASE("playbook: references lead somewhere and never in a circle") {
  CHECK(refusal("m1.yaml", "- action: \"1.b\"", "- action: \"1.d\"").says("action 1.a: requires an unknown action \"1.d\""));
  CHECK(refusal("m1.yaml", "- action: \"1.c\"", "- action: \"1.b\"").says("action 1.a: requires 1.b twice"));
  CHECK(refusal("m4.yaml", "reopen_on:", "\"7.b\"", "\"7.z\"").says("is reopened by an unknown action \"7.z\""));
  CHECK(refusal("m4.yaml", "reopen_on:", "\"7.b\"", "\"4.a\"").says("is reopened by itself"));
  CHECK(refusal("m4.yaml", "reopen_on:", "\"cause-found\"", "\"third-party-hit\"").says("which action 7.b never finds"));
  CHECK(refusal("m1.yaml", one_a, "finds: [\"cause-found\"]", "finds: [\"treasure\"]").says("unknown outcome \"treasure\""));
  CHECK(refusal("m5.yaml", "- cause: \"other-theft\"", "- cause: \"magic\"").says("unknown cause \"magic\""));
  CHECK(refusal("m5.yaml", "- cause: \"other-theft\"", "- cause: \"unknown\"").says("two branches for \"unknown\""));
  CHECK(refusal("playbook.yaml", "outcomes:\n", "  - cause: \"curse\"\n    label:\n      fr: \"Sort\"\n      en: \"Spell\"\noutcomes:\n")
            .says("action 4.a: the decision has no branch for \"curse\""));
  const auto circle = refusal("m1.yaml", one_a, "before: \"lift\"", "before: \"start\"");
  CHECK(circle.says("actions wait for each other: 1.a -> 1.b -> 1.a"));
  CHECK(circle.says("(m1.yaml:"));
}

}  // namespace digue::playbook
