#include "base/json/value.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/messages.hpp"

namespace digue::json {

namespace {

namespace dom = simdjson::dom;

tl::unexpected<Error> refuse_text(std::string_view reason) {
  return fail(ErrorCode::bad_input, tr("json.invalid"), std::string(reason));
}

// The parser bounds the depth, so the recursion is bounded too.
bool build(const dom::element& from, Value& to, std::string& duplicate) {
  switch (from.type()) {
    case dom::element_type::ARRAY: {
      auto& out = to.emplace_array();
      for (const auto item : dom::array(from)) {
        out.emplace_back(nullptr);
        if (!build(item, out.back(), duplicate)) return false;
      }
      return true;
    }
    case dom::element_type::OBJECT: {
      auto& out = to.emplace_object();
      for (const auto member : dom::object(from)) {
        const auto [at, added] = out.emplace(boost::json::string_view(member.key.data(), member.key.size()), nullptr);
        if (!added) {
          duplicate = member.key;
          return false;
        }
        if (!build(member.value, at->value(), duplicate)) return false;
      }
      return true;
    }
    case dom::element_type::STRING: {
      const std::string_view text = from.get_string().value_unsafe();
      to.emplace_string().assign(text.data(), text.size());
      return true;
    }
    case dom::element_type::INT64:
      to = from.get_int64().value_unsafe();
      return true;
    case dom::element_type::UINT64:
      to = from.get_uint64().value_unsafe();
      return true;
    case dom::element_type::DOUBLE:
      to = from.get_double().value_unsafe();
      return true;
    case dom::element_type::BOOL:
      to = from.get_bool().value_unsafe();
      return true;
    case dom::element_type::NULL_VALUE:
      break;
  }
  to = nullptr;
  return true;
}

void put_text(std::string& out, std::string_view text) {
  static constexpr char digits[] = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\r':
        out += "\\r";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += "\\u00";
          out += digits[c >> 4];
          out += digits[c & 15];
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

// ECMAScript Number::toString (ECMA-262 6.1.6.1.20): the shortest digits that give the number back, laid out by its decimal exponent.
void put_double(std::string& out, double number) {
  if (!std::isfinite(number)) {
    out += "null";
    return;
  }
  if (number == 0) {
    out += '0';
    return;
  }
  if (number < 0) out += '-';
  std::array<char, 40> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), std::fabs(number), std::chars_format::scientific).ptr;
  const std::string_view text(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
  const auto mark = text.find('e');
  std::string digits;
  for (const char c : text.substr(0, mark))
    if (c != '.') digits += c;
  int exponent = 0;
  const std::string_view power = text.substr(mark + 1);
  std::from_chars(power.data() + (power.front() == '+' ? 1 : 0), power.data() + power.size(), exponent);
  const int count = static_cast<int>(digits.size());
  const int point = exponent + 1;
  if (count <= point && point <= 21) {
    out += digits;
    out.append(static_cast<std::size_t>(point - count), '0');
  } else if (0 < point && point <= 21) {
    out.append(digits, 0, static_cast<std::size_t>(point)).append(".").append(digits, static_cast<std::size_t>(point));
  } else if (-6 < point && point <= 0) {
    out.append("0.").append(static_cast<std::size_t>(-point), '0').append(digits);
  } else {
    out += digits.front();
    if (count > 1) out.append(".").append(digits, 1);
    out.append(exponent < 0 ? "e-" : "e+").append(std::to_string(std::abs(exponent)));
  }
}

// JCS sorts names by UTF-16 code units. UTF-8 bytes sort alike but where a surrogate pair (lead byte F0..F4) meets U+E000..U+FFFF (EE, EF).
bool utf16_less(std::string_view a, std::string_view b) {
  const auto [x, y] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  if (x == a.end() || y == b.end()) return x == a.end() && y != b.end();
  const auto rank = [](char c) {
    const int byte = static_cast<unsigned char>(c);
    return byte >= 0xF0 ? byte - 0xF0 + 0xEE : byte >= 0xEE ? byte - 0xEE + 0xF3 : byte;
  };
  return rank(*x) < rank(*y);
}

void put(std::string& out, const Value& value) {
  constexpr std::int64_t exact = std::int64_t{1} << 53;
  switch (value.kind()) {
    case boost::json::kind::null:
      out += "null";
      break;
    case boost::json::kind::bool_:
      out += value.get_bool() ? "true" : "false";
      break;
    case boost::json::kind::int64:
      if (value.get_int64() >= -exact && value.get_int64() <= exact)
        out += std::to_string(value.get_int64());
      else
        put_double(out, static_cast<double>(value.get_int64()));
      break;
    case boost::json::kind::uint64:
      if (value.get_uint64() <= static_cast<std::uint64_t>(exact))
        out += std::to_string(value.get_uint64());
      else
        put_double(out, static_cast<double>(value.get_uint64()));
      break;
    case boost::json::kind::double_:
      put_double(out, value.get_double());
      break;
    case boost::json::kind::string:
      put_text(out, {value.get_string().data(), value.get_string().size()});
      break;
    case boost::json::kind::array: {
      char before = '[';
      for (const auto& item : value.get_array()) {
        out += before;
        put(out, item);
        before = ',';
      }
      out += before == '[' ? "[]" : "]";
      break;
    }
    case boost::json::kind::object: {
      std::vector<std::pair<std::string_view, const Value*>> members;
      members.reserve(value.get_object().size());
      for (const auto& member : value.get_object())
        members.emplace_back(std::string_view(member.key().data(), member.key().size()), &member.value());
      std::sort(members.begin(), members.end(), [](const auto& a, const auto& b) { return utf16_less(a.first, b.first); });
      char before = '{';
      for (const auto& [key, member] : members) {
        out += before;
        put_text(out, key);
        out += ':';
        put(out, *member);
        before = ',';
      }
      out += before == '{' ? "{}" : "}";
      break;
    }
  }
}

/// Whole numbers beyond 64 bits with a fraction behind, so that they are read as JavaScript reads them (RFC 8785 writes them without one).
std::string with_fractions(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 64);
  bool quoted = false;
  for (std::size_t at = 0; at < text.size();) {
    const auto digits = text.find_first_not_of("0123456789", at);
    const std::size_t end = digits == std::string_view::npos ? text.size() : digits;
    if (!quoted && end - at >= 19) {
      const bool whole = (at == 0 || (text[at - 1] != '.' && text[at - 1] != 'e' && text[at - 1] != 'E' && text[at - 1] != '+')) &&
                         (end == text.size() || (text[end] != '.' && text[end] != 'e' && text[end] != 'E'));
      out.append(text.substr(at, end - at)).append(whole ? ".0" : "");
      at = end;
      continue;
    }
    if (end > at) {
      out.append(text.substr(at, end - at));
      at = end;
      continue;
    }
    if (quoted && text[at] == '\\' && at + 1 < text.size())
      out += text[at++];
    else if (text[at] == '"')
      quoted = !quoted;
    out += text[at++];
  }
  return out;
}

}  // namespace

Result<Value> parse(std::string_view text, Bounds bounds) {
  if (text.size() > bounds.bytes) return fail(ErrorCode::limit, tr("json.too_long", {{"bytes", std::to_string(bounds.bytes)}}));
  dom::parser parser(bounds.bytes);
  if (parser.allocate(std::max<std::size_t>(text.size(), 32), bounds.depth) != simdjson::SUCCESS)
    return fail(ErrorCode::limit, tr("json.too_long", {{"bytes", std::to_string(bounds.bytes)}}));
  dom::element root;
  auto error = parser.parse(text.data(), text.size()).get(root);
  std::string widened;
  if (error == simdjson::NUMBER_ERROR) {
    widened = with_fractions(text);
    if (parser.allocate(std::max<std::size_t>(widened.size(), 32), bounds.depth) == simdjson::SUCCESS)
      error = parser.parse(widened.data(), widened.size()).get(root);
  }
  if (error) {
    if (error == simdjson::DEPTH_ERROR) return fail(ErrorCode::limit, tr("json.too_deep", {{"depth", std::to_string(bounds.depth)}}));
    return refuse_text(simdjson::error_message(error));
  }
  Value value;
  std::string duplicate;
  if (!build(root, value, duplicate)) return fail(ErrorCode::bad_input, tr("json.duplicate"), duplicate);
  return value;
}

std::string canonical(const Value& value) {
  std::string out;
  put(out, value);
  return out;
}

Array array_of(const std::vector<std::string>& texts) {
  Array out;
  for (const auto& text : texts) out.emplace_back(text);
  return out;
}

Value or_null(const std::optional<std::string>& text) {
  return text ? Value(*text) : Value(nullptr);
}

}  // namespace digue::json
