#include "base/quote.hpp"

#include <algorithm>

#include "base/messages.hpp"
#include "base/text.hpp"

namespace digue::quote {

namespace {

using Byte = unsigned char;

tl::unexpected<Error> refuse(std::string_view key) {
  return fail(ErrorCode::bad_input, tr(key), {}, tr("quote.help"));
}

/// What no language here can hold.
Result<void> check(std::string_view text, bool line_ends) {
  if (!is_utf8(text)) return refuse("quote.not_utf8");
  if (text.find('\0') != std::string_view::npos) return refuse("quote.nul");
  if (!line_ends && text.find_first_of("\r\n") != std::string_view::npos) return refuse("quote.line_end");
  return {};
}

/// Calls `each(code, bytes)` for every character of valid UTF-8.
template <class Each>
void characters(std::string_view text, Each each) {
  for (std::size_t at = 0; at < text.size();) {
    const auto first = static_cast<Byte>(text[at]);
    const std::size_t size = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    char32_t code = size == 1 ? first : first & (0xffU >> (size + 1));
    for (std::size_t i = 1; i < size; ++i) code = code << 6 | (static_cast<Byte>(text[at + i]) & 0x3fU);
    each(code, text.substr(at, size));
    at += size;
  }
}

bool has_invisible(std::string_view text) {
  bool found = false;
  characters(text, [&](char32_t code, std::string_view) { found = found || is_invisible(code); });
  return found;
}

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_printable_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

/// The bytes in base `base` of a power of two, `width` digits.
void digits(std::string& out, std::uint32_t value, unsigned bits, unsigned width, std::string_view alphabet = "0123456789ABCDEF") {
  for (unsigned i = width; i-- > 0;) out += alphabet[value >> (i * bits) & ((1U << bits) - 1)];
}

std::string base64(std::string_view bytes) {
  static constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) group = group << 8 | (at + i < bytes.size() ? static_cast<Byte>(bytes[at + i]) : 0U);
    const std::size_t given = std::min<std::size_t>(3, bytes.size() - at);
    std::string four;
    digits(four, group, 6, 4, alphabet);
    for (std::size_t i = given + 1; i < 4; ++i) four[i] = '=';
    out += four;
  }
  return out;
}

}  // namespace

bool is_invisible(char32_t code) {
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0xad || code == 0x61c || code == 0x180e ||
         (code >= 0x200b && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) || (code >= 0x2060 && code <= 0x206f) || code == 0xfeff ||
         (code >= 0xfff9 && code <= 0xfffb) || (code >= 0xe0000 && code <= 0xe0fff);
}

Result<std::string> sh_bytes(std::string_view bytes) {
  if (bytes.find('\0') != std::string_view::npos) return refuse("quote.nul");
  const auto safe = [](char c) { return is_plain(c) || std::string_view("@._/:%+=,-").find(c) != std::string_view::npos; };
  if (!bytes.empty() && std::all_of(bytes.begin(), bytes.end(), safe) && bytes.front() != '=') return std::string(bytes);
  std::string out = "'";
  for (const char c : bytes) c == '\'' ? out += "'\\''" : out += c;
  return out + "'";
}

Result<std::string> sh_word(std::string_view text) {
  if (auto good = check(text, false); !good) return tl::make_unexpected(good.error());
  if (!has_invisible(text)) return sh_bytes(text);
  // printf reads octal escapes in its format; the substitution only strips line ends, which are refused above.
  std::string out = "\"$(printf -- '";
  characters(text, [&](char32_t code, std::string_view bytes) {
    if (is_invisible(code)) {
      for (const char byte : bytes) {
        out += '\\';
        digits(out, static_cast<Byte>(byte), 3, 3);
      }
    } else if (code == '\'') {
      out += "\\047";
    } else if (code == '\\') {
      out += "\\\\";
    } else if (code == '%') {
      out += "%%";
    } else {
      out += bytes;
    }
  });
  return out + "')\"";
}

Result<std::string> powershell_word(std::string_view text) {
  if (auto good = check(text, false); !good) return tl::make_unexpected(good.error());
  std::string out = "'";
  characters(text, [&](char32_t code, std::string_view bytes) {
    if (is_invisible(code)) {
      out += "' + ";
      if (code > 0xffff) {
        out += "[char]::ConvertFromUtf32(0x";
        digits(out, code, 4, 5);
        out += ')';
      } else {
        out += "[char]0x";
        digits(out, code, 4, 4);
      }
      out += " + '";
      return;
    }
    out += bytes;
    if (code == '\'' || (code >= 0x2018 && code <= 0x201b)) out += bytes;
  });
  out += "'";
  return has_invisible(text) ? "(" + out + ")" : out;
}

Result<std::string> json_text(std::string_view text) {
  if (auto good = check(text, true); !good) return tl::make_unexpected(good.error());
  std::string out;
  characters(text, [&](char32_t code, std::string_view bytes) {
    if (code == '"' || code == '\\') {
      out += '\\';
      out += bytes;
    } else if (is_invisible(code) && code > 0xffff) {
      out += "\\u";
      digits(out, 0xd800 + ((code - 0x10000) >> 10), 4, 4);
      out += "\\u";
      digits(out, 0xdc00 + ((code - 0x10000) & 0x3ff), 4, 4);
    } else if (is_invisible(code)) {
      out += "\\u";
      digits(out, code, 4, 4);
    } else {
      out += bytes;
    }
  });
  return out;
}

Result<std::string> url_component(std::string_view text) {
  if (auto good = check(text, true); !good) return tl::make_unexpected(good.error());
  std::string out;
  for (const char c : text) {
    if (is_plain(c) || c == '-' || c == '.' || c == '_' || c == '~') {
      out += c;
    } else {
      out += '%';
      digits(out, static_cast<Byte>(c), 4, 2);
    }
  }
  // A path segment of dots alone would climb in the path, percent-encoded or not.
  if (out == "." || out == "..") return refuse("quote.dots");
  return out;
}

Result<std::string> ldap_filter_value(std::string_view text) {
  if (auto good = check(text, true); !good) return tl::make_unexpected(good.error());
  std::string out;
  for (const char c : text) {
    if (c == '*' || c == '(' || c == ')' || c == '\\' || c < 0x20 || c == 0x7f) {
      out += '\\';
      digits(out, static_cast<Byte>(c), 4, 2);
    } else {
      out += c;
    }
  }
  return out;
}

Result<std::string> ldap_name_value(std::string_view text) {
  if (auto good = check(text, true); !good) return tl::make_unexpected(good.error());
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    const bool edge = (at == 0 && (c == ' ' || c == '#')) || (at + 1 == text.size() && c == ' ');
    if (static_cast<Byte>(c) < 0x20 || static_cast<Byte>(c) >= 0x7f) {
      out += '\\';
      digits(out, static_cast<Byte>(c), 4, 2);
    } else {
      if (edge || std::string_view("\"+,;<=>\\").find(c) != std::string_view::npos) out += '\\';
      out += c;
    }
  }
  return out;
}

std::string ldap_filter_bytes(std::string_view bytes) {
  std::string out;
  for (const unsigned char byte : bytes) out += std::string("\\") + "0123456789abcdef"[byte >> 4] + "0123456789abcdef"[byte & 15];
  return out;
}

Result<std::string> ldif_line(std::string_view name, std::string_view value) {
  if (auto good = check(value, true); !good) return tl::make_unexpected(good.error());
  std::string out(name);
  const bool safe = is_printable_ascii(value) && !value.empty() && value.front() != ' ' && value.front() != ':' && value.front() != '<' &&
                    value.back() != ' ';
  return out.append(safe ? ": " + std::string(value) : value.empty() ? ":" : ":: " + base64(value));
}

Result<std::string> odata_text(std::string_view text) {
  if (auto good = check(text, false); !good) return tl::make_unexpected(good.error());
  std::string out;
  for (const char c : text) out.append(c == '\'' ? 2 : 1, c);
  return out;
}

Result<std::string> search_phrase(std::string_view text) {
  if (auto good = check(text, false); !good) return tl::make_unexpected(good.error());
  if (text.find('"') != std::string_view::npos) return refuse("quote.double_quote");
  return "\"" + std::string(text) + "\"";
}

Result<std::string> postfix_key(std::string_view text) {
  if (auto good = check(text, false); !good) return tl::make_unexpected(good.error());
  if (text.empty() || !is_printable_ascii(text) || text.front() == '#' || text.find_first_of(" \"\\") != std::string_view::npos)
    return refuse("quote.map_key");
  return std::string(text);
}

}  // namespace digue::quote
