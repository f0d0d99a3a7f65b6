#include "store/sqlite/database.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <utility>

#include "base/files.hpp"
#include "base/messages.hpp"
#include "base/text.hpp"

namespace digue::sqlite {

namespace {

tl::unexpected<Error> failure(sqlite3* handle, int code) {
  const int primary = code & 0xff;
  const char* file = handle != nullptr ? sqlite3_db_filename(handle, "main") : nullptr;
  const std::string where = file != nullptr ? file : "";
  if (primary == SQLITE_FULL)
    return fail(ErrorCode::io, tr("store.failed", {{"reason", tr("system.disk_full")}}), where, tr("system.disk_full_help"));
  const ErrorCode kind = primary == SQLITE_CONSTRAINT                                                     ? ErrorCode::conflict
                         : primary == SQLITE_MISUSE || primary == SQLITE_ERROR || primary == SQLITE_RANGE ? ErrorCode::internal
                                                                                                          : ErrorCode::io;
  return fail(kind, tr("store.failed", {{"reason", handle != nullptr ? sqlite3_errmsg(handle) : sqlite3_errstr(code)}}), where);
}

/// fold(text): ASCII lower case, NUL as a blank; SQLite's own lower() and LIKE end at the first NUL, behind which text could hide.
void fold(sqlite3_context* context, int, sqlite3_value** values) {
  const auto* text = static_cast<const char*>(sqlite3_value_blob(values[0]));
  if (text == nullptr) return sqlite3_result_null(context);
  std::string out = lower({text, static_cast<std::size_t>(sqlite3_value_bytes(values[0]))});
  std::replace(out.begin(), out.end(), '\0', ' ');
  sqlite3_result_text64(context, out.data(), out.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

class Statement final : public sql::StatementDriver {
 public:
  Statement(sqlite3* database, std::string_view sql) : database_(database) {
    note(sqlite3_prepare_v2(database, sql.data(), static_cast<int>(sql.size()), &statement_, nullptr));
  }
  ~Statement() override { sqlite3_finalize(statement_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  void bind_null() override { note(sqlite3_bind_null(statement_, ++bound_)); }
  void bind_text(std::string_view value) override {
    note(sqlite3_bind_text64(statement_, ++bound_, value.data() != nullptr ? value.data() : "", value.size(), SQLITE_TRANSIENT,
                             SQLITE_UTF8));
  }
  void bind_blob(std::string_view value) override {
    note(sqlite3_bind_blob64(statement_, ++bound_, value.data(), value.size(), SQLITE_TRANSIENT));
  }
  void bind_integer(std::int64_t value) override { note(sqlite3_bind_int64(statement_, ++bound_, value)); }
  void bind_real(double value) override { note(sqlite3_bind_double(statement_, ++bound_, value)); }

  Result<bool> step() override {
    if (failure_ == 0) {
      const int code = sqlite3_step(statement_);
      if (code == SQLITE_ROW) return true;
      if (code == SQLITE_DONE) return false;
      note(code);
    }
    return failure(database_, failure_);
  }
  void reset() override {
    sqlite3_reset(statement_);
    bound_ = 0;
  }

  bool is_null(int column) const override { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
  bool is_integer(int column) const override { return sqlite3_column_type(statement_, column) == SQLITE_INTEGER; }
  std::string bytes_at(int column) const override {
    const void* data = sqlite3_column_blob(statement_, column);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
    return data == nullptr ? std::string() : std::string(static_cast<const char*>(data), size);
  }
  std::int64_t integer_at(int column) const override { return sqlite3_column_int64(statement_, column); }
  double real_at(int column) const override { return sqlite3_column_double(statement_, column); }

 private:
  void note(int code) {
    if (failure_ == 0 && code != SQLITE_OK) failure_ = code;
  }

  sqlite3* database_;
  sqlite3_stmt* statement_ = nullptr;
  int bound_ = 0;
  int failure_ = 0;
};

}  // namespace

Result<Database> Database::open(const std::string& path, Mode mode) {
  sqlite3* handle = nullptr;
  const int flags = (mode == Mode::read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE) | SQLITE_OPEN_NOMUTEX |
                    SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  Database database(handle);
  if (code != SQLITE_OK) return failure(handle, code);
  sqlite3_busy_timeout(handle, 10'000);
  sqlite3_create_function_v2(handle, "fold", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, nullptr, fold, nullptr, nullptr, nullptr);
  if (auto set = database.run("PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF; PRAGMA secure_delete=ON;"); !set)
    return tl::make_unexpected(set.error());
  return database;
}

Database::Database(Database&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
Database& Database::operator=(Database&& other) noexcept {
  std::swap(handle_, other.handle_);
  return *this;
}
Database::~Database() {
  sqlite3_close_v2(handle_);
}

Result<void> Database::run(std::string_view sql) {
  const int code = sqlite3_exec(handle_, std::string(sql).c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return failure(handle_, code);
  return {};
}

sql::Statement Database::prepare(std::string_view sql) const {
  return sql::Statement(std::make_unique<Statement>(handle_, sql));
}

std::int64_t Database::changes() const {
  return sqlite3_changes64(handle_);
}
bool Database::in_transaction() const {
  return sqlite3_get_autocommit(handle_) == 0;
}

Result<void> copy(Database& database, const std::string& path) {
  auto file = File::create(path, 0600);
  if (!file) return tl::make_unexpected(file.error());
  auto to = Database::open(path, Database::Mode::read_write);
  if (!to) return tl::make_unexpected(to.error());
  sqlite3_backup* backup = sqlite3_backup_init(to->handle_, "main", database.handle_, "main");
  if (backup == nullptr) return failure(to->handle_, sqlite3_errcode(to->handle_));
  const int copied = sqlite3_backup_step(backup, -1);  // all pages in one read transaction
  const int ended = sqlite3_backup_finish(backup);
  if (copied != SQLITE_DONE) return failure(to->handle_, ended == SQLITE_OK ? copied : ended);
  // One file, without a log beside it.
  if (auto done = to->run("PRAGMA journal_mode=DELETE"); !done) return done;
  return file->sync();
}

Result<void> clean(Database& database) {
  // The copy on the way must not reach another disk; a database that memory may not hold goes through a file that is unlinked at once.
  constexpr std::int64_t in_memory = std::int64_t{256} << 20;
  auto size = database.prepare("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()");
  if (const auto row = size.step(); !row) return tl::make_unexpected(row.error());
  const bool small = size.integer_at(0) <= in_memory;
  size.reset();
  auto done = database.run(small ? "PRAGMA temp_store=MEMORY; VACUUM; PRAGMA temp_store=DEFAULT;" : "VACUUM;");
  if (!done) return done;
  auto cut = database.prepare("PRAGMA wal_checkpoint(TRUNCATE)");
  const auto row = cut.step();
  if (!row) return tl::make_unexpected(row.error());
  if (*row && cut.integer_at(0) != 0)
    return fail(ErrorCode::conflict, tr("store.reader_in_the_way"), {}, tr("store.reader_in_the_way_help"));
  return {};
}

Result<void> migrate(Database& database, std::span<const std::string_view> steps) {
  std::int64_t applied = 0;
  {
    auto version = database.prepare("PRAGMA user_version");
    if (const auto row = version.step(); !row) return tl::make_unexpected(row.error());
    applied = version.integer_at(0);
  }
  if (applied > static_cast<std::int64_t>(steps.size())) return fail(ErrorCode::conflict, tr("store.newer"), {}, tr("store.newer_help"));
  for (auto step = static_cast<std::size_t>(applied); step < steps.size(); ++step) {
    std::string sql = "BEGIN IMMEDIATE;";
    sql += steps[step];
    sql += "PRAGMA user_version=" + std::to_string(step + 1) + ";COMMIT;";
    if (auto done = database.run(sql); !done) {
      if (database.in_transaction()) static_cast<void>(database.run("ROLLBACK"));
      return done;
    }
  }
  return {};
}

}  // namespace digue::sqlite
