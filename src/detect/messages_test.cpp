#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "base/json/value.hpp"
#include "detect/detector.hpp"

namespace digue::detect {

namespace {

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

const std::filesystem::path root = DIGUE_SOURCE_DIR;

std::map<std::string, std::string> catalogue(const char* language) {
  const auto value = json::parse(read(root / "content/messages" / language / "analysis.json"));
  REQUIRE(value);
  std::map<std::string, std::string> out;
  for (const auto& entry : value->as_object()) out[entry.key()] = entry.value().as_string();
  return out;
}

std::set<std::string> placeholders(const std::string& text) {
  std::set<std::string> found;
  for (std::size_t at = text.find('{'); at != std::string::npos; at = text.find('{', at + 1)) found.insert(text.substr(at, 3));
  return found;
}

/// The string literals of a source that look like keys: "why.new_country".
void collect_keys(const std::string& text, std::set<std::string>& keys) {
  for (const std::string kind : {"rule.", "why.", "benign.", "reason.", "exposure.", "indicator.", "culture.", "cut."})
    for (std::size_t at = text.find('"' + kind); at != std::string::npos; at = text.find('"' + kind, at + 1)) {
      const std::size_t end = text.find_first_not_of("abcdefghijklmnopqrstuvwxyz_.", at + 1);
      if (end != std::string::npos && text[end] == '"' && end > at + 1 + kind.size()) keys.insert(text.substr(at + 1, end - at - 1));
    }
}

}  // namespace

TEST_CASE("analysis messages: French and English have the same keys and the same placeholders") {
  const auto french = catalogue("fr"), english = catalogue("en");
  CHECK(french.size() > 100);
  for (const auto& [key, text] : french) {
    INFO(key);
    REQUIRE(english.contains(key));
    CHECK(placeholders(text) == placeholders(english.at(key)));
  }
  for (const auto& [key, text] : english) CHECK_MESSAGE(french.contains(key), key);
}

TEST_CASE("analysis messages: French typography") {
  for (const auto& [key, text] : catalogue("fr")) {
    INFO(key);
    CHECK(text.find('\'') == std::string::npos);
    CHECK(text.find(" :") == std::string::npos);
    CHECK(text.find(" ;") == std::string::npos);
    CHECK(text.find("« ") == std::string::npos);
    CHECK(text.find(" »") == std::string::npos);
  }
}

TEST_CASE("analysis messages: every key used in the code exists, and every message is used") {
  const auto french = catalogue("fr");
  std::set<std::string> used;
  std::size_t files = 0;
  for (const char* folder : {"src/detect", "src/story", "src/analysis", "src/formats"})
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root / folder)) {
      const auto name = entry.path().filename().string();
      if (name.ends_with("_test.cpp") || (!name.ends_with(".cpp") && !name.ends_with(".hpp"))) continue;
      ++files;
      collect_keys(read(entry.path()), used);
    }
  CHECK(files > 30);
  for (const auto* detector : account_detectors()) used.insert("rule." + std::string(detector->id));
  for (const auto* rule : {"password_spray", "account_planted"}) used.insert("rule." + std::string(rule));  // of no account's detector
  for (const auto& key : used) CHECK_MESSAGE(french.contains(key), key);
  for (const auto& [key, text] : french)
    if (!key.starts_with("what.") && !key.starts_with("vector.")) CHECK_MESSAGE(used.contains(key), key);
}

TEST_CASE("detectors: ids are distinct") {
  std::set<std::string_view> ids;
  for (const auto* detector : account_detectors()) CHECK(ids.insert(detector->id).second);
  for (const auto* detector : source_detectors()) CHECK(ids.insert(detector->id).second);
}

}  // namespace digue::detect
