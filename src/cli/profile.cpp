#include "cli/profile.hpp"

#include <charconv>

#include "base/files.hpp"
#include "base/text.hpp"
#include "base/yaml.hpp"

namespace digue::cli {

namespace {

tl::unexpected<Error> refuse(const std::string& path, const YamlNode& node, std::string message, std::string help) {
  return fail(ErrorCode::bad_input, std::move(message), path + ":" + std::to_string(node.line) + ":" + std::to_string(node.column),
              std::move(help));
}

Result<std::vector<std::string>> texts(const std::string& path, const YamlNode& node) {
  std::vector<std::string> out;
  if (node.kind != YamlNode::Kind::sequence) return refuse(path, node, "a list is expected", "Write one item a line, each behind a dash.");
  for (const YamlNode& item : node.items) {
    if (item.kind != YamlNode::Kind::scalar) return refuse(path, item, "a text is expected", "");
    out.push_back(lower(item.text));
  }
  return out;
}

}  // namespace

Result<Profile> read_profile(const std::string& path) {
  const auto text = read_file(path, yaml_max_bytes);
  if (!text) return tl::make_unexpected(text.error());
  const auto root = parse_yaml(*text, path);
  if (!root) return tl::make_unexpected(root.error());
  if (root->kind != YamlNode::Kind::mapping)
    return refuse(path, *root, "a profile is a mapping", "For example: own_domains: [hopital.example]");
  Profile profile;
  for (const YamlMember& member : root->members) {
    const YamlNode& value = member.value;
    if (member.key == "own_domains" || member.key == "night_accounts") {
      auto list = texts(path, value);
      if (!list) return tl::make_unexpected(list.error());
      (member.key == "own_domains" ? profile.own_domains : profile.night_accounts) = std::move(*list);
    } else if (member.key == "own_ranges") {
      const auto list = texts(path, value);
      if (!list) return tl::make_unexpected(list.error());
      for (const std::string& item : *list) {
        const auto range = parse_range(item);
        if (!range) return refuse(path, value, "not an address range: '" + item + "'", "For example: 192.0.2.0/24");
        profile.own_ranges.push_back(*range);
      }
    } else if (member.key == "zone") {
      auto zone = Zone::named(value.text);
      if (!zone) return refuse(path, value, zone.error().message, zone.error().help);
      profile.zone = std::move(*zone);
    } else if (member.key == "year") {
      int year = 0;
      const auto [end, error] = std::from_chars(value.text.data(), value.text.data() + value.text.size(), year);
      if (error != std::errc{} || *end != '\0' || year < 1970 || year > 9999)
        return refuse(path, value, "a year is expected", "For example: 2026");
      profile.year = year;
    } else {
      return refuse(path, value, "unknown key '" + member.key + "'", "Known: own_domains, own_ranges, zone, year, night_accounts.");
    }
  }
  return profile;
}

}  // namespace digue::cli
