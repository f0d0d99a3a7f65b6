#pragma once

#include <span>
#include <string>
#include <string_view>

#include "store/sql/database.hpp"

struct sqlite3;

/// SQLite, wrapped once.
namespace digue::sqlite {

/// One connection. Its fold(text) takes a NUL as a blank.
class Database final : public sql::Database {
 public:
  enum class Mode { read_only, read_write };
  static Result<Database> open(const std::string& path, Mode mode);
  Database(Database&& other) noexcept;
  Database& operator=(Database&& other) noexcept;
  ~Database() override;

  Result<void> run(std::string_view sql) override;
  sql::Statement prepare(std::string_view sql) const override;
  std::int64_t changes() const override;
  Result<void> begin(Access access) override { return run(access == Access::write ? "BEGIN IMMEDIATE" : "BEGIN"); }
  Result<void> commit() override { return run("COMMIT"); }
  bool in_transaction() const override;

 private:
  friend Result<void> copy(Database& database, const std::string& path);
  explicit Database(sqlite3* handle) : handle_(handle) {}
  sqlite3* handle_ = nullptr;
};

/// The database as it is at one moment, as a new file `path` on stable storage (the backup interface of SQLite); others may write
/// meanwhile.
Result<void> copy(Database& database, const std::string& path);

/// Writes the database anew and cuts its log, so that no page holds what was deleted: moved rows leave copies that secure_delete does not
/// see. conflict when a reader keeps an old view.
Result<void> clean(Database& database);

/// Brings a database to the last of `steps`; user_version counts those applied. Refuses a file that a newer version wrote.
Result<void> migrate(Database& database, std::span<const std::string_view> steps);

}  // namespace digue::sqlite
