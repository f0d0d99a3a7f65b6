#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

/// SQLite, wrapped once. A connection and its statements belong to one thread at a time.
namespace digue::sqlite {

/// One prepared statement: bind in order, then step. The first error is kept and told by the next step() or run().
class Statement {
 public:
  Statement(sqlite3* database, std::string_view sql);
  ~Statement();
  Statement(Statement&& other) noexcept;
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& text(std::string_view value);
  Statement& optional_text(const std::optional<std::string>& value);
  Statement& blob(std::string_view value);
  Statement& integer(std::int64_t value);
  Statement& optional_integer(const std::optional<std::int64_t>& value);
  Statement& optional_real(const std::optional<double>& value);

  /// True when a row is there, false at the end.
  Result<bool> step();
  /// Runs to the end, for statements without rows.
  Result<void> run();
  /// Ready to be bound again.
  void reset();

  bool is_null(int column) const;
  bool is_integer(int column) const;
  std::string text_at(int column) const;
  std::optional<std::string> optional_text_at(int column) const;
  std::int64_t integer_at(int column) const;
  std::optional<std::int64_t> optional_integer_at(int column) const;
  std::optional<double> optional_real_at(int column) const;

 private:
  void note(int code);

  sqlite3* database_;
  sqlite3_stmt* statement_ = nullptr;
  int bound_ = 0;
  int failure_ = 0;
};

/// One connection. Its SQL knows fold(text): ASCII lower case, NUL as a blank.
class Database {
 public:
  enum class Mode { read_only, read_write };
  static Result<Database> open(const std::string& path, Mode mode);
  Database(Database&& other) noexcept;
  Database& operator=(Database&& other) noexcept;
  ~Database();

  /// One or more statements without values.
  Result<void> run(std::string_view sql);
  Statement prepare(std::string_view sql) const { return Statement(handle_, sql); }
  std::int64_t changes() const;
  /// False once an error has ended the transaction by itself (full disk, broken file).
  bool in_transaction() const;

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
