#pragma once

#include "incident/incident.hpp"

namespace digue::service {

struct IndexExhibit {
  incident::Exhibit exhibit;
  incident::Acquisition acquisition;
  std::string path;  ///< from the bag's folder; empty: left out
};

struct PackageFacts {
  incident::Incident incident;
  incident::Package package;
  std::vector<IndexExhibit> exhibits;
  std::size_t custody = 0;  ///< events
  std::int64_t lines = 0;   ///< of the journal
  std::string code;         ///< of its last checkpoint; empty: none
};

/// The page that a person opens first in a package: French, then English; nothing in it is fetched or run.
std::string index_html(const PackageFacts& facts, const std::string& zone);

}  // namespace digue::service
