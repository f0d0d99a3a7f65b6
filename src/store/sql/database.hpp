#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

/// What the case store asks of a database. Implemented by store/sqlite and store/postgres; SQL is what both understand.
namespace digue::sql {

/// One statement as a driver runs it. The first error is kept and told by step(). Columns count from 0.
class StatementDriver {
 public:
  virtual ~StatementDriver() = default;
  virtual void bind_null() = 0;
  virtual void bind_text(std::string_view value) = 0;
  virtual void bind_blob(std::string_view value) = 0;
  virtual void bind_integer(std::int64_t value) = 0;
  virtual void bind_real(double value) = 0;
  virtual Result<bool> step() = 0;
  virtual void reset() = 0;
  virtual bool is_null(int column) const = 0;
  virtual bool is_integer(int column) const = 0;
  virtual std::string bytes_at(int column) const = 0;
  virtual std::int64_t integer_at(int column) const = 0;
  virtual double real_at(int column) const = 0;
};

/// One prepared statement: bind in order, then step. The first error is kept and told by the next step() or run(). It lives no longer than
/// its database.
class Statement {
 public:
  explicit Statement(std::unique_ptr<StatementDriver> driver) : driver_(std::move(driver)) {}

  Statement& text(std::string_view value) { return driver_->bind_text(value), *this; }
  Statement& blob(std::string_view value) { return driver_->bind_blob(value), *this; }
  Statement& integer(std::int64_t value) { return driver_->bind_integer(value), *this; }
  Statement& optional_text(const std::optional<std::string>& value) { return value ? text(*value) : null(); }
  Statement& optional_integer(const std::optional<std::int64_t>& value) { return value ? integer(*value) : null(); }
  Statement& optional_real(const std::optional<double>& value) {
    value ? driver_->bind_real(*value) : driver_->bind_null();
    return *this;
  }

  /// True when a row is there, false at the end.
  Result<bool> step() { return driver_->step(); }
  /// Runs to the end, for statements without rows.
  Result<void> run();
  /// Ready to be bound again.
  void reset() { driver_->reset(); }

  bool is_null(int column) const { return driver_->is_null(column); }
  bool is_integer(int column) const { return driver_->is_integer(column); }
  std::string text_at(int column) const { return driver_->bytes_at(column); }
  std::optional<std::string> optional_text_at(int column) const { return is_null(column) ? std::nullopt : std::optional(text_at(column)); }
  std::int64_t integer_at(int column) const { return driver_->integer_at(column); }
  std::optional<std::int64_t> optional_integer_at(int column) const {
    return is_null(column) ? std::nullopt : std::optional(integer_at(column));
  }
  std::optional<double> optional_real_at(int column) const {
    return is_null(column) ? std::nullopt : std::optional(driver_->real_at(column));
  }

 private:
  Statement& null() { return driver_->bind_null(), *this; }
  std::unique_ptr<StatementDriver> driver_;
};

/// One connection; it and its statements belong to one thread at a time. Its SQL knows fold(text): ASCII lower case. A change that
/// failed leaves its transaction as it was before, unless in_transaction() says that it ended.
class Database {
 public:
  virtual ~Database() = default;
  /// One or more statements without values.
  virtual Result<void> run(std::string_view sql) = 0;
  /// Values stand as `?`.
  virtual Statement prepare(std::string_view sql) const = 0;
  /// The same for results that may be long: rows are fetched as they are stepped through. Inside a transaction.
  virtual Statement prepare_long(std::string_view sql) const { return prepare(sql); }
  /// Rows that the last statement added, changed or removed.
  virtual std::int64_t changes() const = 0;
  enum class Access { read, write };
  /// For `read`, all statements up to commit() see one state.
  virtual Result<void> begin(Access access) = 0;
  /// Success: on stable storage.
  virtual Result<void> commit() = 0;
  /// False once an error has ended the transaction by itself (full disk, broken file, lost connection).
  virtual bool in_transaction() const = 0;
  /// False once the connection is lost for good.
  virtual bool connected() const { return true; }
};

inline Result<void> Statement::run() {
  for (;;) {
    const auto row = step();
    if (!row) return tl::make_unexpected(row.error());
    if (!*row) return {};
  }
}

}  // namespace digue::sql
