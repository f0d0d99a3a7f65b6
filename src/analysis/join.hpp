#pragma once

#include <unordered_map>

#include "analysis/account_names.hpp"
#include "analysis/partition.hpp"

namespace digue::analysis {

/// Brings the records that mean something only together (a mail's lines) into events, which go to the partitions of their accounts.
/// Duplicated records are counted per input.
Result<void> join_fragments(Spill& spill, const Clock& clock, AccountNames& names,
                            std::unordered_map<std::uint32_t, Inputs::Loaded>& loaded);

}  // namespace digue::analysis
