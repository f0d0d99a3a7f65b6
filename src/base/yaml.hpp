#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace digue {

struct YamlMember;

/// One node of a YAML document. Lines and columns start at 1; a column counts characters.
struct YamlNode {
  enum class Kind { scalar, sequence, mapping };

  Kind kind = Kind::scalar;
  std::string text;                 // scalar: its value, escapes resolved
  bool plain = false;               // scalar written without quotes or block style: only then may null, true or 12 mean more than text
  std::vector<YamlNode> items;      // sequence
  std::vector<YamlMember> members;  // mapping, in the order of the file
  int line = 1;
  int column = 1;

  /// The value of a mapping's key, or nullptr.
  const YamlNode* find(std::string_view key) const;
};

struct YamlMember {
  std::string key;
  int line = 1;
  int column = 1;
  YamlNode value;
};

inline constexpr std::size_t yaml_max_bytes = 1 << 20;
inline constexpr int yaml_max_depth = 32;

/// Parses exactly one YAML 1.2 document. `file` only names the place in errors ("file:line:column").
/// Refused with bad_input, beside malformed text: anchors, aliases, tags, directives, duplicate keys, keys that are not scalars, text that
/// is not UTF-8; with limit: more than yaml_max_bytes or more than yaml_max_depth nested collections.
Result<YamlNode> parse_yaml(std::string_view text, std::string_view file);

}  // namespace digue
