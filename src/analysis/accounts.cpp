#include "analysis/accounts.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include "analysis/ingest.hpp"
#include "detect/detector.hpp"

namespace digue::analysis {

namespace {

void count(const std::vector<Spilled>& events, const Clock& clock, std::unordered_map<std::uint32_t, Inputs::Loaded>& loaded) {
  for (const Spilled& event : events) {
    Inputs::Loaded& input = loaded[event.place.input];
    const std::int64_t time = clock.resolve(event).value;
    input.first = std::min(input.first.value_or(time), time);
    input.last = std::max(input.last.value_or(time), time);
    ++input.hours[time / micros_per_hour];
  }
}

}  // namespace

Row AccountAnalyser::row_of(const Spilled& event, UtcMicros time) {
  Row row;
  row.time = time;
  row.id = event.id;
  row.activity = event.activity;
  row.outcome = event.outcome;
  row.repeats = event.repeats;
  row.ip = event.ip;
  row.place = event.place;
  row.account = event.account;
  row.operation = event.operation;
  row.uid = event.uid;
  row.fields = event.fields;
  enricher_.fill(row);
  return row;
}

Result<void> AccountAnalyser::run(std::size_t partition, const Wanted& wanted, const Hostile& hostile, const Each& each,
                                  std::unordered_map<std::uint32_t, Inputs::Loaded>* loaded) {
  const auto bytes = spill_.load(partition);
  if (!bytes) return tl::make_unexpected(bytes.error());
  Arena arena;
  std::unordered_map<std::uint32_t, Inputs::Loaded> unused;
  auto decoded = decode(*bytes, arena);
  if (loaded != nullptr) count(decoded, clock_, *loaded);
  auto events = without_duplicates(std::move(decoded), loaded != nullptr ? *loaded : unused);
  const Profile& profile = *world_.profile;
  mark_own_probes(events, clock_, profile);
  std::map<std::string_view, std::vector<std::pair<UtcMicros, const Spilled*>>> by_account;
  auto last = by_account.end();
  for (const Spilled& event : events) {
    const UtcMicros time = clock_.resolve(event);
    if (event.account.empty() || (profile.since && time < *profile.since) || (profile.until && time > *profile.until)) continue;
    if (last == by_account.end() || last->first != event.account) last = by_account.try_emplace(event.account).first;
    last->second.emplace_back(time, &event);
  }
  for (auto& [account, order] : by_account) {
    std::sort(order.begin(), order.end(),
              [](const auto& a, const auto& b) { return std::tie(a.first, a.second->id) < std::tie(b.first, b.second->id); });
    std::vector<Row> rows;
    rows.reserve(order.size());
    for (const auto& [time, event] : order) rows.push_back(row_of(*event, time));
    if (!wanted(account, rows)) continue;
    const auto sessions = story::build_sessions(account, rows);
    const AccountView view{account, rows, sessions, &world_};
    AccountResult result;
    result.findings = detect::detect(view);
    result.story = story::tell(view, result.findings, hostile(account));
    each(view, std::move(result));
  }
  return {};
}

}  // namespace digue::analysis
