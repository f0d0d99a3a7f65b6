#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "playbook/load.hpp"
#include "playbook/official.hpp"

// The content that ships, held against the card's facts and the traps of its order.

namespace digue::playbook {
namespace {

std::string slurp(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

const Playbook& shipped() {
  static const Playbook playbook = [] {
    std::vector<SourceFile> files;
    for (const auto& entry : std::filesystem::directory_iterator(DIGUE_SOURCE_DIR "/content/playbook"))
      files.push_back({entry.path().filename().string(), slurp(entry.path())});
    auto loaded = load_playbook(files);
    REQUIRE_MESSAGE(loaded, to_text(loaded.error()));
    return std::move(*loaded);
  }();
  return playbook;
}

const Action& action(std::string_view id) {
  const Action* found = shipped().action(id);
  REQUIRE_MESSAGE(found, id);
  return *found;
}

bool requires_before(const Action& of, std::string_view id, Gate gate) {
  for (const Requirement& each : of.requirements)
    if (each.action == id && each.before == gate) return true;
  return false;
}

bool reopens(const Action& of, std::string_view id, std::string_view outcome) {
  for (const Reopening& each : of.reopenings)
    if (each.action == id && each.outcome == outcome) return true;
  return false;
}

std::string flat(const std::vector<Section>& sections) {
  std::string text;
  for (const Section& section : sections) {
    text += section.id + ":";
    for (const MeasureEntry& entry : section.measures) text += " " + entry.measure->number;
    text += "\n";
  }
  return text;
}

/// Every French text of the playbook, with a name for messages.
std::vector<std::pair<std::string, std::string>> french_texts() {
  std::vector<std::pair<std::string, std::string>> texts;
  for (const auto& entry : std::filesystem::directory_iterator(DIGUE_SOURCE_DIR "/content/playbook")) {
    std::ifstream stream(entry.path());
    int number = 0;
    for (std::string line; std::getline(stream, line);) {
      ++number;
      const std::size_t at = line.find("fr: \"");
      if (at != std::string::npos)
        texts.emplace_back(entry.path().filename().string() + ":" + std::to_string(number), line.substr(at + 5, line.size() - at - 6));
    }
  }
  return texts;
}

}  // namespace

TEST_CASE("playbook content: nine measures and 22 actions, in both orders of the card") {
  std::size_t actions = 0;
  for (const Measure& measure : shipped().measures) actions += measure.actions.size();
  CHECK(shipped().measures.size() == 9);
  CHECK(actions == 22);
  CHECK(flat(shipped().by_priority()) == "P0: 1 2\nP1: 4 5\nP2: 6 7 9\nP3: 3 8\n");
  CHECK(flat(shipped().by_theme()) ==
        "declare-incident:\nprotect-mail: 1 2 3\nprotect-user-environment: 4 5\nlimit-extension: 6 7\nanticipate-investigation: 8 9\n");
  CHECK(shipped().by_theme().front().title->fr == "Déclarer l'incident");
  CHECK(shipped().pinned.theme == "declare-incident");
}

TEST_CASE("playbook content: measure 4 keeps both of its titles") {
  const auto title_in = [](const std::vector<Section>& sections) {
    for (const Section& section : sections)
      for (const MeasureEntry& entry : section.measures)
        if (entry.measure->number == "4") return entry.title->fr;
    return std::string();
  };
  CHECK(title_in(shipped().by_priority()) == "Protéger les autres accès de l'utilisateur au SI de l'organisation compromis");
  CHECK(title_in(shipped().by_theme()) == "Protéger les autres accès au SI de l'organisation de l'utilisateur compromis");
}

TEST_CASE("playbook content: measures 1 and 2 are run for every compromised account") {
  for (const char* number : {"1", "2"})
    for (const Action& each : shipped().measure(number)->actions) CHECK_MESSAGE(each.scope == Scope::account, each.id);
}

TEST_CASE("playbook content: unblocking waits for the reset and the clean-up, blocking waits for nothing") {
  const Action& block = action("1.a");
  for (const char* id : {"1.b", "1.c", "2.a", "2.b"}) CHECK_MESSAGE(requires_before(block, id, Gate::lift), id);
  for (const Requirement& each : block.requirements) CHECK(each.before == Gate::lift);
  CHECK_FALSE(block.destroys);
  CHECK(block.seal_first.empty());
}

TEST_CASE("playbook content: what deletes at P0 seals a copy first") {
  for (const char* id : {"1.c", "2.a", "2.b", "2.c"}) {
    CHECK_MESSAGE(action(id).destroys, id);
    CHECK_MESSAGE(!action(id).seal_first.empty(), id);
  }
}

TEST_CASE("playbook content: what rests on an assumed cause is reopened when the cause is known") {
  CHECK(reopens(action("4.a"), "7.b", "cause-found"));
  CHECK(reopens(action("5"), "7.b", "cause-found"));
  CHECK(reopens(action("3.b"), "7.a", "account-found"));
  CHECK(reopens(action("3.b"), "8.a", "account-found"));
  CHECK(reopens(action("4.a"), "6.a", "credential-found"));
}

TEST_CASE("playbook content: a reset is typed on a safe device, and sessions are revoked after every reset") {
  CHECK(requires_before(action("4.a"), "5", Gate::start));
  for (const char* id : {"1.b", "4.a"}) {
    bool revoked = false;
    for (const Text& step : action(id).steps)
      revoked |= step.fr.find("sessions") != std::string::npos && step.en.find("sessions") != std::string::npos;
    CHECK_MESSAGE(revoked, id);
  }
}

TEST_CASE("playbook content: the workstation's tree has a branch for each way of theft, phishing with an attachment included") {
  const std::set<std::string> expected{"phishing", "infostealer", "malicious-attachment", "other-theft", "unknown"};
  for (const char* id : {"4.a", "5"}) {
    std::set<std::string> causes;
    for (const Branch& branch : action(id).decision.value_or(Decision{}).branches) causes.insert(branch.cause);
    CHECK_MESSAGE(causes == expected, id);
  }
}

TEST_CASE("playbook content: sign-in addresses are watched, mail indicators are blocked until a date") {
  const IndicatorPolicy watched = action("7.a").indicators.value_or(IndicatorPolicy{});
  const IndicatorPolicy blocked = action("7.c").indicators.value_or(IndicatorPolicy{});
  CHECK(watched.mode == IndicatorMode::watch);
  CHECK(watched.kinds == std::vector<std::string>{"sign-in-ip"});
  CHECK(blocked.mode == IndicatorMode::block);
  CHECK(blocked.kinds == std::vector<std::string>{"sender", "sender-domain", "mail-ip", "url", "attachment"});
  CHECK(action("7.c").review_days == 7);
  for (const char* id : {"1.a", "7.a", "7.c"}) CHECK_MESSAGE(action(id).review_days.has_value(), id);
}

TEST_CASE("playbook content: the card is credited") {
  CHECK(shipped().credits.card == "Compromission d'un compte de messagerie - Endiguement");
  CHECK(shipped().credits.publisher == "CERT Santé");
  CHECK(shipped().credits.licence == "CC BY-NC-SA 4.0");
  CHECK(shipped().credits.consulted == "2026-11");
  CHECK(shipped().credits.origin.fr.find("InterCERT France") != std::string::npos);
}

TEST_CASE("playbook content: French typography") {
  constexpr std::string_view no_break = "\xc2\xa0";
  const auto texts = french_texts();
  CHECK(texts.size() > 400);
  // The card's names keep the apostrophe that they are written with.
  std::set<std::string> names{shipped().title.fr};
  for (const auto& theme : shipped().themes) names.insert(theme.title.fr);
  for (const auto& measure : shipped().measures) {
    names.insert(measure.title.fr);
    if (measure.title_by_theme) names.insert(measure.title_by_theme->fr);
    for (const auto& one : measure.actions) names.insert(one.title.fr);
  }
  for (const auto& [place, text] : texts) {
    if (!names.contains(text)) CHECK_MESSAGE(text.find('\'') == std::string::npos, place << " '");
    for (const std::string_view mark : {" :", " ;", " !", " ?", " »", "« ", "“", "”", "  "})
      CHECK_MESSAGE(text.find(mark) == std::string::npos, place << " " << mark);
    for (const std::string_view mark : {";", "!", "?", "»"}) {
      for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + 1))
        CHECK_MESSAGE((at >= 2 && text.substr(at - 2, 2) == no_break), place << " " << mark);
    }
    for (std::size_t at = text.find("«"); at != std::string::npos; at = text.find("«", at + 1))
      CHECK_MESSAGE(text.substr(at + 2, 2) == no_break, place);
  }
}

TEST_CASE("playbook content: identifiers exist in the public vocabularies") {
  const std::filesystem::path folder = DIGUE_SOURCE_DIR "/../shared/specs/response-vocabulary";
  if (!std::filesystem::exists(folder)) {
    MESSAGE("skipped: no vocabulary files beside the project");
    return;
  }
  const std::string attack = slurp(folder / "attack-techniques.json");
  const std::string react = slurp(folder / "react-actions.json");
  const std::string d3fend = slurp(folder / "d3fend-techniques.json");
  const auto known = [](const std::string& vocabulary, const std::string& id) {
    return vocabulary.find("\"id\": \"" + id + "\"") != std::string::npos;
  };
  REQUIRE(known(attack, "T1078"));
  CHECK_FALSE(known(attack, "T9999"));
  for (const Measure& measure : shipped().measures) {
    for (const Action& each : measure.actions) {
      for (const std::string& id : each.attack) CHECK_MESSAGE(known(attack, id), each.id << " " << id);
      for (const std::string& id : each.react) CHECK_MESSAGE(known(react, id), each.id << " " << id);
      for (const std::string& id : each.d3fend) CHECK_MESSAGE(known(d3fend, id), each.id << " " << id);
    }
  }
}

TEST_CASE("playbook content: names of values are those that files and machine output use") {
  CHECK(name_of(priority_names, action("9.b").priority) == "P2");
  CHECK(name_of(target_names, action("5").targets.front()) == "workstation");
  CHECK(name_of(scope_names, action("3.c").scope) == "incident");
  CHECK(name_of(gate_names, Gate::lift) == "lift");
  CHECK(name_of(reversibility_names, action("1.b").undo.reversibility) == "irreversible");
  CHECK(name_of(indicator_mode_names, IndicatorMode::block) == "block");
}

}  // namespace digue::playbook
