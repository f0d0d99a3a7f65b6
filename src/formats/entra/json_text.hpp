#pragma once

#include <string_view>

#include "base/arena.hpp"

/// JSON that stands as text inside a record's field: `"[\r\n  \"Company Administrator\"\r\n]"`. Read leniently: these texts are cut and
/// reformatted by their producers.
namespace digue::formats::entra {

/// The first JSON string of a text that is JSON (`["x"]`, `"x"`), else the text without surrounding blanks. Empty for `[]`, `null`, `""`.
std::string_view first_value(std::string_view text, Arena& arena);

/// The string value of a member at any level: `{"User-Agent":"..."}`. Empty when there is none.
std::string_view member(std::string_view text, std::string_view name, Arena& arena);

/// How many members of that name the text has.
std::size_t count_members(std::string_view text, std::string_view name);

/// True when the text holds something: not blank, `[]`, `{}`, `null`, `""` nor `[null]`.
bool has_content(std::string_view text);

}  // namespace digue::formats::entra
