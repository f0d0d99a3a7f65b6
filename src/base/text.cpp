#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace digue {

namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

/// Length of the valid UTF-8 character at `at` and its code point; 0 when the bytes there are not one (RFC 3629).
std::size_t decode(std::string_view text, std::size_t at, std::uint32_t& code) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = byte(at);
  if (lead < 0x80) {
    code = lead;
    return 1;
  }
  std::size_t size = 0;
  if (lead >= 0xc2 && lead <= 0xdf)
    size = 2;
  else if ((lead & 0xf0) == 0xe0)
    size = 3;
  else if (lead >= 0xf0 && lead <= 0xf4)
    size = 4;
  if (size == 0 || at + size > text.size()) return 0;
  code = lead & (0xff >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(at + i) & 0xc0) != 0x80) return 0;
    code = (code << 6) | (byte(at + i) & 0x3f);
  }
  if ((size == 3 && code < 0x800) || (size == 4 && (code < 0x10000 || code > 0x10ffff)) || (code >= 0xd800 && code < 0xe000)) return 0;
  return size;
}

void append(std::string& out, std::uint32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0 | (code >> 6));
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xe0 | (code >> 12));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else {
    out += static_cast<char>(0xf0 | (code >> 18));
    out += static_cast<char>(0x80 | ((code >> 12) & 0x3f));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  }
}

bool is_bidi(std::uint32_t code) {
  return (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069) || code == 0x200e || code == 0x200f || code == 0x61c;
}

bool is_control(std::uint32_t code) {
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x2028 || code == 0x2029;
}

/// Calls `each(code, bytes)` for every character, `bad(byte)` for every byte that belongs to none.
template <class Each, class Bad>
void walk(std::string_view text, Each each, Bad bad) {
  for (std::size_t at = 0; at < text.size();) {
    std::uint32_t code = 0;
    const std::size_t size = decode(text, at, code);
    if (size == 0) {
      bad(static_cast<std::uint8_t>(text[at]));
      ++at;
    } else {
      each(code, text.substr(at, size));
      at += size;
    }
  }
}

constexpr std::string_view replacement = "\xef\xbf\xbd";

void append_escape(std::string& out, std::uint32_t code) {
  static constexpr char digits[] = "0123456789abcdef";
  const int width = code < 0x100 ? 2 : 4;
  out += code < 0x100 ? "\\x" : "\\u";
  for (int shift = (width - 1) * 4; shift >= 0; shift -= 4) out += digits[(code >> shift) & 15];
}

}  // namespace

void lower_in_place(std::string& text) {
  for (char& c : text) c = lower(c);
}

std::string lower(std::string_view text) {
  std::string out(text);
  lower_in_place(out);
  return out;
}

bool iequals(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

bool icontains(std::string_view text, std::string_view lower_needle) {
  if (lower_needle.empty()) return true;
  if (text.size() < lower_needle.size()) return false;
  const char first = lower_needle.front();
  const std::size_t last = text.size() - lower_needle.size();
  for (std::size_t at = 0; at <= last; ++at) {
    if (lower(text[at]) != first) continue;
    std::size_t i = 1;
    while (i < lower_needle.size() && lower(text[at + i]) == lower_needle[i]) ++i;
    if (i == lower_needle.size()) return true;
  }
  return false;
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

bool is_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    std::uint32_t code = 0;
    const std::size_t size = decode(text, at, code);
    if (size == 0) return false;
    at += size;
  }
  return true;
}

std::string to_utf8_lossy(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  walk(text, [&](std::uint32_t, std::string_view bytes) { out += bytes; }, [&](std::uint8_t) { out += replacement; });
  return out;
}

std::string from_windows1252(std::string_view text) {
  static constexpr std::array<std::uint16_t, 32> high{
      0x20ac, 0xfffd, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0xfffd, 0x017d, 0xfffd,
      0xfffd, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0xfffd, 0x017e, 0x0178};
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<std::uint8_t>(c);
    append(out, byte >= 0x80 && byte < 0xa0 ? high[byte - 0x80U] : byte);
  }
  return out;
}

std::string_view clip(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<std::uint8_t>(text[bytes]) & 0xc0) == 0x80) --bytes;
  return text.substr(0, bytes);
}

std::string html(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  walk(
      text,
      [&](std::uint32_t code, std::string_view bytes) {
        switch (code) {
          case '&':
            out += "&amp;";
            break;
          case '<':
            out += "&lt;";
            break;
          case '>':
            out += "&gt;";
            break;
          case '"':
            out += "&quot;";
            break;
          case '\'':
            out += "&#39;";
            break;
          case '\t':
          case '\n':
            out += bytes;
            break;
          default:
            out += is_control(code) || is_bidi(code) ? replacement : bytes;
        }
      },
      [&](std::uint8_t) { out += replacement; });
  return out;
}

std::string csv_cell(std::string_view text) {
  std::string out = "\"";
  for (const char c : to_utf8_lossy(text)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') continue;
    // What was left out before it must not hide the sign that makes a formula.
    if (out.size() == 1 && std::string_view("=+-@\t\r").find(c) != std::string_view::npos) out += '\'';
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

std::string terminal(std::string_view text) {
  std::string out;
  walk(
      text,
      [&](std::uint32_t code, std::string_view bytes) {
        if (code == '\n')
          out += "\\n";
        else if (is_control(code) || is_bidi(code))
          append_escape(out, code);
        else
          out += bytes;
      },
      [&](std::uint8_t byte) { append_escape(out, byte); });
  return out;
}

std::string defang(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    const bool inside = at > 0 && at + 1 < text.size() && text[at - 1] != ' ' && text[at + 1] != ' ';
    if (c == '.' && inside)
      out += "[.]";
    else if (c == '@' && inside)
      out += "[@]";
    else if ((c == 'h' || c == 'H') && iequals(text.substr(at, 4), "http")) {
      out += c;
      out += "xxp";
      at += 3;
    } else
      out += c;
  }
  return out;
}

}  // namespace digue
