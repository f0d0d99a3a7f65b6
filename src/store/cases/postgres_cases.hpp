#pragma once

#include "store/cases/cases.hpp"

namespace digue::store {

/// As open_sqlite_cases(), on PostgreSQL. `uri`: see postgres::Target. One store for each database: conflict when another program has it. A
/// server that went away is asked again by the next read or write; a write whose commit it did not answer fails as "not known to be saved".
Result<std::unique_ptr<CaseStore>> open_postgres_cases(const std::string& uri, std::optional<SigningKey> key = std::nullopt);

}  // namespace digue::store
