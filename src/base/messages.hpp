#pragma once

#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace digue {

enum class Language { fr, en };

/// "fr", "en"; nothing for another.
std::optional<Language> language_named(std::string_view code);

/// Values for the {names} of a message.
using MessageValues = std::initializer_list<std::pair<std::string_view, std::string>>;

/// Finds the value of a {name}; null when there is none.
using FindValue = std::function<const std::string*(std::string_view name)>;

/// A pattern filled in one pass, values as they are. {name} is its value; {name|form|form} the first form where the number in `name` is
/// singular (French: 0 and 1, English: 1), else the second. What has no value stays as written.
std::string fill(Language language, std::string_view pattern, const FindValue& find);

/// The text of `key` in content/messages/<language>/*.json (web.json is the page's own), filled.
/// The key itself when no catalogue has it.
std::string tr_in(Language language, std::string_view key, MessageValues values = {});
/// The same in the language of this thread's scope, else the process's.
std::string tr(std::string_view key, MessageValues values = {});

/// The process's language; French until set. Set before threads start.
void set_default_language(Language language);
Language current_language();

/// While it lives, this thread speaks `language` (the one a request asked for).
class LanguageScope {
 public:
  explicit LanguageScope(Language language);
  ~LanguageScope();
  LanguageScope(const LanguageScope&) = delete;
  LanguageScope& operator=(const LanguageScope&) = delete;

 private:
  std::optional<Language> before_;
};

}  // namespace digue
