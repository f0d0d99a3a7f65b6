#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/text.hpp"

namespace digue::formats::microsoft365 {

/// Signs that an export stopped at one of Microsoft's limits: 5,000 results per call of Search-UnifiedAuditLog, 50,000 per session of it
/// and per Purview export.
inline std::vector<digue::Text> export_limit_signs(std::uint64_t records) {
  if (records == 0 || records % 5000 != 0) return {};
  return {{"cut.export_limit", {std::to_string(records)}}};
}

}  // namespace digue::formats::microsoft365
