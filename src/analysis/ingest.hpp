#pragma once

#include "analysis/account_names.hpp"
#include "analysis/inputs.hpp"
#include "analysis/reader.hpp"
#include "analysis/spill.hpp"

namespace digue::analysis {

/// Partitions of the spill: events by account, sign-in attempts by source address, fragments by join key.
inline constexpr std::size_t account_partitions = 64, source_partitions = 64, fragment_partitions = 32;
inline constexpr std::size_t all_partitions = account_partitions + source_partitions + fragment_partitions;

std::size_t account_partition(std::string_view account);
std::size_t source_partition(const IpAddress& ip);
std::size_t fragment_partition(std::string_view join_key);

/// Parses blocks until the queue is closed; several threads may run it at once.
Result<void> parse_blocks(BlockQueue& queue, Inputs& inputs, Spill& spill, AccountNames& names);

/// Adds an event to the partition of its account, under the account's own name, and, for a sign-in with an address, to that of its source.
Result<void> route(SpillWriter& writer, AccountNamer& names, bool primary, const Event& event);

}  // namespace digue::analysis
