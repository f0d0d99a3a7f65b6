#pragma once

#include <functional>
#include <set>

#include "analysis/partition.hpp"
#include "model/story.hpp"
#include "story/story.hpp"

namespace digue::analysis {

struct AccountResult {
  AccountStory story;
  std::vector<Finding> findings;
};

/// Third step: every account, partition by partition. One instance a thread.
class AccountAnalyser {
 public:
  AccountAnalyser(const Spill& spill, const Clock& clock, const enrich::GeoDatabase* geo, const World& world)
      : spill_(spill), clock_(clock), world_(world), enricher_(geo, world) {}

  /// Gives the sources known to be hostile for one account (sorted by address).
  using Hostile = std::function<std::vector<story::HostileSource>(std::string_view account)>;
  /// Gets each account's rows with its result.
  using Each = std::function<void(const AccountView& view, AccountResult result)>;
  /// Whether an account is wanted, given its events.
  using Wanted = std::function<bool(std::string_view account, const std::vector<Row>& rows)>;

  /// `loaded` (may be null) gets the counts of duplicates and times per input.
  Result<void> run(std::size_t partition, const Wanted& wanted, const Hostile& hostile, const Each& each,
                   std::unordered_map<std::uint32_t, Inputs::Loaded>* loaded);

 private:
  Row row_of(const Spilled& event, UtcMicros time);

  const Spill& spill_;
  const Clock& clock_;
  const World& world_;
  Enricher enricher_;
};

}  // namespace digue::analysis
