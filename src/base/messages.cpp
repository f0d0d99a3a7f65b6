#include "base/messages.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "base/assets.hpp"
#include "base/json/value.hpp"

namespace digue {

namespace {

using Catalogue = std::map<std::string, std::string, std::less<>>;

Language process_language = Language::fr;
thread_local std::optional<Language> thread_language;

Catalogue load(std::string_view folder) {
  Catalogue catalogue;
  for (const auto& asset : assets()) {
    if (!asset.path.starts_with(folder) || !asset.path.ends_with(".json") || asset.path.ends_with("/web.json")) continue;
    const auto value = json::parse(asset.data);
    const auto* messages = value ? value->if_object() : nullptr;
    if (messages == nullptr) continue;
    for (const auto& message : *messages)
      if (const auto* text = message.value().if_string()) catalogue.emplace(message.key(), *text);
  }
  return catalogue;
}

const Catalogue& catalogue_of(Language language) {
  static const std::array<Catalogue, 2> all{load("content/messages/fr/"), load("content/messages/en/")};
  return all[language == Language::fr ? 0 : 1];
}

/// One of "singular|plural".
std::string_view form(std::string_view forms, bool singular) {
  const auto bar = forms.find('|');
  if (singular || bar == std::string_view::npos) return forms.substr(0, bar);
  return forms.substr(bar + 1);
}

}  // namespace

std::optional<Language> language_named(std::string_view code) {
  if (code == "fr") return Language::fr;
  if (code == "en") return Language::en;
  return std::nullopt;
}

std::string fill(Language language, std::string_view pattern, const FindValue& find) {
  std::string out;
  std::size_t from = 0;
  while (from < pattern.size()) {
    const auto open = pattern.find('{', from);
    const auto close = open == std::string_view::npos ? open : pattern.find('}', open);
    out += pattern.substr(from, open - from);
    if (close == std::string_view::npos) {
      if (open != std::string_view::npos) out += pattern.substr(open);
      break;
    }
    const auto place = pattern.substr(open + 1, close - open - 1);
    const auto bar = place.find('|');
    const std::string* value = find(place.substr(0, bar));
    if (value == nullptr)
      out += pattern.substr(open, close - open + 1);
    else if (bar == std::string_view::npos)
      out += *value;
    else
      out += form(place.substr(bar + 1), *value == "1" || (language == Language::fr && *value == "0"));
    from = close + 1;
  }
  return out;
}

std::string tr_in(Language language, std::string_view key, MessageValues values) {
  const auto& catalogue = catalogue_of(language);
  const auto at = catalogue.find(key);
  return fill(language, at == catalogue.end() ? key : std::string_view(at->second), [&](std::string_view name) {
    const auto* found = std::find_if(values.begin(), values.end(), [&](const auto& value) { return value.first == name; });
    return found == values.end() ? nullptr : &found->second;
  });
}

std::string tr(std::string_view key, MessageValues values) {
  return tr_in(current_language(), key, values);
}

void set_default_language(Language language) {
  process_language = language;
}
Language current_language() {
  return thread_language.value_or(process_language);
}

LanguageScope::LanguageScope(Language language) : before_(thread_language) {
  thread_language = language;
}
LanguageScope::~LanguageScope() {
  thread_language = before_;
}

}  // namespace digue
