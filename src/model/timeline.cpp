#include "model/timeline.hpp"

#include <algorithm>
#include <charconv>

namespace digue {

std::uint64_t Row::number(Field field, std::uint64_t otherwise) const {
  const std::string_view text = get(field);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() && !text.empty() ? value : otherwise;
}

void Finding::prove(const Row& row) {
  show(row);
  if (row.session != Row::no_session && (sessions.empty() || sessions.back() != row.session)) sessions.push_back(row.session);
}

void Finding::show(const Row& row) {
  if (records_total == 0) {
    first = last = row.time;
  } else {
    first = std::min(first, row.time);
    last = std::max(last, row.time);
  }
  ++records_total;
  if (records.size() < max_records) records.push_back({row.place, std::string(row.uid), row.id});
  if (row.ip && (ips.empty() || ips.back() != *row.ip)) ips.push_back(*row.ip);
}

bool Profile::is_own_address(std::string_view mail_address) const {
  const auto at = mail_address.rfind('@');
  if (at == std::string_view::npos) return false;
  const std::string_view domain = mail_address.substr(at + 1);
  return std::any_of(own_domains.begin(), own_domains.end(), [&](const std::string& own) {
    return domain == own || (domain.size() > own.size() && domain.ends_with(own) && domain[domain.size() - own.size() - 1] == '.');
  });
}

void Profile::settle_aliases() {
  decltype(aliases) settled;
  for (const auto& [name, account] : aliases) {
    std::vector<std::string> way{name};
    auto at = account;
    for (auto next = aliases.find(at); next != aliases.end() && std::find(way.begin(), way.end(), at) == way.end();
         next = aliases.find(at)) {
      way.push_back(at);
      at = next->second;
    }
    // A circle begins where the way met itself.
    const auto circle = std::find(way.begin(), way.end(), at);
    if (circle != way.end()) at = *std::min_element(circle, way.end());
    if (at != name) settled.emplace(name, std::move(at));
  }
  aliases = std::move(settled);
}

const std::string* Profile::alias_of(std::string_view name) const {
  const auto found = aliases.find(name);
  return found == aliases.end() ? nullptr : &found->second;
}

bool Profile::is_bare(std::string_view name) const {
  constexpr std::size_t longest = 64;  // a GUID has 36 characters, of which the parts are hexadecimal
  const auto letter = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto plain = [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_'; };
  const auto is_guid = [&] {
    return name.size() == 36 && name[8] == '-' && name[13] == '-' && name[18] == '-' && name[23] == '-' &&
           std::all_of(name.begin(), name.end(), [](char c) { return c == '-' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
  };
  return !bare_domain.empty() && !name.empty() && name.size() <= longest && std::all_of(name.begin(), name.end(), plain) &&
         std::any_of(name.begin(), name.end(), letter) && !name.starts_with("s-1-") && !name.starts_with("serviceprincipal_") && !is_guid();
}

std::string Profile::account_of(std::string_view name) const {
  if (const auto* account = alias_of(name)) return *account;
  return is_bare(name) ? std::string(name) + '@' + bare_domain : std::string(name);
}

bool Profile::Roster::covers(std::string_view account, int minute) const {
  if (from < to ? minute < from || minute >= to : from != to && minute < from && minute >= to) return false;
  return std::find(accounts.begin(), accounts.end(), account) != accounts.end();
}

const SourceFacts* World::source(const IpAddress& ip) const {
  const auto at =
      std::lower_bound(sources.begin(), sources.end(), ip, [](const SourceFacts& facts, const IpAddress& key) { return facts.ip < key; });
  return at != sources.end() && at->ip == ip ? &*at : nullptr;
}

std::uint32_t World::accounts_in(std::string_view country) const {
  const auto at = std::lower_bound(countries.begin(), countries.end(), country,
                                   [](const auto& entry, std::string_view key) { return entry.first < key; });
  return at != countries.end() && at->first == country ? at->second : 0;
}

}  // namespace digue
