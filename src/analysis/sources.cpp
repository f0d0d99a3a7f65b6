#include "analysis/sources.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <tuple>
#include <unordered_set>

#include "analysis/ingest.hpp"
#include "detect/detector.hpp"

namespace digue::analysis {

namespace {

using detect::Attempt;

std::string_view field(const Spilled& event, Field wanted) {
  for (const auto& [id, value] : event.fields)
    if (id == wanted) return value;
  return {};
}

/// A failure that guessing makes. Without a code (mail servers) every failure is one; Entra's codes are told apart
/// (learn.microsoft.com, "Microsoft Entra authentication and authorization error codes").
bool is_wrong_password(const Spilled& event) {
  if (event.outcome != Outcome::failure) return false;
  const std::string_view code = field(event, Field::error_code);
  static constexpr std::string_view guessing[] = {"50126", "50053", "50034", "50055", "50056", "50057"};
  return code.empty() || !std::all_of(code.begin(), code.end(), [](char c) { return c >= '0' && c <= '9'; }) ||
         std::find(std::begin(guessing), std::end(guessing), code) != std::end(guessing);
}

Attempt attempt_of(const Spilled& event, UtcMicros time) {
  Attempt out;
  out.time = time;
  out.id = event.id;
  out.account = event.account;
  out.outcome = event.outcome;
  out.uid = event.uid;
  out.place = event.place;
  out.wrong_password = is_wrong_password(event);
  const std::string_view count = field(event, Field::attempts);
  std::uint32_t attempts = 1;
  std::from_chars(count.data(), count.data() + count.size(), attempts);
  out.attempts = std::max(1U, std::min(attempts, 1'000'000U)) * std::max(1U, std::min(event.repeats, 1'000U));
  return out;
}

/// Counts of one address. An address whose use tells nothing of other accounts is not kept.
SourceFacts facts_of(const IpAddress& ip, const std::vector<Attempt>& attempts) {
  SourceFacts facts;
  facts.ip = ip;
  facts.first = attempts.front().time;
  facts.last = attempts.back().time;
  std::set<std::string_view> succeeded;
  std::set<std::string_view> failed;
  std::set<std::int64_t> days;
  for (const Attempt& attempt : attempts) {
    if (attempt.outcome == Outcome::success) {
      ++facts.successes;
      succeeded.insert(attempt.account);
      days.insert(attempt.time.value / micros_per_day);
    } else if (attempt.outcome == Outcome::failure) {
      facts.failures += attempt.attempts;
      failed.insert(attempt.account);
    }
  }
  facts.accounts_succeeded = static_cast<std::uint32_t>(succeeded.size());
  facts.accounts_failed = static_cast<std::uint32_t>(failed.size());
  facts.days = static_cast<std::uint32_t>(days.size());
  return facts;
}

bool is_notable(const SourceFacts& facts) {
  return facts.sprayed || facts.shared || facts.accounts_succeeded + facts.accounts_failed > 1 || facts.failures >= 3;
}

}  // namespace

Result<std::vector<Finding>> survey_sources(const Spill& spill, const Clock& clock, const enrich::GeoDatabase* geo, World& world) {
  std::vector<Finding> findings;
  std::unordered_set<std::string> accounts;
  std::map<std::string, std::unordered_set<std::string>> by_country;
  std::unordered_map<std::uint32_t, Inputs::Loaded> unused;
  for (std::size_t p = account_partitions; p < account_partitions + source_partitions; ++p) {
    const auto bytes = spill.load(p);
    if (!bytes) return tl::make_unexpected(bytes.error());
    Arena arena;
    auto events = without_duplicates(decode(*bytes, arena), unused);
    mark_own_probes(events, clock, *world.profile);
    std::map<IpAddress, std::vector<const Spilled*>> by_ip;
    for (const Spilled& event : events)
      if (event.ip && event.activity != Activity::own_probe) by_ip[*event.ip].push_back(&event);
    for (const auto& [ip, list] : by_ip) {
      const std::string country = geo != nullptr ? geo->find(ip).country : std::string{};
      std::vector<Attempt> attempts;
      attempts.reserve(list.size());
      for (const Spilled* event : list) {
        attempts.push_back(attempt_of(*event, clock.resolve(*event)));
        if (event->outcome != Outcome::success || event->account.empty()) continue;
        accounts.emplace(event->account);
        const std::string_view told = field(*event, Field::country);
        if (told.size() == 2 || !country.empty()) by_country[std::string(told.size() == 2 ? told : country)].emplace(event->account);
      }
      std::sort(attempts.begin(), attempts.end(),
                [](const Attempt& a, const Attempt& b) { return std::tie(a.time, a.id) < std::tie(b.time, b.id); });
      SourceFacts facts = facts_of(ip, attempts);
      for (const auto* detector : detect::source_detectors()) detector->detect(attempts, facts, *world.profile, findings);
      if (is_notable(facts)) world.sources.push_back(facts);
    }
  }
  std::sort(world.sources.begin(), world.sources.end(), [](const SourceFacts& a, const SourceFacts& b) { return a.ip < b.ip; });
  world.accounts = static_cast<std::uint32_t>(accounts.size());
  for (const auto& [country, users] : by_country) world.countries.emplace_back(country, static_cast<std::uint32_t>(users.size()));
  return findings;
}

}  // namespace digue::analysis
