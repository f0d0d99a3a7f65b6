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

constexpr const char* roster_example = "For example: - {accounts: [urgences@hopital.example], hours: \"20:00-08:00\"}";

/// "20:00" as minutes since midnight; -1 for anything else.
int minutes(std::string_view text) {
  int hour = -1, minute = -1;
  if (text.size() != 5 || text[2] != ':') return -1;
  if (std::from_chars(text.data(), text.data() + 2, hour).ptr != text.data() + 2) return -1;
  if (std::from_chars(text.data() + 3, text.data() + 5, minute).ptr != text.data() + 5) return -1;
  return hour >= 0 && hour <= 24 && minute >= 0 && minute < 60 && hour * 60 + minute <= 24 * 60 ? hour * 60 + minute : -1;
}

Result<Profile::Roster> roster(const std::string& path, const YamlNode& node) {
  const YamlNode* accounts = node.find("accounts");
  const YamlNode* hours = node.find("hours");
  if (node.kind != YamlNode::Kind::mapping || accounts == nullptr || hours == nullptr || node.members.size() != 2)
    return refuse(path, node, "a roster has accounts and hours", roster_example);
  auto list = texts(path, *accounts);
  if (!list) return tl::make_unexpected(list.error());
  const std::string& text = hours->text;
  Profile::Roster out{std::move(*list), -1, -1};
  if (text.size() == 11 && text[5] == '-') {
    out.from = minutes(std::string_view(text).substr(0, 5));
    out.to = minutes(std::string_view(text).substr(6));
  }
  if (out.from < 0 || out.to < 0) return refuse(path, *hours, "hours are written \"20:00-08:00\"", roster_example);
  return out;
}

constexpr const char* alias_example = "For example: - {account: camille.martin@hopital.example, names: [cmartin]}";

Result<void> add_aliases(const std::string& path, const YamlNode& node, std::map<std::string, std::string, std::less<>>& aliases) {
  const YamlNode* account = node.find("account");
  const YamlNode* names = node.find("names");
  if (node.kind != YamlNode::Kind::mapping || account == nullptr || names == nullptr || node.members.size() != 2 ||
      account->kind != YamlNode::Kind::scalar || account->text.empty())
    return refuse(path, node, "an account has its other names", alias_example);
  const auto list = texts(path, *names);
  if (!list) return tl::make_unexpected(list.error());
  for (const auto& name : *list)
    if (const auto [at, fresh] = aliases.emplace(name, lower(account->text)); !fresh && at->second != lower(account->text))
      return refuse(path, *names, "'" + name + "' is already another account's name", "Leave out a name that is several people's.");
  return {};
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
    if (member.key == "own_domains") {
      auto list = texts(path, value);
      if (!list) return tl::make_unexpected(list.error());
      profile.own_domains = std::move(*list);
    } else if (member.key == "own_ranges" || member.key == "trusted_mail_servers") {
      const auto list = texts(path, value);
      if (!list) return tl::make_unexpected(list.error());
      for (const std::string& item : *list) {
        const auto range = parse_range(item);
        if (!range) return refuse(path, value, "not an address range: '" + item + "'", "For example: 192.0.2.0/24");
        profile.own_ranges.push_back(*range);
      }
    } else if (member.key == "rosters") {
      if (value.kind != YamlNode::Kind::sequence) return refuse(path, value, "a list is expected", roster_example);
      for (const YamlNode& item : value.items) {
        auto one = roster(path, item);
        if (!one) return tl::make_unexpected(one.error());
        profile.rosters.push_back(std::move(*one));
      }
    } else if (member.key == "aliases") {
      if (value.kind != YamlNode::Kind::sequence) return refuse(path, value, "a list is expected", alias_example);
      for (const YamlNode& item : value.items)
        if (auto added = add_aliases(path, item, profile.aliases); !added) return tl::make_unexpected(added.error());
    } else if (member.key == "bare_domain") {
      if (value.kind != YamlNode::Kind::scalar || value.text.find('@') != std::string::npos || value.text.find('.') == std::string::npos)
        return refuse(path, value, "a domain is expected", "For example: bare_domain: hopital.example");
      profile.bare_domain = lower(value.text);
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
      return refuse(path, value, "unknown key '" + member.key + "'",
                    "Known: own_domains, own_ranges, trusted_mail_servers, aliases, bare_domain, zone, year, rosters.");
    }
  }
  return profile;
}

}  // namespace digue::cli
