#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "incident/incident.hpp"

/// What stands where in an evidence package (docs/package-format.md), for those who write and those who check it.
namespace digue::service::layout {

inline constexpr std::string_view profile = "digue.package/1";
inline constexpr std::string_view custody = "data/custody.ndjson";
inline constexpr std::string_view exhibits = "data/exhibits.ndjson";
inline constexpr std::string_view exhibit_folder = "data/exhibits/";
inline constexpr std::string_view journal = "data/journal/journal.ndjson";
inline constexpr std::string_view index = "data/index.html";

/// Where an exhibit stands: its id, then a plain form of its name.
std::string exhibit_path(const incident::Exhibit& exhibit);

/// One line, without its end. JCS.
std::string custody_line(const incident::CustodyEvent& event);
Result<incident::CustodyEvent> read_custody(std::string_view line);

/// One line; `file` empty: not in this package.
std::string exhibit_line(const incident::Exhibit& exhibit, const std::vector<incident::AcquisitionVersion>& versions,
                         const std::string& file);
struct TakenOut {
  std::string id, name, sha256, file;
  std::int64_t bytes = 0;
  bool destroyed = false;
  std::vector<incident::Acquisition> records;
};
Result<TakenOut> read_exhibit(std::string_view line);

}  // namespace digue::service::layout
