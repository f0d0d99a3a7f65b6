#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "detect/account.hpp"

namespace digue::detect {

namespace {

struct Place {
  const Row* first = nullptr;
  std::set<std::string_view> countries, networks, devices;
};

bool apart(const std::set<std::string_view>& a, const std::set<std::string_view>& b) {
  if (a.empty() || b.empty()) return false;
  for (const auto value : a)
    if (b.contains(value)) return false;
  return true;
}

struct Difference {
  bool country = false, network = false, device = false;
  bool any() const { return country || network || device; }
};

Difference compare(const Place& a, const Place& b) {
  return {apart(a.countries, b.countries), apart(a.networks, b.networks), apart(a.devices, b.devices)};
}

constexpr std::size_t most_compared = 32, most_listed = 8;

void add_listed(std::string& list, std::size_t& listed, std::string_view text) {
  if (++listed <= most_listed) list.append(list.empty() ? "" : ", ").append(text);
}

void report(const Account& account, std::string_view session, const std::vector<const Row*>& rows, const std::vector<Place>& places,
            std::vector<Finding>& findings) {
  Difference all;
  for (std::size_t i = 0; i < std::min(places.size(), most_compared); ++i)
    for (const Place& place : places) {
      const Difference difference = compare(places[i], place);
      all.country |= difference.country;
      all.network |= difference.network;
      all.device |= difference.device;
    }
  if (!all.any()) return;
  const bool two_signs = all.country + all.network + all.device >= 2;
  Finding finding = make(account, "session_several_networks", Severity::high,
                         all.country  ? 0.75
                         : all.device ? 0.6
                                      : 0.15,
                         {"T1539", "T1550.004"});
  if (two_signs && all.device) raise(finding, 0.3);
  std::string sources, devices;
  std::size_t listed = 0;
  for (const Place& place : places) add_listed(sources, listed, source(*place.first));
  why(finding, "why.session_places", {std::string(session), std::to_string(places.size()), sources});
  std::set<std::string_view> distinct;
  for (const Place& place : places) distinct.insert(place.devices.begin(), place.devices.end());
  listed = 0;
  for (const auto device : distinct) add_listed(devices, listed, device);
  if (all.device) {
    why(finding, "why.session_devices", {devices});
  } else if (!all.country) {
    finding.severity = Severity::low;
    finding.benign.push_back({"benign.roaming", {}});
  } else if (!devices.empty()) {
    benign(finding, 0.6, "benign.same_device", {devices});
  }
  if (std::all_of(places.begin(), places.end(), [&](const Place& place) { return account.usual(*place.first); }))
    benign(finding, 0.3, "benign.usual_places", {});
  for (const Row* row : rows) finding.prove(*row);
  findings.push_back(std::move(finding));
}

/// The platform's own session id used from several neighbourhoods that differ in country, network or device: a stolen token.
void detect_shared_session(const Account& account, std::vector<Finding>& findings) {
  std::map<std::string_view, std::vector<const Row*>> sessions;
  for (const Row& row : account.rows())
    if (const auto session = row.get(Field::session); !session.empty() && is_access(row)) sessions[session].push_back(&row);
  for (const auto& [session, rows] : sessions) {
    std::map<IpAddress, Place> by_neighbourhood;
    for (const Row* row : rows) {
      Place& place = by_neighbourhood[neighbourhood(*row->ip)];
      if (place.first == nullptr) place.first = row;
      if (!row->country.empty()) place.countries.insert(row->country);
      if (const auto network = network_of(*row); !network.empty()) place.networks.insert(network);
      if (!row->device.empty()) place.devices.insert(row->device);
    }
    if (by_neighbourhood.size() < 2) continue;
    std::vector<Place> places;
    for (auto& [near, place] : by_neighbourhood) places.push_back(std::move(place));
    std::sort(places.begin(), places.end(),
              [](const Place& a, const Place& b) { return std::tie(a.first->time, a.first->id) < std::tie(b.first->time, b.first->id); });
    report(account, session, rows, places, findings);
  }
}

}  // namespace

const AccountDetector session_several_networks_detector{"session_several_networks", detect_shared_session};

}  // namespace digue::detect
