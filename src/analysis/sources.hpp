#pragma once

#include <vector>

#include "analysis/partition.hpp"
#include "model/timeline.hpp"

namespace digue::analysis {

/// Second step: every source address over all accounts. Fills world.sources, countries and accounts, and returns the findings.
Result<std::vector<Finding>> survey_sources(const Spill& spill, const Clock& clock, const enrich::GeoDatabase* geo, World& world);

}  // namespace digue::analysis
