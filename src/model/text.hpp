#pragma once

#include <string>
#include <vector>

namespace digue {

/// A sentence for people, not yet in a language: a key of content/messages/{fr,en}/analysis.json and the values for its {0}, {1} ...
/// Values are raw (as the attacker wrote them); the sink encodes.
struct Text {
  std::string key;
  std::vector<std::string> args;
  auto operator<=>(const Text&) const = default;
};

}  // namespace digue
