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
