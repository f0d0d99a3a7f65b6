#include <algorithm>
#include <array>
#include <set>

#include "detect/account.hpp"

namespace digue::detect {

namespace {

constexpr std::size_t enough_days = 8;
constexpr int near = 2;  ///< hours, around the clock

int local_minute(const Account& account, UtcMicros time) {
  const World* world = account.view().world;
  const std::int64_t minutes = world != nullptr && world->zone != nullptr ? world->zone->offset_minutes(time) : 0;
  const std::int64_t micros = time.value + minutes * micros_per_minute;
  return static_cast<int>(((micros % micros_per_day + micros_per_day) % micros_per_day) / micros_per_minute);
}

int local_hour(const Account& account, UtcMicros time) {
  return local_minute(account, time) / 60;
}

bool on_duty(const Account& account, UtcMicros time) {
  const World* world = account.view().world;
  if (world == nullptr || world->profile == nullptr) return false;
  const auto& rosters = world->profile->rosters;
  const int minute = local_minute(account, time);
  return std::any_of(rosters.begin(), rosters.end(),
                     [&](const Profile::Roster& roster) { return roster.covers(account.view().account, minute); });
}

/// A sign-in between 22:00 and 6:00 at an hour when the account is in use on no other day. Said once a day; it weighs nothing by itself:
/// nights are worked in hospitals.
void detect_hour(const Account& account, std::vector<Finding>& findings) {
  if (account.habits().activity().days.size() < enough_days) return;
  std::array<std::set<std::int64_t>, 24> days;  // with a sign-in at that hour
  const auto accesses = account.of(Activity::sign_in);
  for (const std::uint32_t index : accesses)
    if (is_access(account.row(index)))
      days[static_cast<std::size_t>(local_hour(account, account.row(index).time))].insert(account.row(index).time.value / micros_per_day);
  std::int64_t told = -1;
  for (const std::uint32_t index : accesses) {
    const Row& row = account.row(index);
    const int hour = local_hour(account, row.time);
    const std::int64_t today = row.time.value / micros_per_day;
    if (!is_access(row) || (hour >= 6 && hour < 22) || today == told) continue;
    bool usual = false;
    for (int offset = -near; offset <= near && !usual; ++offset) {
      const auto& seen = days[static_cast<std::size_t>((hour + offset + 24) % 24)];
      usual = seen.size() > (seen.contains(today) ? 1U : 0U);
    }
    if (usual || on_duty(account, row.time)) continue;
    told = today;
    Finding finding = make(account, "unusual_hour", Severity::low, 0.2, {"T1078"});
    why(finding, "why.unusual_hour", {when(account, row.time), source(row), std::to_string(account.habits().activity().days.size())});
    judge_place(finding, account, row);
    finding.prove(row);
    findings.push_back(std::move(finding));
  }
}

}  // namespace

const AccountDetector unusual_hour_detector{"unusual_hour", detect_hour};

}  // namespace digue::detect
