#include "store/cases/postgres_cases.hpp"

#include "store/cases/schema.hpp"
#include "store/cases/sql_cases.hpp"
#include "store/postgres/database.hpp"

namespace digue::store {

namespace {

using postgres::Database;

class PostgresConnections final : public Connections {
 public:
  explicit PostgresConnections(postgres::Target target) : target_(std::move(target)) {}

  Result<std::unique_ptr<sql::Database>> reader() override { return Database::connect(target_); }

  Result<std::unique_ptr<sql::Database>> writer() override {
    auto database = Database::connect(target_);
    if (!database) return tl::make_unexpected(database.error());
    auto ready = postgres::own(**database);
    if (ready) ready = postgres::migrate(**database, case_schema());
    if (!ready) return tl::make_unexpected(ready.error());
    return database;
  }

  Result<void> copy(sql::Database& reader, const std::string& path) override { return copy_to_sqlite(reader, path); }
  Result<void> clean(sql::Database& writer) override { return postgres::clean(static_cast<Database&>(writer)); }

 private:
  const postgres::Target target_;
};

}  // namespace

Result<std::unique_ptr<CaseStore>> open_postgres_cases(const std::string& uri, std::optional<SigningKey> key) {
  auto target = postgres::Target::parse(uri);
  if (!target) return tl::make_unexpected(target.error());
  return open_sql_cases(std::make_unique<PostgresConnections>(std::move(*target)), std::move(key));
}

}  // namespace digue::store
