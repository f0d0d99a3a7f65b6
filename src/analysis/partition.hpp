#pragma once

#include <array>
#include <map>
#include <string>
#include <vector>

#include "analysis/inputs.hpp"
#include "analysis/spill.hpp"
#include "base/time.hpp"
#include "enrich/enricher.hpp"
#include "model/timeline.hpp"

namespace digue::analysis {

/// How clock values without year or zone become instants, settled once all inputs were read.
struct Clock {
  Zone zone;
  const Inputs* inputs = nullptr;
  UtcMicros resolve(const Spilled& event) const;
};

/// Gives every input with year-less lines the year of its last line: `given`, else the one that fits the dated inputs, else the latest
/// that is not in the future of `now`. Adds a note to each.
void settle_years(Inputs& inputs, std::optional<int> given, std::optional<UtcMicros> latest_dated, UtcMicros now);

/// The events of a partition without duplicates. A record's own id decides, and the richest copy stays; records without one are kept as
/// often as the input that holds most of them does. Duplicates are counted per input in `loaded` (primary traces only).
/// The zone for logs that name none: the first of France's whose offsets are those that other logs of the analysis wrote (`told` is then
/// true), else Europe/Paris. Logs kept in UTC tell nothing.
Zone likely_zone(const Inputs& inputs, bool& told);
/// Reads the zones that likely_zone() may choose from the system's files, before those are out of reach.
void load_zones();

std::vector<Spilled> without_duplicates(std::vector<Spilled> events, std::unordered_map<std::uint32_t, Inputs::Loaded>& loaded);

/// Makes own_probe of the sign-ins that responders tried themselves: by account, address and the port that a Dovecot session id names,
/// within ten minutes. Where the event names no port, refused ones within the probe's time; where the probe names none, all within it.
void mark_own_probes(std::vector<Spilled>& events, const Clock& clock, const Profile& profile);

/// Fills in country, network, device and whether the address is the establishment's own.
class Enricher {
 public:
  Enricher(const enrich::GeoDatabase* geo, const World& world) : geo_(geo), world_(world) {}
  void fill(Row& row);

 private:
  struct SourcePlace {
    std::string country, network;
    bool own = false;
  };
  const enrich::GeoDatabase* geo_;
  const World& world_;
  std::map<IpAddress, SourcePlace> places_;
  std::map<std::string, std::string, std::less<>> devices_, networks_;
  std::array<std::string_view, 4> last_told_;  ///< views of a key of devices_
  std::string_view last_device_;
};

}  // namespace digue::analysis
