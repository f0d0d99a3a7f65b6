#pragma once

#include "incident/draft.hpp"
#include "service/duties.hpp"

/// What duties, calls and drafts are decided from.
namespace digue::service {

/// What an incident's qualification says.
Result<incident::Facts> facts_of(store::CaseReader& reader, const std::string& incident);

/// Clock instants and filings of one establishment: its own, else those of the incident as a whole.
incident::DutyTimes times_of(const std::vector<incident::Instant>& history, const std::vector<incident::DutyFiling>& filings,
                             const incident::Establishment& establishment);

/// The values of a draft's placeholders; `filings` are those of the establishment.
Result<incident::DraftValues> draft_values(store::CaseReader& reader, const Context& context, const Caller& caller,
                                           const std::string& incident, const incident::Establishment& establishment,
                                           const std::vector<incident::DutyFiling>& filings, const std::string& duty, Language language);

/// "22/11/2026 14:05 (+01:00)" in the zone.
std::string local_text(UtcMicros time, const std::string& zone);

}  // namespace digue::service
