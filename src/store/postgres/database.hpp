#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "store/postgres/target.hpp"
#include "store/sql/database.hpp"

/// PostgreSQL through libpq, wrapped once.
namespace digue::postgres {

struct Link;

/// One connection. A change that fails inside a transaction takes back itself only; a question that fails ends it. After a lost connection
/// nothing of its transaction is kept, but for a commit() whose answer never came: its error says that this is not known.
class Database final : public sql::Database {
 public:
  static Result<std::unique_ptr<Database>> connect(const Target& target);
  explicit Database(std::unique_ptr<Link> link);
  ~Database() override;

  Result<void> run(std::string_view sql) override;
  sql::Statement prepare(std::string_view sql) const override;
  sql::Statement prepare_long(std::string_view sql) const override;
  std::int64_t changes() const override;
  Result<void> begin(Access access) override;
  Result<void> commit() override;
  bool in_transaction() const override;
  bool connected() const override;

 private:
  std::unique_ptr<Link> link_;
};

/// Makes this connection the only one of Digue that writes to its database, as long as it lives; conflict when another one is. Refuses
/// a server that would lose what it acknowledged (fsync, full_page_writes, synchronous_commit) and a database that is not in UTF-8.
Result<void> own(Database& database);

/// Writes the tables anew, so that their files hold nothing that was deleted. conflict when another connection keeps an old view. The
/// server's log and its archives keep what they have until their own end.
Result<void> clean(Database& database);

/// Brings a database to the last of `steps` (for SQLite, see dialect.hpp); the table digue_schema counts those applied. Refuses a database
/// that a newer version wrote.
Result<void> migrate(Database& database, std::span<const std::string_view> steps);

}  // namespace digue::postgres
