#include "model/habits.hpp"

#include <algorithm>

namespace digue {

namespace {

std::int32_t day_of(UtcMicros time) {
  const std::int64_t day = time.value / micros_per_day;
  return static_cast<std::int32_t>(time.value % micros_per_day < 0 ? day - 1 : day);
}

void note(Habits::Use& use, UtcMicros time) {
  if (use.days.empty()) use.first = time;
  use.last = time;
  const std::int32_t day = day_of(time);
  if (use.days.empty() || use.days.back() != day) use.days.push_back(day);
}

}  // namespace

bool is_background(const Row& row) {
  return row.activity == Activity::mail_receive || row.activity == Activity::rule_effect || row.activity == Activity::own_probe ||
         row.get(Field::system_actor) == "true";
}

bool is_access(const Row& row) {
  return row.ip && row.outcome != Outcome::failure && row.outcome != Outcome::interrupted && row.activity != Activity::mfa_challenge &&
         !is_background(row);
}

std::string_view network_of(const Row& row) {
  return row.own_range ? std::string_view("own") : row.network;
}

bool is_telling_device(std::string_view device) {
  return device.find(" on ") != std::string_view::npos;
}

Habits::Habits(std::span<const Row> rows, const std::vector<bool>& skip) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Row& row = rows[i];
    if ((i < skip.size() && skip[i]) || !is_access(row)) continue;
    note(activity_, row.time);
    if (!row.own_range && !row.ip->is_local()) note(outside_, row.time);
    if (!row.country.empty()) note(countries_[row.country], row.time);
    if (const auto network = network_of(row); !network.empty()) note(networks_[network], row.time);
    if (!row.device.empty()) note(devices_[row.device], row.time);
    note(neighbourhoods_[neighbourhood(*row.ip)], row.time);
  }
}

const Habits::Use* Habits::find(Kind kind, std::string_view value) const {
  const auto& uses = kind == Kind::country ? countries_ : kind == Kind::network ? networks_ : devices_;
  const auto at = uses.find(value);
  return at == uses.end() ? nullptr : &at->second;
}

const Habits::Use* Habits::neighbourhood_of(const IpAddress& ip) const {
  const auto at = neighbourhoods_.find(neighbourhood(ip));
  return at == neighbourhoods_.end() ? nullptr : &at->second;
}

const Habits::Use* Habits::place_of(const Row& row) const {
  if (const auto network = network_of(row); !network.empty()) return find(Kind::network, network);
  return row.ip ? neighbourhood_of(*row.ip) : nullptr;
}

std::uint32_t Habits::days_before(const Use* use, UtcMicros time) {
  if (use == nullptr) return 0;
  return static_cast<std::uint32_t>(std::lower_bound(use->days.begin(), use->days.end(), day_of(time)) - use->days.begin());
}

std::uint32_t Habits::days_after(const Use* use, UtcMicros time) {
  if (use == nullptr) return 0;
  return static_cast<std::uint32_t>(use->days.end() - std::upper_bound(use->days.begin(), use->days.end(), day_of(time)));
}

bool Habits::is_new(const Use* use, UtcMicros time) const {
  constexpr std::int64_t recent = 3 * micros_per_day;
  if (use == nullptr || use->days.empty()) return enough_before(time) || activity_.days.size() >= 5;
  if (time < use->first || time.value - use->first.value >= recent) return false;
  if (enough_before(use->first)) return true;
  if (use->last.value - use->first.value >= recent) return false;
  const auto elsewhere = std::count_if(activity_.days.begin(), activity_.days.end(),
                                       [&](std::int32_t day) { return !std::binary_search(use->days.begin(), use->days.end(), day); });
  return elsewhere >= 5;
}

bool Habits::is_stay(std::string_view country) const {
  const Use* use = find(Kind::country, country);
  if (use == nullptr || use->days.size() < 4) return false;
  const auto shared = std::count_if(use->days.begin(), use->days.end(), [&](std::int32_t day) {
    return std::any_of(countries_.begin(), countries_.end(), [&](const auto& other) {
      return other.first != country && std::binary_search(other.second.days.begin(), other.second.days.end(), day);
    });
  });
  return shared <= 2;
}

bool Habits::regular(const Row& row) const {
  const Use* place = place_of(row);
  if (days_before(place, row.time) < 2 || days_after(place, row.time) < 1) return false;
  if (row.device.empty()) return true;
  const Use* device = find(Kind::device, row.device);
  return days_before(device, row.time) >= 2 && days_after(device, row.time) >= 1;
}

bool Habits::regular_before(const Row& row) const {
  if (days_before(place_of(row), row.time) < 3) return false;
  return row.device.empty() || days_before(find(Kind::device, row.device), row.time) >= 3;
}

}  // namespace digue
