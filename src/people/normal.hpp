#pragma once

#include <string>
#include <string_view>

namespace digue::people {

/// The text without blanks and hyphens: codes are shown in groups and typed in any.
inline std::string without_blanks(std::string_view text) {
  std::string out;
  for (const char c : text)
    if (c != ' ' && c != '-' && c != '\t' && c != '\n' && c != '\r') out += c;
  return out;
}

}  // namespace digue::people
