#include <unistd.h>

#include <charconv>
#include <filesystem>

#include "base/files.hpp"
#include "base/messages.hpp"
#include "base/text.hpp"
#include "store/events/events.hpp"
#include "store/sqlite/database.hpp"

namespace digue::store {

namespace {

using sqlite::Database;

constexpr std::string_view table = R"(
PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA secure_delete=OFF;
CREATE TABLE events(
  number INTEGER PRIMARY KEY, time INTEGER, account TEXT, class INTEGER, activity ANY, operation TEXT, outcome TEXT, ip TEXT, country TEXT,
  device TEXT, session TEXT, actor TEXT, confidence REAL, uid TEXT, input INTEGER NOT NULL, offset INTEGER NOT NULL, length INTEGER NOT NULL
) STRICT;
BEGIN;)";
constexpr std::string_view indexes =
    "COMMIT; CREATE INDEX by_account ON events(account); CREATE INDEX by_session ON events(session); CREATE INDEX by_ip ON events(ip);"
    "CREATE INDEX by_time ON events(time);";

// What a text search looks into.
const std::string words =
    "ifnull(operation,'')||char(10)||ifnull(account,'')||char(10)||ifnull(ip,'')||char(10)||ifnull(country,'')||char(10)||ifnull(device,'')"
    "||char(10)||ifnull(session,'')||char(10)||ifnull(uid,'')";

class SqliteBatch final : public EventBatch {
 public:
  SqliteBatch(std::string part, std::string file, Database database)
      : part_(std::move(part)),
        file_(std::move(file)),
        database_(std::make_unique<Database>(std::move(database))),
        insert_(std::make_unique<sql::Statement>(database_->prepare(
            "INSERT INTO events(time, account, class, activity, operation, outcome, ip, country, device, session, actor, confidence, uid,"
            " input, offset, length) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"))) {}
  ~SqliteBatch() override {
    insert_.reset();
    database_.reset();
    ::unlink(part_.c_str());
  }

  Result<void> add(const EventRow& row) override {
    auto& insert = *insert_;
    insert.reset();
    insert.optional_integer(row.time ? std::optional(row.time->value) : std::nullopt).optional_text(row.account);
    insert.optional_integer(row.ocsf_class);
    if (const auto* number = std::get_if<std::int64_t>(&row.activity))
      insert.integer(*number);
    else
      insert.optional_text(std::holds_alternative<std::string>(row.activity) ? std::optional(std::get<std::string>(row.activity))
                                                                             : std::nullopt);
    insert.optional_text(row.operation).optional_text(row.outcome).optional_text(row.ip).optional_text(row.country);
    insert.optional_text(row.device).optional_text(row.session).optional_text(row.actor).optional_real(row.confidence);
    insert.optional_text(row.uid).integer(row.input).integer(row.offset).integer(row.length);
    return insert.run();
  }

  Result<void> commit() override {
    insert_.reset();
    auto done = database_->run(indexes);
    database_.reset();
    if (!done) return done;
    auto file = File::open(part_);
    if (!file) return tl::make_unexpected(file.error());
    done = file->sync();
    if (done) done = rename_file(part_, file_);
    if (done) done = sync_directory(std::filesystem::path(file_).parent_path().string());
    return done;
  }

 private:
  const std::string part_, file_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<sql::Statement> insert_;
};

EventRow row_of(const sql::Statement& row) {
  EventRow out;
  if (const auto time = row.optional_integer_at(1)) out.time = UtcMicros{*time};
  out.account = row.optional_text_at(2);
  out.ocsf_class = row.optional_integer_at(3);
  if (row.is_integer(4))
    out.activity = row.integer_at(4);
  else if (!row.is_null(4))
    out.activity = row.text_at(4);
  out.operation = row.optional_text_at(5);
  out.outcome = row.optional_text_at(6);
  out.ip = row.optional_text_at(7);
  out.country = row.optional_text_at(8);
  out.device = row.optional_text_at(9);
  out.session = row.optional_text_at(10);
  out.actor = row.optional_text_at(11);
  out.confidence = row.optional_real_at(12);
  out.uid = row.optional_text_at(13);
  out.input = row.integer_at(14);
  out.offset = row.integer_at(15);
  out.length = row.integer_at(16);
  return out;
}

/// "<version>.<number>" -> number.
Result<std::int64_t> cursor(const std::string& text, std::int64_t version) {
  if (text.empty()) return 0;
  std::int64_t of_version = 0;
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, of_version);
  if (first.ec != std::errc() || first.ptr == end || *first.ptr != '.') return fail(ErrorCode::bad_input, tr("events.bad_cursor"), "after");
  const auto second = std::from_chars(first.ptr + 1, end, number);
  if (second.ec != std::errc() || second.ptr != end) return fail(ErrorCode::bad_input, tr("events.bad_cursor"), "after");
  if (of_version != version) return fail(ErrorCode::conflict, tr("events.recomputed"), "after", tr("events.recomputed_help"));
  return number;
}

class SqliteEvents final : public EventStore {
 public:
  explicit SqliteEvents(std::string path) : path_(std::move(path)) {}

  Result<std::unique_ptr<EventBatch>> begin(const std::string& incident, std::int64_t version) override {
    if (auto made = make_directories(folder(incident)); !made) return tl::make_unexpected(made.error());
    const std::string part = file(incident, version) + ".part";
    if (auto removed = remove_file(part); !removed) return tl::make_unexpected(removed.error());
    auto database = Database::open(part, Database::Mode::read_write);
    if (!database) return tl::make_unexpected(database.error());
    if (auto ready = database->run(table); !ready) return tl::make_unexpected(ready.error());
    return std::make_unique<SqliteBatch>(part, file(incident, version), std::move(*database));
  }

  Result<EventPage> query(const std::string& incident, std::int64_t version, const EventQuery& query) override {
    const auto after = cursor(query.after, version);
    if (!after) return tl::make_unexpected(after.error());
    if (!file_exists(file(incident, version))) return fail(ErrorCode::not_found, tr("story.absent"), incident);
    auto database = Database::open(file(incident, version), Database::Mode::read_only);
    if (!database) return tl::make_unexpected(database.error());
    // Only the filters that are given, so that the engine can take the best index.
    std::string sql = "SELECT * FROM events WHERE number > ?";
    std::vector<std::string> texts;
    const auto equals = [&](std::string_view column, const std::string& value) {
      if (value.empty()) return;
      sql.append(" AND ").append(column).append(" = ?");
      texts.push_back(value);
    };
    equals("account", query.account);
    equals("session", query.session);
    equals("actor", query.actor);
    equals("ip", query.ip);
    if (!query.text.empty()) {
      sql += " AND instr(fold(" + words + "), ?) > 0";
      texts.push_back(lower(query.text));
    }
    if (query.from) sql += " AND time >= ?";
    if (query.to) sql += " AND time <= ?";
    auto select = database->prepare(sql + " ORDER BY number LIMIT ?");
    select.integer(*after);
    for (const auto& text : texts) select.text(text);
    if (query.from) select.integer(query.from->value);
    if (query.to) select.integer(query.to->value);
    select.integer(query.limit + 1);
    EventPage page;
    std::int64_t last = 0;
    for (;;) {
      const auto row = select.step();
      if (!row) return tl::make_unexpected(row.error());
      if (!*row) return page;
      if (static_cast<std::int64_t>(page.rows.size()) == query.limit) {
        page.next = std::to_string(version) + "." + std::to_string(last);
        return page;
      }
      last = select.integer_at(0);
      page.rows.push_back(row_of(select));
    }
  }

  Result<void> keep_only(const std::string& incident, std::int64_t version) override {
    std::error_code problem;
    for (std::filesystem::directory_iterator at(folder(incident), problem), end; !problem && at != end; at.increment(problem))
      if (at->path().string() != file(incident, version))
        if (auto removed = remove_file(at->path().string()); !removed) return removed;
    return {};
  }

 private:
  std::string folder(const std::string& incident) const { return path_ + "/" + incident; }
  std::string file(const std::string& incident, std::int64_t version) const {
    return folder(incident) + "/" + std::to_string(version) + ".sqlite";
  }
  const std::string path_;
};

}  // namespace

Result<std::unique_ptr<EventStore>> open_sqlite_events(const std::string& path) {
  if (auto made = make_directories(path); !made) return tl::make_unexpected(made.error());
  return std::make_unique<SqliteEvents>(path);
}

}  // namespace digue::store
