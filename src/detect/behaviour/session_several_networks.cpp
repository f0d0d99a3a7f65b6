#include <map>
#include <set>

#include "detect/account.hpp"

namespace digue::detect {

namespace {

struct Place {
  IpAddress near;
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

void report(const Account& account, std::string_view session, const std::vector<const Row*>& rows, const std::vector<Place>& places,
            std::vector<Finding>& findings) {
  Difference all;
  for (const Place& place : places) {
    const Difference difference = compare(places.front(), place);
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
  std::string list;
  for (const Place& place : places) list += (list.empty() ? "" : ", ") + source(*place.first);
  why(finding, "why.session_places", {std::string(session), std::to_string(places.size()), list});
  if (all.device) {
    std::string devices;
    for (const Place& place : places)
      for (const auto device : place.devices)
        if (devices.find(device) == std::string::npos) devices.append(devices.empty() ? "" : ", ").append(device);
    why(finding, "why.session_devices", {devices});
  } else if (!all.country) {
    finding.severity = Severity::low;
    finding.benign.push_back({"benign.roaming", {}});
  } else {
    benign(finding, 0.6, "benign.same_device", {places.front().devices.empty() ? "-" : std::string(*places.front().devices.begin())});
  }
  bool usual = true;
  for (const Place& place : places) usual = usual && account.usual(*place.first);
  if (usual) benign(finding, 0.3, "benign.usual_places", {});
  for (const Row* row : rows) finding.prove(*row);
  findings.push_back(std::move(finding));
}

/// The platform's own session id used from several neighbourhoods that differ in country, network or device: a stolen token.
void detect_shared_session(const Account& account, std::vector<Finding>& findings) {
  std::map<std::string_view, std::vector<const Row*>> sessions;
  for (const Row& row : account.rows())
    if (const auto session = row.get(Field::session); !session.empty() && is_access(row)) sessions[session].push_back(&row);
  for (const auto& [session, rows] : sessions) {
    std::vector<Place> places;
    for (const Row* row : rows) {
      const IpAddress near = neighbourhood(*row->ip);
      auto at = places.begin();
      while (at != places.end() && at->near != near) ++at;
      if (at == places.end()) {
        if (places.size() == 32) continue;
        at = places.insert(places.end(), {near, row, {}, {}, {}});
      }
      if (!row->country.empty()) at->countries.insert(row->country);
      if (const auto network = network_of(*row); !network.empty()) at->networks.insert(network);
      if (!row->device.empty()) at->devices.insert(row->device);
    }
    if (places.size() > 1) report(account, session, rows, places, findings);
  }
}

}  // namespace

const AccountDetector session_several_networks_detector{"session_several_networks", detect_shared_session};

}  // namespace digue::detect
