#pragma once

#include <string>
#include <string_view>

namespace digue::incident {

/// The marking of a level as it is shown, "TLP:AMBER+STRICT" (FIRST, Traffic Light Protocol 2.0). `level` as it is stored, in lower case.
inline std::string tlp_marking(std::string_view level) {
  std::string out = "TLP:";
  for (const char c : level) out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return out;
}

}  // namespace digue::incident
