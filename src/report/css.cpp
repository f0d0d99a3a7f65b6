#include "report/css.hpp"

#include "base/text.hpp"

namespace digue::report {

std::string css_string(std::string_view text) {
  static constexpr char digits[] = "0123456789abcdef";
  // The HTML encoder has already taken out what must not be seen; its five entities are the only thing to translate.
  const std::string clean = html(text);
  std::string out = "\"";
  for (std::size_t at = 0; at < clean.size(); ++at) {
    auto byte = static_cast<unsigned char>(clean[at]);
    if (byte == '&') {
      const auto end = clean.find(';', at);
      const std::string_view name = std::string_view(clean).substr(at + 1, end - at - 1);
      byte = name == "amp" ? '&' : name == "lt" ? '<' : name == "gt" ? '>' : name == "quot" ? '"' : '\'';
      at = end;
    }
    const bool plain = (byte >= '0' && byte <= '9') || ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z') || byte == ' ' || byte >= 0x80;
    if (plain)
      out += static_cast<char>(byte);
    else
      out.append({'\\', digits[byte >> 4], digits[byte & 15], ' '});
  }
  return out + '"';
}

}  // namespace digue::report
