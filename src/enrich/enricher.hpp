#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip.hpp"
#include "base/result.hpp"

namespace digue::enrich {

/// "Chrome on Windows 10", "Outlook on iOS", "python-requests": the family of a browser, mail client or script, and its system, from a
/// user agent, else from what the source itself told. Empty when nothing is known. Versions of browsers are left out: they change by
/// themselves.
std::string device_name(std::string_view user_agent, std::string_view os, std::string_view browser, std::string_view client);

/// Geography and networks from MaxMind-format databases (country, city, ASN: whatever is given). A hint, never proof.
class GeoDatabase {
 public:
  /// Opens every file; an unreadable one is an error that names it.
  static Result<std::unique_ptr<GeoDatabase>> open(const std::vector<std::string>& paths);
  ~GeoDatabase();
  GeoDatabase(const GeoDatabase&) = delete;
  GeoDatabase& operator=(const GeoDatabase&) = delete;

  struct Place {
    std::string country;  ///< ISO alpha-2 or empty
    std::string network;  ///< "AS64500 Name" or empty
  };
  /// Safe from several threads. Local addresses have no place.
  Place find(const IpAddress& ip) const;
  /// "file name (type, date of build)" of each database, for the notes.
  std::vector<std::string> sources() const;

 private:
  struct State;
  explicit GeoDatabase(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace digue::enrich
