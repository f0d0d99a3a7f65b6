#include "base/messages.hpp"

#include <doctest/doctest.h>

#include <set>

#include "base/assets.hpp"
#include "base/json/value.hpp"

using namespace digue;

namespace {

/// Names between braces, with or without forms that agree; an example of JSON in a text has braces, too.
std::set<std::string> places(std::string_view text) {
  std::set<std::string> out;
  for (std::size_t open = text.find('{'); open != std::string_view::npos; open = text.find('{', open + 1)) {
    const auto place = text.substr(open + 1, text.find('}', open) - open - 1);
    const auto name = place.substr(0, place.find('|'));
    if (name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string_view::npos) out.emplace(name);
  }
  return out;
}

}  // namespace

TEST_CASE("each message exists in both languages with the same places") {
  std::size_t catalogues = 0;
  for (const auto& asset : assets()) {
    if (!asset.path.starts_with("content/messages/fr/") || !asset.path.ends_with(".json")) continue;
    const auto* twin = find_asset("content/messages/en/" + std::string(asset.path.substr(20)));
    INFO(asset.path);
    REQUIRE(twin != nullptr);
    const auto french = json::parse(asset.data);
    const auto english = json::parse(twin->data);
    REQUIRE(french);
    REQUIRE(english);
    REQUIRE(french->as_object().size() == english->as_object().size());
    for (const auto& message : french->as_object()) {
      INFO(message.key());
      const auto* other = english->as_object().if_contains(message.key());
      REQUIRE(other != nullptr);
      CHECK(places(message.value().as_string()) == places(other->as_string()));
    }
    ++catalogues;
  }
  CHECK(catalogues > 0);
}

TEST_CASE("French typography: no breakable space before double signs, nor inside guillemets") {
  for (const auto& asset : assets()) {
    if (!asset.path.starts_with("content/messages/fr/") || !asset.path.ends_with(".json")) continue;
    const auto messages = json::parse(asset.data);
    REQUIRE(messages);
    for (const auto& message : messages->as_object())
      for (const std::string_view breakable : {" :", " ;", " !", " ?", " »", "« "}) {
        INFO(asset.path, ' ', message.key());
        CHECK(std::string_view(message.value().as_string()).find(breakable) == std::string_view::npos);
      }
  }
}

TEST_CASE("the scope decides the language, the process is the fallback, an unknown key is shown") {
  const auto french = tr("json.too_deep", {{"depth", "7"}});
  CHECK(french.find('7') != std::string::npos);
  {
    const LanguageScope scope(Language::en);
    CHECK(current_language() == Language::en);
    CHECK(tr("json.too_deep", {{"depth", "7"}}) != french);
  }
  CHECK(current_language() == Language::fr);
  CHECK(tr("no.such {key}") == "no.such {key}");
  CHECK(tr_in(Language::en, "json.too_deep", {{"depth", "{depth}"}}).find("{depth}") != std::string::npos);
}

TEST_CASE("words agree with their number: one below two in French, exactly one in English; values are never read as patterns") {
  const auto of = [](Language language, std::string_view pattern, const std::string& n, const std::string& other = {}) {
    return fill(language, pattern, [&](std::string_view name) { return name == "n" ? &n : name == "other" ? &other : nullptr; });
  };
  CHECK(of(Language::fr, "{n} {n|courriel lu|courriels lus}", "0") == "0 courriel lu");
  CHECK(of(Language::fr, "{n} {n|courriel lu|courriels lus}", "1") == "1 courriel lu");
  CHECK(of(Language::fr, "{n} {n|courriel lu|courriels lus}", "2") == "2 courriels lus");
  CHECK(of(Language::en, "{n} {n|message|messages}", "0") == "0 messages");
  CHECK(of(Language::en, "{n} {n|message|messages}", "1") == "1 message");
  CHECK(of(Language::en, "{n} {n|message|messages}", "11") == "11 messages");
  CHECK(of(Language::fr, "{n|a}{n|a|}{m|a|b}{n", "2") == "a{m|a|b}{n");
  CHECK(of(Language::fr, "{n} {other}", "{other|x|y}", "{n}") == "{other|x|y} {n}");
  CHECK(tr_in(Language::fr, "cacao.faults", {{"count", "1"}}) == "1 faute.");
}
