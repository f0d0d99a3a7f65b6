#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "store/cases/cases.hpp"
#include "store/sql/database.hpp"

namespace digue::store {

/// The database of one test. The test runs once for each kind: SQLite, and PostgreSQL where it is installed.
class ContractDatabase {
 public:
  ContractDatabase();
  explicit ContractDatabase(std::string uri);
  ~ContractDatabase();
  ContractDatabase(const ContractDatabase&) = delete;
  ContractDatabase& operator=(const ContractDatabase&) = delete;

  bool is_postgres() const { return !uri_.empty(); }
  Result<std::unique_ptr<CaseStore>> open(std::optional<SigningKey> key = std::nullopt) const;
  /// What any program with rights on the database sees.
  std::unique_ptr<sql::Database> raw() const;
  /// The same in the hands of somebody whom no trigger and no key stops.
  std::unique_ptr<sql::Database> unguarded() const;

  /// A second one, of the other kind where both are there.
  std::unique_ptr<ContractDatabase> another() const;
  /// True when a file that the database keeps (not the log of a server) has the word in it.
  bool files_hold(std::string_view word) const;

 private:
  std::string folder_, uri_;
};

}  // namespace digue::store
