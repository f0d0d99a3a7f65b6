#include "analysis/accounts.hpp"

#include <algorithm>
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

Row AccountAnalyser::row_of(const Spilled& event) {
  Row row;
  row.time = clock_.resolve(event);
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
  std::sort(events.begin(), events.end(),
            [](const Spilled& a, const Spilled& b) { return std::tie(a.account, a.id) < std::tie(b.account, b.id); });
  const Profile& profile = *world_.profile;
  for (std::size_t at = 0; at < events.size();) {
    std::size_t end = at + 1;
    while (end < events.size() && events[end].account == events[at].account) ++end;
    const std::string_view account = events[at].account;
    std::vector<Row> rows;
    for (; at < end; ++at) {
      Row row = row_of(events[at]);
      if ((!profile.since || row.time >= *profile.since) && (!profile.until || row.time <= *profile.until)) rows.push_back(row);
    }
    if (account.empty() || rows.empty() || !wanted(account, rows)) continue;
    std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return std::tie(a.time, a.id) < std::tie(b.time, b.id); });
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
