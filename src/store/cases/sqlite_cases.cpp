#include "store/cases/schema.hpp"
#include "store/cases/sql_cases.hpp"
#include "store/cases/sql_rows.hpp"
#include "store/sqlite/database.hpp"

namespace digue::store {

namespace {

using sqlite::Database;

class SqliteConnections final : public Connections {
 public:
  explicit SqliteConnections(std::string path) : path_(std::move(path)) {}

  Result<std::unique_ptr<sql::Database>> reader() override {
    auto database = Database::open(path_, Database::Mode::read_only);
    if (!database) return tl::make_unexpected(database.error());
    return std::make_unique<Database>(std::move(*database));
  }

  Result<std::unique_ptr<sql::Database>> writer() override {
    auto database = Database::open(path_, Database::Mode::read_write);
    if (!database) return tl::make_unexpected(database.error());
    // After a burst, or a long read that kept the log from being written back, it is cut to this size again.
    auto ready = database->run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA journal_size_limit=16777216;");
    if (ready) ready = sqlite::migrate(*database, case_schema());
    if (!ready) return tl::make_unexpected(ready.error());
    return std::make_unique<Database>(std::move(*database));
  }

  Result<void> copy(sql::Database& reader, const std::string& path) override { return sqlite::copy(static_cast<Database&>(reader), path); }
  Result<void> clean(sql::Database& writer) override { return sqlite::clean(static_cast<Database&>(writer)); }

 private:
  const std::string path_;
};

}  // namespace

Result<std::unique_ptr<CaseStore>> open_sqlite_cases(const std::string& path, std::optional<SigningKey> key) {
  return open_sql_cases(std::make_unique<SqliteConnections>(path), std::move(key));
}

Result<std::vector<std::string>> sqlite_holdings(const std::string& path) {
  const auto database = Database::open(path, Database::Mode::read_only);
  if (!database) return tl::make_unexpected(database.error());
  auto query = database->prepare("SELECT DISTINCT sha256 FROM exhibits WHERE state <> 'destroyed' ORDER BY sha256");
  return rows<std::string>(query, [](const sql::Statement& row) { return row.text_at(0); });
}

}  // namespace digue::store
