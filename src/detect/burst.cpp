#include "detect/burst.hpp"

#include <algorithm>
#include <map>

namespace digue::detect {

std::vector<Burst> find_bursts(const Account& account, const std::vector<const Row*>& rows, std::uint64_t least,
                               const std::function<std::uint64_t(const Row&)>& amount) {
  struct Hour {
    std::vector<const Row*> rows;
    std::uint64_t amount = 0;
  };
  std::vector<Hour> hours;
  for (const Row* row : rows) {
    if (hours.empty() || row->time.value - hours.back().rows.front()->time.value >= micros_per_hour) hours.emplace_back();
    hours.back().rows.push_back(row);
    hours.back().amount += amount(*row);
  }
  const auto day_of = [](const Hour& hour) { return hour.rows.front()->time.value / micros_per_day; };
  // Best hour of each day, so that a day can be compared with the others.
  std::map<std::int64_t, std::uint64_t> best;
  for (const Hour& hour : hours) best[day_of(hour)] = std::max(best[day_of(hour)], hour.amount);

  std::vector<Burst> bursts;
  const Hour* last = nullptr;
  for (const Hour& hour : hours) {
    if (hour.amount < least) continue;
    std::uint64_t usual = 0;
    for (const auto& [day, amount_of_day] : best)
      if (day < day_of(hour) - 1 || day > day_of(hour) + 1) usual = std::max(usual, amount_of_day);
    if (hour.amount < 5 * usual) continue;
    const bool goes_on = last != nullptr && hour.rows.front()->time.value - last->rows.back()->time.value < 2 * micros_per_hour;
    if (!goes_on) bursts.emplace_back();
    last = &hour;
    Burst& burst = bursts.back();
    burst.rows.insert(burst.rows.end(), hour.rows.begin(), hour.rows.end());
    burst.amount += hour.amount;
    burst.peak = std::max(burst.peak, hour.amount);
    burst.usual = std::max(burst.usual, usual);
    burst.enough_history = Habits::other_days(&account.habits().activity(), hour.rows.front()->time) >= 3;
  }
  return bursts;
}

}  // namespace digue::detect
