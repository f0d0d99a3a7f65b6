#include "store/postgres/database.hpp"

#include <libpq-fe.h>

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <optional>
#include <thread>
#include <vector>

#include "base/encoding.hpp"
#include "base/messages.hpp"
#include "base/text.hpp"
#include "store/postgres/dialect.hpp"

namespace digue::postgres {

namespace {

// Types by their numbers, which never change (pg_type.dat).
constexpr Oid bytea = 17, int8 = 20, int2 = 21, int4 = 23, text = 25, float8 = 701;
/// Rows of a long result that are held at once.
constexpr int batch = 200;

struct Freed {
  void operator()(PGresult* result) const { PQclear(result); }
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
using Answer = std::unique_ptr<PGresult, Freed>;

bool good(const Answer& answer) {
  const auto status = PQresultStatus(answer.get());
  return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

std::string one_line(std::string_view message) {
  std::string out(trim(message));
  for (auto& c : out)
    if (c == '\n' || c == '\t') c = ' ';
  return out;
}

struct Values {
  std::vector<std::optional<std::string>> bytes;
  std::vector<Oid> types;
  std::vector<int> formats;

  void add(std::optional<std::string> value, Oid type) {
    bytes.push_back(std::move(value));
    types.push_back(type);
    formats.push_back(type == bytea ? 1 : 0);
  }
  /// As libpq takes them.
  std::pair<std::vector<const char*>, std::vector<int>> pointers() const {
    std::pair<std::vector<const char*>, std::vector<int>> out;
    for (const auto& one : bytes) {
      out.first.push_back(one ? one->data() : nullptr);
      out.second.push_back(one ? static_cast<int>(one->size()) : 0);
    }
    return out;
  }
};

struct Command {
  std::string sql;
  const Values* values;
};

}  // namespace

struct Link {
  std::unique_ptr<PGconn, Freed> connection;
  std::int64_t changes = 0;
  std::int64_t cursors = 0;
  bool lost = false;

  bool connected() const { return !lost && PQstatus(connection.get()) == CONNECTION_OK; }
  PGTransactionStatusType state() const { return connected() ? PQtransactionStatus(connection.get()) : PQTRANS_UNKNOWN; }

  tl::unexpected<Error> failure(const Answer& answer) {
    const char* code = PQresultErrorField(answer.get(), PG_DIAG_SQLSTATE);
    const std::string_view sqlstate = code != nullptr ? code : "";
    const char* primary = PQresultErrorField(answer.get(), PG_DIAG_MESSAGE_PRIMARY);
    const auto reason = one_line(primary != nullptr ? primary : PQerrorMessage(connection.get()));
    const std::string where = PQdb(connection.get());
    // 57P: the server stops, stopped or starts; 08: the connection itself.
    lost = lost || sqlstate.starts_with("57P") || sqlstate.starts_with("08") || PQstatus(connection.get()) != CONNECTION_OK;
    if (lost) return fail(ErrorCode::io, tr("postgres.lost", {{"reason", reason}}), where, tr("postgres.lost_help"));
    if (sqlstate == "53100")
      return fail(ErrorCode::io, tr("store.failed", {{"reason", tr("system.disk_full")}}), where, tr("system.disk_full_help"));
    const ErrorCode kind = sqlstate.starts_with("23") || sqlstate == "55P03"          ? ErrorCode::conflict
                           : sqlstate.starts_with("42") || sqlstate.starts_with("22") ? ErrorCode::internal
                                                                                      : ErrorCode::io;
    return fail(kind, tr("store.failed", {{"reason", reason}}), where);
  }

  Result<Answer> ask(const std::string& sql) {
    Answer answer(PQexec(connection.get(), sql.c_str()));
    if (!good(answer)) return failure(answer);
    return answer;
  }

  /// Several statements in one journey; the answer of each, or the first error.
  Result<std::vector<Answer>> ask_all(std::initializer_list<Command> commands) {
    auto* to = connection.get();
    bool sent = PQenterPipelineMode(to) == 1;
    for (const auto& command : commands) sent = sent && send(command);
    sent = sent && PQpipelineSync(to) == 1;
    std::vector<Answer> answers;
    std::optional<Error> error;
    while (sent && answers.size() < commands.size()) {
      answers.emplace_back(PQgetResult(to));
      if (!error && !good(answers.back())) error = failure(answers.back()).value();
      if (!answers.back() || lost) break;
      static_cast<void>(Answer{PQgetResult(to)});  // the end of this one
    }
    if (!lost) static_cast<void>(Answer{PQgetResult(to)});  // the end of all
    if (PQexitPipelineMode(to) != 1) lost = true;
    if (error) return tl::make_unexpected(std::move(*error));
    if (!sent || lost) return failure(nullptr);
    return answers;
  }

  bool send(const Command& command) {
    static const Values none;
    const auto& values = command.values != nullptr ? *command.values : none;
    const auto [data, sizes] = values.pointers();
    return PQsendQueryParams(connection.get(), command.sql.c_str(), static_cast<int>(data.size()), values.types.data(), data.data(),
                             sizes.data(), values.formats.data(), 0) == 1;
  }
};

namespace {

class Statement final : public sql::StatementDriver {
 public:
  Statement(Link& link, std::string sql, bool is_long) : link_(link), sql_(std::move(sql)), is_long_(is_long) {}
  ~Statement() override { close(); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  void bind_null() override { values_.add(std::nullopt, 0); }
  void bind_text(std::string_view value) override { values_.add(to_stored(value), text); }
  void bind_blob(std::string_view value) override { values_.add(std::string(value), bytea); }
  void bind_integer(std::int64_t value) override { values_.add(std::to_string(value), int8); }
  void bind_real(double value) override { values_.add(fmt::format("{}", value), float8); }

  Result<bool> step() override {
    if (!rows_) {
      if (auto begun = start(); !begun) return tl::make_unexpected(begun.error());
    } else if (++row_ == PQntuples(rows_.get()) && cursor_ != 0 && row_ == batch) {
      auto more = link_.ask(fetch());
      if (!more) return tl::make_unexpected(more.error());
      take(std::move(*more));
    }
    return row_ < PQntuples(rows_.get());
  }
  void reset() override {
    close();
    rows_.reset();
    values_ = {};
  }

  bool is_null(int column) const override { return PQgetisnull(rows_.get(), row_, column) == 1; }
  bool is_integer(int column) const override {
    const auto type = PQftype(rows_.get(), column);
    return !is_null(column) && (type == int8 || type == int4 || type == int2);
  }
  std::string bytes_at(int column) const override {
    const auto value = value_at(column);
    if (PQftype(rows_.get(), column) != bytea) return from_stored(value);
    return value.starts_with("\\x") ? from_hex(value.substr(2)).value_or("") : std::string();
  }
  std::int64_t integer_at(int column) const override { return number_at<std::int64_t>(column); }
  double real_at(int column) const override { return number_at<double>(column); }

 private:
  Result<void> start() {
    if (is_long_) {
      cursor_ = ++link_.cursors;
      auto answers = link_.ask_all({{"DECLARE " + name() + " NO SCROLL CURSOR FOR " + sql_, &values_}, {fetch(), nullptr}});
      if (!answers) {
        cursor_ = 0;
        return tl::make_unexpected(answers.error());
      }
      take(std::move(answers->back()));
      return {};
    }
    // A change that fails must not end the transaction: PostgreSQL would refuse all that comes behind it.
    const bool guarded = !sql_.starts_with("SELECT") && link_.state() == PQTRANS_INTRANS;
    auto answers = guarded ? link_.ask_all({{"SAVEPOINT change", nullptr}, {sql_, &values_}, {"RELEASE change", nullptr}})
                           : link_.ask_all({{sql_, &values_}});
    if (!answers) {
      if (guarded && link_.state() == PQTRANS_INERROR) static_cast<void>(link_.ask("ROLLBACK TO change; RELEASE change"));
      return tl::make_unexpected(answers.error());
    }
    auto& answer = answers->at(guarded ? 1 : 0);
    link_.changes = parse<std::int64_t>(PQcmdTuples(answer.get()));
    take(std::move(answer));
    return {};
  }

  void take(Answer rows) {
    rows_ = std::move(rows);
    row_ = 0;
  }
  void close() {
    if (cursor_ != 0 && link_.state() == PQTRANS_INTRANS) static_cast<void>(link_.ask("CLOSE " + name()));
    cursor_ = 0;
  }

  std::string name() const { return "rows_" + std::to_string(cursor_); }
  std::string fetch() const { return "FETCH " + std::to_string(batch) + " FROM " + name(); }
  std::string_view value_at(int column) const {
    return {PQgetvalue(rows_.get(), row_, column), static_cast<std::size_t>(PQgetlength(rows_.get(), row_, column))};
  }
  template <class Number>
  static Number parse(std::string_view digits) {
    Number out{};
    std::from_chars(digits.data(), digits.data() + digits.size(), out);
    return out;
  }
  template <class Number>
  Number number_at(int column) const {
    return parse<Number>(value_at(column));
  }

  Link& link_;
  const std::string sql_;
  const bool is_long_;
  Values values_;
  Answer rows_;
  int row_ = 0;
  std::int64_t cursor_ = 0;
};

}  // namespace

Result<std::unique_ptr<Database>> Database::connect(const Target& target) {
  std::vector<const char*> keywords, values;
  for (const auto& [keyword, value] : target.options()) {
    keywords.push_back(keyword.c_str());
    values.push_back(value.c_str());
  }
  keywords.push_back(nullptr);
  values.push_back(nullptr);
  auto link = std::make_unique<Link>();
  link->connection.reset(PQconnectdbParams(keywords.data(), values.data(), 0));
  auto* connection = link->connection.get();
  if (PQstatus(connection) != CONNECTION_OK) {
    const bool password = PQconnectionNeedsPassword(connection) == 1 || PQconnectionUsedPassword(connection) == 1;
    return fail(ErrorCode::io, tr("postgres.unreachable", {{"reason", one_line(PQerrorMessage(connection))}}), target.uri(),
                tr(password ? "postgres.password_help" : "postgres.unreachable_help"));
  }
  PQsetNoticeProcessor(connection, [](void*, const char*) {}, nullptr);
  std::string settings =
      "SET client_min_messages = error; SET bytea_output = hex; SET standard_conforming_strings = on; SET statement_timeout = 0;"
      "SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0;"
      // The server, too, gives up a connection whose other end is gone, and with it the lock of own().
      "SET tcp_keepalives_idle = 15; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3;";
  if (PQserverVersion(connection) >= 140000) settings += "SET idle_session_timeout = 0;";
  if (auto set = link->ask(settings); !set) return tl::make_unexpected(set.error());
  return std::make_unique<Database>(std::move(link));
}

Database::Database(std::unique_ptr<Link> link) : link_(std::move(link)) {}
Database::~Database() = default;

Result<void> Database::run(std::string_view sql) {
  if (auto done = link_->ask(std::string(sql)); !done) return tl::make_unexpected(done.error());
  return {};
}

sql::Statement Database::prepare(std::string_view sql) const {
  return sql::Statement(std::make_unique<Statement>(*link_, numbered(sql), false));
}

sql::Statement Database::prepare_long(std::string_view sql) const {
  return sql::Statement(std::make_unique<Statement>(*link_, numbered(sql), true));
}

std::int64_t Database::changes() const {
  return link_->changes;
}

Result<void> Database::begin(Access access) {
  return run(access == Access::write ? "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
                                     : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
}

Result<void> Database::commit() {
  const auto done = link_->ask("COMMIT");
  // What failed before is rolled back, and answered as if that were what was asked for.
  if (done && std::string_view(PQcmdStatus(done->get())) != "COMMIT")
    return fail(ErrorCode::io, tr("store.failed", {{"reason", "ROLLBACK"}}), PQdb(link_->connection.get()));
  if (done) return {};
  if (link_->lost) return fail(ErrorCode::io, tr("postgres.unknown"), done.error().where, tr("postgres.unknown_help"));
  return tl::make_unexpected(done.error());
}

bool Database::in_transaction() const {
  const auto state = link_->state();
  return state == PQTRANS_INTRANS || state == PQTRANS_INERROR;
}

bool Database::connected() const {
  return link_->connected();
}

namespace {

/// `synchronous_commit` has several good values: all but off.
Result<void> check_settings(Database& database) {
  for (const std::string name : {"fsync", "full_page_writes", "synchronous_commit", "server_encoding"}) {
    auto setting = database.prepare("SELECT current_setting(?)");
    setting.text(name);
    if (const auto row = setting.step(); !row) return tl::make_unexpected(row.error());
    const auto value = setting.text_at(0);
    if (name == "server_encoding") {
      if (value != "UTF8") return fail(ErrorCode::conflict, tr("postgres.encoding", {{"value", value}}), {}, tr("postgres.encoding_help"));
    } else if (value == "off") {
      return fail(ErrorCode::conflict, tr("postgres.setting", {{"name", name}}), {}, tr("postgres.setting_help", {{"name", name}}));
    }
  }
  return {};
}

}  // namespace

Result<void> own(Database& database) {
  if (auto good = check_settings(database); !good) return good;
  // "Digue" in ASCII. A program that was killed a moment ago may still have its connection.
  for (int tries = 0; tries < 10; ++tries) {
    if (tries > 0) std::this_thread::sleep_for(std::chrono::milliseconds(200));
    auto lock = database.prepare("SELECT pg_try_advisory_lock(293826164069)::int");
    if (const auto row = lock.step(); !row) return tl::make_unexpected(row.error());
    if (lock.integer_at(0) == 1) return {};
  }
  return fail(ErrorCode::conflict, tr("postgres.owned"), {}, tr("postgres.owned_help"));
}

Result<void> clean(Database& database) {
  const auto in_the_way = [] { return fail(ErrorCode::conflict, tr("store.reader_in_the_way"), {}, tr("store.reader_in_the_way_help")); };
  const auto text_of = [&](const std::string& question) -> Result<std::string> {
    auto query = database.prepare(question);
    const auto row = query.step();
    if (!row) return tl::make_unexpected(row.error());
    return query.text_at(0);
  };
  // Rows that an older view still sees would be written anew with the others.
  const auto now_at = text_of("SELECT pg_current_xact_id()::xid");
  if (!now_at) return tl::make_unexpected(now_at.error());
  const auto older =
      "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
      " AND backend_xmin IS NOT NULL AND age(backend_xmin) >= age('" +
      *now_at + "'::xid)";
  for (int tries = 0;; ++tries) {
    const auto views = text_of(older);
    if (!views) return tl::make_unexpected(views.error());
    if (*views == "0") break;
    if (tries == 50) return in_the_way();
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
  const auto tables = text_of("SELECT string_agg(quote_ident(tablename), ', ') FROM pg_tables WHERE schemaname = current_schema()");
  if (!tables) return tl::make_unexpected(tables.error());
  auto done = database.run("SET lock_timeout = 10000");
  if (done) done = database.run("VACUUM (FULL) " + *tables);
  const bool locked = !done && done.error().code == ErrorCode::conflict;
  if (auto reset = database.run("SET lock_timeout = 0"); done && !reset) done = reset;
  return locked ? Result<void>(in_the_way()) : done;
}

Result<void> migrate(Database& database, std::span<const std::string_view> steps) {
  std::int64_t applied = 0;
  {
    if (auto made =
            database.run("CREATE TABLE IF NOT EXISTS digue_schema(step BIGINT PRIMARY KEY, applied TIMESTAMPTZ NOT NULL DEFAULT now())");
        !made)
      return made;
    auto version = database.prepare("SELECT coalesce(max(step), 0) FROM digue_schema");
    if (const auto row = version.step(); !row) return tl::make_unexpected(row.error());
    applied = version.integer_at(0);
  }
  if (applied > static_cast<std::int64_t>(steps.size())) return fail(ErrorCode::conflict, tr("store.newer"), {}, tr("store.newer_help"));
  for (auto step = static_cast<std::size_t>(applied); step < steps.size(); ++step) {
    auto done = database.begin(sql::Database::Access::write);
    if (done && step == 0) done = database.run(prelude());
    if (done) done = database.run(translated(steps[step]));
    if (done) done = database.run("INSERT INTO digue_schema(step) VALUES(" + std::to_string(step + 1) + ")");
    if (done) done = database.commit();
    if (!done) {
      if (database.in_transaction()) static_cast<void>(database.run("ROLLBACK"));
      return done;
    }
  }
  return {};
}

}  // namespace digue::postgres
