#include "formats/entra/json_text.hpp"

#include "base/text.hpp"
#include "formats/microsoft365/json_walk.hpp"

namespace digue::formats::entra {

namespace {

/// The inside of the string that starts at `quote`; `end` is moved behind it. The rest of the text when it is not closed.
std::string_view inside_of(std::string_view text, std::size_t quote, std::size_t& end) {
  std::size_t at = quote + 1;
  while (at < text.size() && text[at] != '"') at += text[at] == '\\' ? 2 : 1;
  at = at < text.size() ? at : text.size();
  end = at < text.size() ? at + 1 : at;
  return text.substr(quote + 1, at - quote - 1);
}

std::string_view unescaped(std::string_view inside, Arena& arena) {
  if (inside.find('\\') == std::string_view::npos) return inside;
  std::string_view out;
  return unescape(inside, arena, out) == simdjson::SUCCESS ? out : inside;
}

/// Position of the value behind the next member `name` from `from`; npos when there is none.
std::size_t find_member(std::string_view text, std::string_view name, std::size_t from) {
  for (std::size_t at = text.find('"', from); at != std::string_view::npos && at < text.size(); at = text.find('"', at)) {
    std::size_t end = 0;
    const std::string_view inside = inside_of(text, at, end);
    const std::size_t colon = text.find_first_not_of(" \t\r\n", end);
    at = end;
    if (inside == name && colon != std::string_view::npos && text[colon] == ':') return colon + 1;
  }
  return std::string_view::npos;
}

}  // namespace

std::string_view first_value(std::string_view text, Arena& arena) {
  text = trim(text);
  if (text.empty() || (text.front() != '[' && text.front() != '"' && text.front() != '{'))
    return text == "null" ? std::string_view{} : text;
  const std::size_t quote = text.find('"');
  if (quote == std::string_view::npos) return {};
  std::size_t end = 0;
  return unescaped(inside_of(text, quote, end), arena);
}

std::string_view member(std::string_view text, std::string_view name, Arena& arena) {
  const std::size_t colon = find_member(text, name, 0);
  if (colon == std::string_view::npos) return {};
  const std::size_t at = text.find_first_not_of(" \t\r\n", colon);
  if (at == std::string_view::npos || text[at] != '"') return {};
  std::size_t end = 0;
  return unescaped(inside_of(text, at, end), arena);
}

std::size_t count_members(std::string_view text, std::string_view name) {
  std::size_t count = 0;
  for (std::size_t at = find_member(text, name, 0); at != std::string_view::npos; at = find_member(text, name, at)) ++count;
  return count;
}

bool has_content(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '[' || c == ']' || c == '{' || c == '}' || c == '"') continue;
    if (text.substr(at).starts_with("null")) {
      at += 3;
      continue;
    }
    return true;
  }
  return false;
}

}  // namespace digue::formats::entra
