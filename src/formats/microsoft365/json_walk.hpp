#pragma once

#include <cstring>
#include <string_view>

#include "base/arena.hpp"
#include "base/json/reader.hpp"

/// One strict forward walk over a JSON text: every value is either read or checked, so that damage is noticed anywhere in a record.
/// Texts without escapes are views into the record; the others are unescaped into the arena. A text that is present but empty has a
/// non-null data().
namespace digue::formats {

using JsonError = simdjson::error_code;

/// Why a text is rejected, as a literal; empty for success.
std::string_view reason_of(JsonError error);

/// Unescapes the inside of a JSON string. A lone surrogate (a text cut inside an emoji) becomes U+FFFD; an unknown escape is an error.
JsonError unescape(std::string_view inside, Arena& arena, std::string_view& out);

/// Checks a value that is not needed.
JsonError check(ondemand::value& value, int depth = 0);

/// A scalar as text: a string unescaped, a number or boolean as written, null as absent. Objects and arrays are checked and left out.
JsonError read_text(ondemand::value& value, Arena& arena, std::string_view& out);

/// As read_text; the scalars of an array are joined by `;`.
JsonError read_joined(ondemand::value& value, Arena& arena, std::string_view& out);

/// The first character of a value: one of { [ " - 0-9 t f n.
inline char kind_of(ondemand::value& value) {
  const auto token = value.raw_json_token();
  return token.empty() ? '\0' : token.front();
}

/// The inside of a field's name.
inline JsonError read_key(const ondemand::field& field, Arena& arena, std::string_view& key) {
  const char* const start = field.key().raw();
  const char* end = start;
  while (*end != '"' && *end != '\\') ++end;
  key = {start, static_cast<std::size_t>(end - start)};
  if (*end == '"') return simdjson::SUCCESS;
  while (*end != '"') end += *end == '\\' ? 2 : 1;
  return unescape({start, static_cast<std::size_t>(end - start)}, arena, key);
}

/// Calls `take(key, value)` for each field; it must read or check the value.
template <class Take>
JsonError each_field(ondemand::object object, Arena& arena, Take&& take) {
  for (auto item : object) {
    ondemand::field field;
    if (const JsonError error = std::move(item).get(field)) return error;
    std::string_view key;
    if (const JsonError error = read_key(field, arena, key)) return error;
    if (const JsonError error = take(key, field.value())) return error;
  }
  return simdjson::SUCCESS;
}

/// As above for a value; another kind of value is checked and left out.
template <class Take>
JsonError each_field(ondemand::value& value, Arena& arena, Take&& take) {
  if (kind_of(value) != '{') return check(value);
  ondemand::object object;
  if (const JsonError error = value.get_object().get(object)) return error;
  return each_field(object, arena, static_cast<Take&&>(take));
}

/// Calls `take(value)` for each element of an array; another kind of value is checked and left out.
template <class Take>
JsonError each_element(ondemand::value& value, Take&& take) {
  if (kind_of(value) != '[') return check(value);
  ondemand::array array;
  if (const JsonError error = value.get_array().get(array)) return error;
  for (auto item : array) {
    ondemand::value element;
    if (const JsonError error = std::move(item).get(element)) return error;
    if (const JsonError error = take(element)) return error;
  }
  return simdjson::SUCCESS;
}

/// Walks a whole text that must be one object with nothing behind it.
template <class Take>
JsonError each_field_of_text(std::string_view text, JsonReader& json, Arena& arena, Take&& take) {
  ondemand::document document;
  if (const JsonError error = json.start(text).get(document)) return error;
  ondemand::object object;
  if (const JsonError error = document.get_object().get(object)) return error;
  if (const JsonError error = each_field(object, arena, static_cast<Take&&>(take))) return error;
  // The place behind the object is out of bounds when nothing follows.
  return document.current_location().error() == simdjson::OUT_OF_BOUNDS ? simdjson::SUCCESS : simdjson::TRAILING_CONTENT;
}

/// Walks a whole text that is one object or array, given to `take(value)`; false when the text is not closed or damaged.
template <class Take>
bool walk_text(std::string_view text, JsonReader& json, Take&& take) {
  // simdjson looks for the closing bracket only in get_object() of a document: without it a walk would run over the end.
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  if (text.size() < 2 || (text.front() != '{' && text.front() != '[') || text.back() != (text.front() == '{' ? '}' : ']')) return false;
  ondemand::document document;
  ondemand::value value;
  if (json.start(text).get(document) || document.get_value().get(value)) return false;
  return take(value) == simdjson::SUCCESS;
}

/// Text that grows in the arena.
class TextBuilder {
 public:
  explicit TextBuilder(Arena& arena) : arena_(arena) {}
  /// Adds a text behind `separator` (left out before the first); empty texts are left out.
  void add(std::string_view text, std::string_view separator) {
    if (text.empty()) return;
    if (used_ != 0) put(separator);
    put(text);
  }
  /// As add, unless the text is already one of those between separators, or these exceed 16 KB.
  void add_once(std::string_view text, std::string_view separator);
  std::string_view view() const { return used_ == 0 ? std::string_view{} : std::string_view{at_, used_}; }

 private:
  void put(std::string_view text);

  Arena& arena_;
  char* at_ = nullptr;
  std::size_t used_ = 0;
  std::size_t size_ = 0;
};

}  // namespace digue::formats
