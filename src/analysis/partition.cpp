#include "analysis/partition.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "formats/dovecot/session.hpp"

namespace digue::analysis {

namespace {

constexpr std::array<const char*, 10> french_zones{"Europe/Paris",   "Indian/Reunion",   "America/Martinique", "America/Cayenne",
                                                   "Indian/Mayotte", "Pacific/Noumea",   "Pacific/Tahiti",     "America/Miquelon",
                                                   "Pacific/Wallis", "Pacific/Marquesas"};

/// The clock value of a year-less line (kept in year 2000) in another year; a 29 February outside a leap year becomes 1 March.
std::int64_t in_year(std::int64_t civil2000, int year) {
  Civil civil = civil_from_micros(civil2000);
  const int from_2000 = civil.year - 2000;
  civil.year = year + from_2000;
  if (civil.month == 2 && civil.day == 29 && !is_valid(civil)) {
    civil.month = 3;
    civil.day = 1;
  }
  return civil_micros(civil);
}

}  // namespace

UtcMicros Clock::resolve(const Spilled& event) const {
  if (event.basis == TimeBasis::utc) return {event.time};
  if (event.basis == TimeBasis::no_zone) return zone.to_utc(event.time);
  const Input& input = (*inputs)[event.place.input];
  const int year = input.last_year.value_or(2000) - (input.total.max_wraps - event.year_wraps);
  return zone.to_utc(in_year(event.time, year));
}

void settle_years(Inputs& inputs, std::optional<int> given, std::optional<UtcMicros> latest_dated, UtcMicros now) {
  for (std::uint32_t i = 0; i < inputs.size(); ++i) {
    Input& input = inputs[i];
    if (input.total.max_wraps < 0) continue;
    int year = 0;
    if (given) {
      year = *given;
      input.notes.push_back({"note.year_given", {std::to_string(year)}});
    } else {
      // Two days of slack: the year-less log may run a little longer than the dated one.
      const std::int64_t limit = latest_dated ? latest_dated->value + 2 * micros_per_day : now.value + micros_per_day;
      year = civil_from_micros(limit).year;
      if (in_year(input.total.last_yearless, year) > limit) --year;
      input.notes.push_back({latest_dated ? "note.year_from_others" : "note.year_assumed", {std::to_string(year)}});
    }
    input.last_year = year;
  }
}

Zone likely_zone(const Inputs& inputs, bool& told) {
  std::map<int, std::set<std::int64_t>> offsets;
  for (std::uint32_t i = 0; i < inputs.size(); ++i)
    for (const auto& [minutes, time] : inputs[i].total.offsets) offsets[minutes].insert(time);
  const auto agrees = [&](const Zone& zone) {
    for (const auto& [minutes, times] : offsets)
      for (const std::int64_t time : times)
        if (zone.offset_minutes({time}) != minutes) return false;
    return true;
  };
  told = false;
  for (const char* name : french_zones) {
    auto zone = Zone::named(name);
    if (!zone || !agrees(*zone)) continue;
    told = !offsets.empty();
    return std::move(*zone);
  }
  return Zone::named(french_zones.front()).value_or(Zone());
}

void load_zones() {
  for (const char* name : french_zones)
    if (const auto zone = Zone::named(name)) static_cast<void>(zone->offset_minutes({}));
}

void mark_own_probes(std::vector<Spilled>& events, const Clock& clock, const Profile& profile) {
  if (profile.own_probes.empty()) return;
  constexpr std::int64_t slack = 10 * micros_per_minute;  // of the other machine's clock
  std::map<std::string_view, std::vector<const Profile::OwnProbe*>> by_account;
  for (const auto& probe : profile.own_probes) by_account[probe.account].push_back(&probe);
  for (Spilled& event : events) {
    const bool signs = event.activity == Activity::sign_in || event.activity == Activity::sign_out;
    if ((!signs && event.activity != Activity::other) || !event.ip) continue;
    const auto tried = by_account.find(event.account);
    if (tried == by_account.end()) continue;
    const auto port = formats::dovecot_port(event.get(Field::session), *event.ip);
    if (!signs && !port) continue;  // lines beside a sign-in name it by its session
    const std::int64_t time = clock.resolve(event).value;
    for (const auto* probe : tried->second) {
      if (probe->ip != *event.ip) continue;
      const bool near = time >= probe->from.value && time <= probe->to.value;
      const bool same_port = port && *port == probe->port && time >= probe->from.value - slack && time <= probe->to.value + slack;
      if (!same_port && !(near && (probe->port == 0 || (!port && event.outcome == Outcome::failure)))) continue;
      event.activity = Activity::own_probe;
      break;
    }
  }
}

std::vector<Spilled> without_duplicates(std::vector<Spilled> unsorted, std::unordered_map<std::uint32_t, Inputs::Loaded>& loaded) {
  std::vector<std::pair<std::uint64_t, const Spilled*>> order;  // the id's head beside the event: most comparisons look no further
  order.reserve(unsorted.size());
  for (const Spilled& event : unsorted) order.emplace_back(event.id.head(), &event);
  // Within an identity: the richest content first, so that the copy that stays does not depend on the order of the inputs.
  std::sort(order.begin(), order.end(), [](const auto& one, const auto& other) {
    if (one.first != other.first) return one.first < other.first;
    const Spilled& a = *one.second;
    const Spilled& b = *other.second;
    if (a.id != b.id) return a.id < b.id;
    if (a.own_id && a.content != b.content)
      return a.content.size() != b.content.size() ? a.content.size() > b.content.size() : a.content < b.content;
    return a.place < b.place;
  });
  std::vector<Spilled> out;
  out.reserve(order.size());
  const auto at_rank = [&](std::size_t i) -> const Spilled& { return *order[i].second; };
  const auto drop = [&](const Spilled& event) {
    if (event.primary) ++loaded[event.place.input].duplicates;
  };
  for (std::size_t at = 0; at < order.size();) {
    std::size_t end = at + 1;
    while (end < order.size() && at_rank(end).id == at_rank(at).id) ++end;
    if (at_rank(at).own_id) {
      out.push_back(at_rank(at));
      for (std::size_t i = at + 1; i < end; ++i) drop(at_rank(i));
    } else {
      // Sorted by place, so by input: keep the longest run, number its members.
      std::size_t best = at;
      std::size_t best_size = 0;
      for (std::size_t i = at; i < end;) {
        std::size_t run = i + 1;
        while (run < end && at_rank(run).place.input == at_rank(i).place.input) ++run;
        if (run - i > best_size) {
          best = i;
          best_size = run - i;
        }
        i = run;
      }
      for (std::size_t i = at; i < end; ++i) {
        if (i < best || i >= best + best_size) {
          drop(at_rank(i));
          continue;
        }
        out.push_back(at_rank(i));
        if (const std::size_t k = i - best; k > 0)
          out.back().id = id_of({std::string_view(reinterpret_cast<const char*>(out.back().id.bytes.data()), 16), std::to_string(k)});
      }
    }
    at = end;
  }
  return out;
}

void Enricher::fill(Row& row) {
  if (row.ip) {
    auto [at, added] = places_.try_emplace(*row.ip);
    if (added) {
      if (geo_ != nullptr) {
        auto place = geo_->find(*row.ip);
        at->second.country = std::move(place.country);
        at->second.network = std::move(place.network);
      }
      const auto& ranges = world_.profile->own_ranges;
      const SourceFacts* facts = world_.source(*row.ip);
      at->second.own = std::any_of(ranges.begin(), ranges.end(), [&](const IpRange& range) { return range.contains(*row.ip); }) ||
                       (facts != nullptr && facts->shared);
    }
    row.country = at->second.country;
    row.network = at->second.network;
    row.own_range = at->second.own;
  }
  if (const auto told = row.get(Field::country); told.size() == 2) row.country = told;
  if (const auto asn = row.get(Field::asn); row.network.empty() && !asn.empty() && asn != "0")
    row.network = networks_.try_emplace(std::string(asn), "AS" + std::string(asn)).first->second;
  const std::string_view agent = row.get(Field::user_agent);
  const std::string_view client = row.get(Field::client);
  const std::string_view os = row.get(Field::os);
  const std::string_view browser = row.get(Field::browser);
  if (agent.empty() && client.empty() && os.empty() && browser.empty()) return;
  // Rows of one client follow each other: most are answered by the one before.
  const std::array<std::string_view, 4> told{agent, os, browser, client};
  if (told != last_told_) {
    std::string key;
    for (const auto part : told) key.append(part).push_back('\0');
    auto at = devices_.find(key);
    if (at == devices_.end()) at = devices_.emplace(std::move(key), enrich::device_name(agent, os, browser, client)).first;
    std::size_t from = 0;
    for (std::size_t i = 0; i < told.size(); from += told[i++].size() + 1)
      last_told_[i] = std::string_view(at->first).substr(from, told[i].size());
    last_device_ = at->second;
  }
  row.device = last_device_;
}

}  // namespace digue::analysis
