#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <set>

#include "detect/account.hpp"

namespace digue::detect {

namespace {

constexpr double earth_radius_km = 6371;
constexpr double fastest_kmh = 900;
constexpr double same_country_km = 1500;  ///< below it, two places in one country are more often an error of geography than a flight

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<double> distance_km(const Row& a, const Row& b) {
  const auto lat_a = number(a.get(Field::latitude)), lon_a = number(a.get(Field::longitude));
  const auto lat_b = number(b.get(Field::latitude)), lon_b = number(b.get(Field::longitude));
  if (!lat_a || !lon_a || !lat_b || !lon_b) return std::nullopt;
  if ((*lat_a == 0 && *lon_a == 0) || (*lat_b == 0 && *lon_b == 0)) return std::nullopt;  // "unknown" in many exports
  constexpr double degree = 3.14159265358979323846 / 180;
  const double half_lat = std::sin((*lat_b - *lat_a) * degree / 2), half_lon = std::sin((*lon_b - *lon_a) * degree / 2);
  const double h = half_lat * half_lat + std::cos(*lat_a * degree) * std::cos(*lat_b * degree) * half_lon * half_lon;
  return 2 * earth_radius_km * std::asin(std::min(1.0, std::sqrt(h)));
}

constexpr std::array<std::string_view, 42> europe{"AD", "AL", "AT", "BA", "BE", "BG", "BY", "CH", "CY", "CZ", "DE", "DK", "EE", "ES",
                                                  "FI", "FR", "GB", "GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT", "LU", "LV", "MC",
                                                  "MD", "ME", "MK", "MT", "NL", "NO", "PL", "PT", "RO", "RS", "SE", "SI", "SK", "UA"};
/// Of metropolitan France: people live on one side and work on the other, and phones roam across.
constexpr std::array<std::string_view, 9> neighbours{"AD", "BE", "CH", "DE", "ES", "FR", "IT", "LU", "MC"};

template <std::size_t N>
bool within(const std::array<std::string_view, N>& list, std::string_view a, std::string_view b) {
  return std::binary_search(list.begin(), list.end(), a) && std::binary_search(list.begin(), list.end(), b);
}

/// The least time that a journey between two countries takes, when nothing but their names is known.
std::int64_t least_journey(std::string_view a, std::string_view b) {
  if (within(neighbours, a, b)) return 15 * micros_per_minute;
  return within(europe, a, b) ? micros_per_hour : 3 * micros_per_hour;
}

/// The two places were used on the same day on three other days or more: a VPN, a relay, or a life across a border.
bool alternate_often(const Habits& habits, const Row& a, const Row& b) {
  const auto* first = habits.find(Habits::Kind::country, a.country);
  const auto* second = habits.find(Habits::Kind::country, b.country);
  if (first == nullptr || second == nullptr) return false;
  std::vector<std::int32_t> both;
  std::set_intersection(first->days.begin(), first->days.end(), second->days.begin(), second->days.end(), std::back_inserter(both));
  const auto today = static_cast<std::int32_t>(a.time.value / micros_per_day);
  return std::count_if(both.begin(), both.end(), [&](std::int32_t day) { return day != today; }) >= 3;
}

struct Leap {
  const Row *from, *to;
  std::optional<double> km;
};

std::optional<Leap> leap(const Row& a, const Row& b) {
  const std::int64_t elapsed = b.time.value - a.time.value;
  const auto km = distance_km(a, b);
  const bool abroad = !a.country.empty() && !b.country.empty() && a.country != b.country;
  if (km) {
    if (*km < (abroad ? 100 : same_country_km)) return std::nullopt;
    if (*km <= fastest_kmh * static_cast<double>(elapsed) / static_cast<double>(micros_per_hour)) return std::nullopt;
    return Leap{&a, &b, km};
  }
  if (!abroad || elapsed >= least_journey(a.country, b.country)) return std::nullopt;
  return Leap{&a, &b, std::nullopt};
}

void report(const Account& account, const Leap& found, std::vector<Finding>& findings) {
  const Row &a = *found.from, &b = *found.to;
  Finding finding = make(account, "impossible_travel", Severity::high, 0.7, {"T1078.004"});
  const std::string minutes = std::to_string((b.time.value - a.time.value) / micros_per_minute);
  if (found.km)
    why(finding, "why.travel_speed", {source(a), source(b), minutes, std::to_string(std::llround(*found.km))});
  else
    why(finding, "why.travel_countries", {source(a), source(b), minutes});
  const bool same_device = is_telling_device(a.device) && a.device == b.device;
  if (account.trusted_source(a) || account.trusted_source(b))
    benign(finding, same_device ? 0.2 : 0.75, "benign.establishment_vpn", {source(account.trusted_source(a) ? a : b)});
  else if (same_device)
    benign(finding, 0.8, "benign.same_device", {std::string(a.device)});
  if (within(neighbours, a.country, b.country)) benign(finding, 0.5, "benign.border", {std::string(a.country), std::string(b.country)});
  if (alternate_often(account.habits(), a, b)) benign(finding, 0.3, "benign.alternates", {std::string(a.country), std::string(b.country)});
  if (finding.confidence < 0.4) finding.severity = Severity::low;
  finding.prove(a);
  finding.prove(b);
  findings.push_back(std::move(finding));
}

/// Compares each access with the last one from another place; one finding for each pair of sessions.
void detect_travel(const Account& account, std::vector<Finding>& findings) {
  const Row* previous = nullptr;
  const Row* elsewhere = nullptr;  // the last access from another country than `previous`
  std::set<std::pair<std::uint32_t, std::uint32_t>> told;
  for (const Row& row : account.rows()) {
    if (!is_access(row) || row.ip->is_local()) continue;
    if (row.country.empty() && row.get(Field::latitude).empty()) continue;
    // Programs left open at work go on while their user travels: from the establishment, only a sign-in shows a person.
    if (account.trusted_source(row) && row.activity != Activity::sign_in) continue;
    if (previous != nullptr && previous->country != row.country) elsewhere = previous;
    for (const Row* other : {previous, elsewhere}) {
      if (other == nullptr || other->ip == row.ip || (account.trusted_source(*other) && account.trusted_source(row))) continue;
      const auto found = leap(*other, row);
      if (found && told.insert(std::minmax(other->session, row.session)).second) report(account, *found, findings);
    }
    previous = &row;
  }
}

}  // namespace

const AccountDetector impossible_travel_detector{"impossible_travel", detect_travel};

}  // namespace digue::detect
