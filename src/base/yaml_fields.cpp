#include "base/yaml_fields.hpp"

#include <algorithm>
#include <charconv>

#include "base/text.hpp"

namespace digue {

void YamlProblems::complain(int line, std::string message, std::string help) {
  if (!first_) first_ = Error{ErrorCode::bad_input, std::move(message), file_ + ":" + std::to_string(line), std::move(help)};
}

YamlFields::YamlFields(YamlProblems& problems, const YamlNode& node, std::string what)
    : problems_(problems), node_(node), what_(std::move(what)) {
  if (node.kind != YamlNode::Kind::mapping)
    problems_.complain(node.line, what_ + " is not a mapping", "Expected lines of the form \"field: value\".");
}

const YamlNode* YamlFields::optional(std::string_view key) {
  known_.push_back(key);
  return node_.find(key);
}

const YamlNode* YamlFields::required(std::string_view key) {
  const YamlNode* found = optional(key);
  if (!found) problems_.complain(line(), what_ + ": field \"" + std::string(key) + "\" is missing");
  return found;
}

std::string YamlFields::text(std::string_view key) {
  const YamlNode* found = required(key);
  if (!found) return {};
  if (found->kind == YamlNode::Kind::scalar && !trim(found->text).empty()) return found->text;
  problems_.complain(found->line, what_ + ": field \"" + std::string(key) + "\" is empty", "Expected a text.");
  return {};
}

bool YamlFields::flag(std::string_view key) {
  const YamlNode* found = required(key);
  if (!found) return false;
  if (found->plain && (found->text == "true" || found->text == "false")) return found->text == "true";
  problems_.complain(found->line, what_ + ": field \"" + std::string(key) + "\" is neither true nor false");
  return false;
}

int YamlFields::number(std::string_view key, int low, int high) {
  const YamlNode* found = required(key);
  if (!found) return low;
  int value = 0;
  const char* end = found->text.data() + found->text.size();
  const auto read = std::from_chars(found->text.data(), end, value);
  if (found->plain && read.ec == std::errc{} && read.ptr == end && value >= low && value <= high) return value;
  problems_.complain(found->line, what_ + ": field \"" + std::string(key) + "\" is not a whole number",
                     "Expected " + std::to_string(low) + " to " + std::to_string(high) + ".");
  return low;
}

std::span<const YamlNode> YamlFields::list(std::string_view key) {
  const YamlNode* found = required(key);
  if (!found) return {};
  if (found->kind == YamlNode::Kind::sequence) return found->items;
  problems_.complain(found->line, what_ + ": field \"" + std::string(key) + "\" is not a list");
  return {};
}

std::vector<std::string> YamlFields::words(std::string_view key) {
  std::vector<std::string> out;
  for (const YamlNode& item : list(key)) {
    if (item.kind != YamlNode::Kind::scalar || trim(item.text).empty()) {
      problems_.complain(item.line, what_ + ": an entry of \"" + std::string(key) + "\" is empty", "Expected a text.");
    } else if (std::find(out.begin(), out.end(), item.text) != out.end()) {
      problems_.complain(item.line, what_ + ": \"" + item.text + "\" is twice in \"" + std::string(key) + "\"");
    } else {
      out.push_back(item.text);
    }
  }
  return out;
}

void YamlFields::finish() {
  for (const YamlMember& member : node_.members) {
    if (std::find(known_.begin(), known_.end(), member.key) == known_.end())
      problems_.complain(member.line, what_ + ": unknown field \"" + member.key + "\"");
  }
}

}  // namespace digue
