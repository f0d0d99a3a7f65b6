#include "formats/microsoft365/json_walk.hpp"

#include <cstdint>

namespace digue::formats {

namespace {

constexpr int max_depth = 64;
/// add_once compares with all before: beyond this the list is long enough to read.
constexpr std::size_t longest_list = 16 * 1024;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_number(std::string_view text) {
  std::size_t at = 0;
  const auto digits = [&] {
    const std::size_t from = at;
    while (at < text.size() && is_digit(text[at])) ++at;
    return at - from;
  };
  if (at < text.size() && text[at] == '-') ++at;
  const std::size_t whole = at;
  const std::size_t count = digits();
  if (count == 0 || (count > 1 && text[whole] == '0')) return false;
  if (at < text.size() && text[at] == '.') {
    ++at;
    if (digits() == 0) return false;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    if (digits() == 0) return false;
  }
  return at == text.size();
}

/// The token of a scalar without the blanks behind it; empty behind the end of a damaged text, where simdjson's length underflows.
std::string_view token_of(ondemand::value& value) {
  std::string_view token = value.raw_json_token();
  if (token.size() > JsonReader::max_record) return {};
  while (!token.empty() && (token.back() == ' ' || token.back() == '\n' || token.back() == '\r' || token.back() == '\t'))
    token.remove_suffix(1);
  return token;
}

bool is_string(std::string_view token) {
  return token.size() >= 2 && token.front() == '"' && token.back() == '"';
}

/// Whether a token that is no string is a valid scalar.
JsonError check_literal(std::string_view token) {
  switch (token.empty() ? '\0' : token.front()) {
    case '"':
      return simdjson::STRING_ERROR;
    case 'n':
      return token == "null" ? simdjson::SUCCESS : simdjson::N_ATOM_ERROR;
    case 't':
      return token == "true" ? simdjson::SUCCESS : simdjson::T_ATOM_ERROR;
    case 'f':
      return token == "false" ? simdjson::SUCCESS : simdjson::F_ATOM_ERROR;
    default:
      return is_number(token) ? simdjson::SUCCESS : simdjson::NUMBER_ERROR;
  }
}

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// The code unit of four hexadecimal digits at `at`; -1 when there are none.
std::int32_t code_unit(std::string_view text, std::size_t at) {
  if (at + 4 > text.size()) return -1;
  std::int32_t unit = 0;
  for (std::size_t i = at; i < at + 4; ++i) {
    const int digit = hex_value(text[i]);
    if (digit < 0) return -1;
    unit = unit * 16 + digit;
  }
  return unit;
}

JsonError check_scalar(std::string_view token) {
  if (!is_string(token)) return check_literal(token);
  const std::string_view inside = token.substr(1, token.size() - 2);
  for (std::size_t at = inside.find('\\'); at != std::string_view::npos; at = inside.find('\\', at)) {
    const char kind = at + 1 < inside.size() ? inside[at + 1] : '\0';
    if (kind == '\0' || std::strchr("\"\\/bfnrtu", kind) == nullptr) return simdjson::STRING_ERROR;
    if (kind == 'u' && code_unit(inside, at + 2) < 0) return simdjson::STRING_ERROR;
    at += 2;
  }
  return simdjson::SUCCESS;
}

char* put_utf8(std::uint32_t point, char* to) {
  const auto put = [&to](std::uint32_t byte) { *to++ = static_cast<char>(byte); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xc0 | point >> 6);
    put(0x80 | (point & 0x3f));
  } else if (point < 0x10000) {
    put(0xe0 | point >> 12);
    put(0x80 | (point >> 6 & 0x3f));
    put(0x80 | (point & 0x3f));
  } else {
    put(0xf0 | point >> 18);
    put(0x80 | (point >> 12 & 0x3f));
    put(0x80 | (point >> 6 & 0x3f));
    put(0x80 | (point & 0x3f));
  }
  return to;
}

}  // namespace

std::string_view reason_of(JsonError error) {
  switch (error) {
    case simdjson::SUCCESS:
      return {};
    case simdjson::EMPTY:
      return "empty text";
    case simdjson::UTF8_ERROR:
      return "invalid UTF-8";
    case simdjson::UNCLOSED_STRING:
      return "invalid JSON: a string is not closed";
    case simdjson::UNESCAPED_CHARS:
      return "invalid JSON: a control character in a string";
    case simdjson::INCOMPLETE_ARRAY_OR_OBJECT:
      return "invalid JSON: cut before the end of the object";
    case simdjson::STRING_ERROR:
      return "invalid JSON: an unknown escape in a string";
    case simdjson::NUMBER_ERROR:
    case simdjson::T_ATOM_ERROR:
    case simdjson::F_ATOM_ERROR:
    case simdjson::N_ATOM_ERROR:
      return "invalid JSON: a value that is neither text, number, true, false nor null";
    case simdjson::DEPTH_ERROR:
      return "nested too deeply";
    case simdjson::TRAILING_CONTENT:
      return "text behind the end of the object";
    case simdjson::CAPACITY:
      return "record too long";
    default:
      return "invalid JSON";
  }
}

JsonError unescape(std::string_view inside, Arena& arena, std::string_view& out) {
  char* const start = arena.room(inside.size());
  char* to = start;
  std::size_t at = 0;
  while (at < inside.size()) {
    if (inside[at] != '\\') {
      *to++ = inside[at++];
      continue;
    }
    if (at + 1 >= inside.size()) return simdjson::STRING_ERROR;
    const char kind = inside[at + 1];
    at += 2;
    switch (kind) {
      case '"':
      case '\\':
      case '/':
        *to++ = kind;
        break;
      case 'b':
        *to++ = '\b';
        break;
      case 'f':
        *to++ = '\f';
        break;
      case 'n':
        *to++ = '\n';
        break;
      case 'r':
        *to++ = '\r';
        break;
      case 't':
        *to++ = '\t';
        break;
      case 'u': {
        const std::int32_t unit = code_unit(inside, at);
        if (unit < 0) return simdjson::STRING_ERROR;
        at += 4;
        auto point = static_cast<std::uint32_t>(unit);
        if (unit >= 0xd800 && unit < 0xe000) {
          const bool pair = unit < 0xdc00 && at + 1 < inside.size() && inside[at] == '\\' && inside[at + 1] == 'u';
          const std::int32_t low = pair ? code_unit(inside, at + 2) : -1;
          point = 0xfffd;
          if (low >= 0xdc00 && low < 0xe000) {
            point = 0x10000u + ((static_cast<std::uint32_t>(unit) - 0xd800u) << 10) + (static_cast<std::uint32_t>(low) - 0xdc00u);
            at += 6;
          }
        }
        to = put_utf8(point, to);
        break;
      }
      default:
        return simdjson::STRING_ERROR;
    }
  }
  out = {start, static_cast<std::size_t>(to - start)};
  return simdjson::SUCCESS;
}

JsonError check(ondemand::value& value, int depth) {
  if (depth > max_depth) return simdjson::DEPTH_ERROR;
  switch (kind_of(value)) {
    case '{': {
      ondemand::object object;
      if (const JsonError error = value.get_object().get(object)) return error;
      for (auto item : object) {
        ondemand::field field;
        if (const JsonError error = std::move(item).get(field)) return error;
        if (const JsonError error = check(field.value(), depth + 1)) return error;
      }
      return simdjson::SUCCESS;
    }
    case '[': {
      ondemand::array array;
      if (const JsonError error = value.get_array().get(array)) return error;
      for (auto item : array) {
        ondemand::value element;
        if (const JsonError error = std::move(item).get(element)) return error;
        if (const JsonError error = check(element, depth + 1)) return error;
      }
      return simdjson::SUCCESS;
    }
    default:
      return check_scalar(token_of(value));
  }
}

JsonError read_text(ondemand::value& value, Arena& arena, std::string_view& out) {
  out = {};
  const char kind = kind_of(value);
  if (kind == '{' || kind == '[') return check(value);
  const std::string_view token = token_of(value);
  if (!is_string(token)) {
    if (kind != 'n') out = token;
    return check_literal(token);
  }
  const std::string_view inside = token.substr(1, token.size() - 2);
  if (std::memchr(inside.data(), '\\', inside.size()) != nullptr) return unescape(inside, arena, out);
  out = inside;
  return simdjson::SUCCESS;
}

JsonError read_joined(ondemand::value& value, Arena& arena, std::string_view& out) {
  if (kind_of(value) != '[') return read_text(value, arena, out);
  TextBuilder joined(arena);
  const JsonError error = each_element(value, [&](ondemand::value& element) {
    std::string_view text;
    const JsonError inner = read_text(element, arena, text);
    joined.add(text, ";");
    return inner;
  });
  out = joined.view();
  return error;
}

void TextBuilder::put(std::string_view text) {
  if (used_ + text.size() > size_) {
    const std::size_t size = (used_ + text.size()) * 2 + 64;
    char* const bigger = arena_.room(size);
    if (used_ != 0) std::memcpy(bigger, at_, used_);
    at_ = bigger;
    size_ = size;
  }
  std::memcpy(at_ + used_, text.data(), text.size());
  used_ += text.size();
}

void TextBuilder::add_once(std::string_view text, std::string_view separator) {
  std::string_view rest = view();
  if (rest.size() > longest_list) return;
  while (!rest.empty()) {
    const std::size_t end = rest.find(separator);
    if (rest.substr(0, end) == text) return;
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + separator.size());
  }
  add(text, separator);
}

}  // namespace digue::formats
