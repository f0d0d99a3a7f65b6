#include <cstdint>

#include "base/yaml.hpp"
#include "invariant.hpp"
#include "playbook/load.hpp"

using namespace digue;

namespace {

int depth_of(const YamlNode& node) {
  int below = 0;
  for (const YamlNode& item : node.items) below = std::max(below, depth_of(item));
  for (const YamlMember& member : node.members) below = std::max(below, depth_of(member.value));
  INVARIANT(node.line >= 1 && node.column >= 1);
  return below + 1;
}

}  // namespace

/// Depth stays within the bound, places are real, and a damaged playbook file is refused with a place.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto node = parse_yaml(text, "fuzz.yaml")) INVARIANT(depth_of(*node) <= yaml_max_depth + 1);
  const playbook::SourceFile file{"content/playbook/m1.yaml", std::string(text)};
  INVARIANT(!playbook::load_playbook({&file, 1}));
  return 0;
}
