#pragma once

#include <functional>
#include <span>

#include "base/yaml_fields.hpp"
#include "incident/content_source.hpp"
#include "incident/holidays.hpp"

/// What the loaders of obligations, contacts and calendars share. A wrong field is a complaint of `fields` and gives an empty value.
namespace digue::incident::content {

inline constexpr std::size_t max_entries = 500;  ///< of one list

Localized text(YamlFields& fields, std::string_view key);
std::optional<Localized> optional_text(YamlFields& fields, std::string_view key);
/// Absent: empty.
std::vector<Localized> texts(YamlFields& fields, std::string_view key);
std::string optional_word(YamlFields& fields, std::string_view key);
bool optional_flag(YamlFields& fields, std::string_view key);
/// Absent: empty.
std::vector<std::string> optional_words(YamlFields& fields, std::string_view key);
/// One of `choices`, which the complaint lists; the first of them when it is none.
std::string choice(YamlFields& fields, std::string_view key, std::span<const std::string_view> choices);
/// Each a choice; absent: empty.
std::vector<std::string> choices(YamlFields& fields, std::string_view key, std::span<const std::string_view> choices);
/// YYYY-MM-DD.
std::optional<Date> optional_date(YamlFields& fields, std::string_view key);
/// At least one, each with text, dated and checked.
std::vector<Source> sources(YamlFields& fields);
void object(YamlFields& fields, std::string_view key, const std::function<void(YamlFields&)>& read);
/// Each mapping of a list; `kind` names it in complaints, with the value of its field of that name when it has one.
void each(YamlFields& fields, std::string_view key, const std::string& kind, const std::function<void(YamlFields&)>& read);

/// Parses every file and gives the root of each to `read`; the first problem of any file is the error.
Result<void> read_files(std::span<const ContentFile> files, std::string_view schema, const std::function<void(YamlFields&)>& read);

/// "file:line" of a mapping, for what is found wrong after reading.
std::string place(YamlFields& fields);

}  // namespace digue::incident::content
