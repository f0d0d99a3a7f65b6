#pragma once

#include <memory>
#include <optional>

#include "store/cases/cases.hpp"
#include "store/sql/database.hpp"

namespace digue::store {

/// Where a case store gets its connections.
class Connections {
 public:
  virtual ~Connections() = default;
  /// Any thread.
  virtual Result<std::unique_ptr<sql::Database>> reader() = 0;
  /// The only one that writes, its schema at the last step.
  virtual Result<std::unique_ptr<sql::Database>> writer() = 0;
  /// CaseStore::copy_to() with one of reader(), inside its transaction.
  virtual Result<void> copy(sql::Database& reader, const std::string& path) = 0;
  /// CaseStore::clean() with one of writer().
  virtual Result<void> clean(sql::Database& writer) = 0;
};

/// All rows of a case database that is in a transaction of one state, as a new SQLite file on stable storage.
Result<void> copy_to_sqlite(sql::Database& from, const std::string& path);

/// `key`: see open_sqlite_cases().
Result<std::unique_ptr<CaseStore>> open_sql_cases(std::unique_ptr<Connections> connections, std::optional<SigningKey> key);

}  // namespace digue::store
