#pragma once

#include <span>

#include "base/crypto/sha512.hpp"
#include "service/jobs.hpp"

/// Reading exhibits again: whether their bytes are still those that were received.
namespace digue::service {

/// What one exhibit was found to be.
struct Reread {
  incident::Exhibit exhibit;
  std::string problem;  ///< empty: as it was received
};

/// Takes the bytes of one exhibit, part by part.
using TakeBytes = std::function<Result<void>(std::string_view part)>;

/// Reads an exhibit to its end, hashes it, and gives its bytes to `take` on the way. `running` counts them and may stop it (cancelled).
/// An error of `take` ends it; what cannot be read is a problem of the exhibit.
Result<Reread> reread(const store::Vault& vault, const incident::Exhibit& exhibit, Running& running, const TakeBytes& take = {});

/// Custody events verified or damaged, with state and time of verification set; `events` gets them. Returns the note on what is damaged;
/// empty: all are good.
Result<std::string> settle(store::CaseWriter& writer, const Context& context, const Caller& caller, const std::string& incident,
                           std::span<const Reread> found, UtcMicros at, std::vector<incident::CustodyEvent>& events);

/// Reads the exhibits named (empty: all) again, as a job. A mismatch is told loudly: state, custody, journal.
Result<JobView> start_verification(const Context& context, Jobs& jobs, const Caller& caller, const std::string& incident,
                                   const std::vector<std::string>& exhibits);

}  // namespace digue::service
