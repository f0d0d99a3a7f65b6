#include "base/files.hpp"
#include "store/cases/schema.hpp"
#include "store/cases/sql_cases.hpp"
#include "store/cases/sql_rows.hpp"
#include "store/sqlite/database.hpp"

namespace digue::store {

namespace {

struct Column {
  std::string name, type;
};

Result<void> copy_table(sql::Database& from, sql::Database& to, const std::string& table) {
  auto described = to.prepare("SELECT name, type FROM pragma_table_info(?) ORDER BY cid");
  described.text(table);
  const auto columns = rows<Column>(described, [](const sql::Statement& row) { return Column{row.text_at(0), row.text_at(1)}; });
  if (!columns) return tl::make_unexpected(columns.error());
  std::string names, places;
  for (const auto& column : *columns) {
    names.append(names.empty() ? "" : ", ").append(column.name);
    places.append(places.empty() ? "?" : ",?");
  }
  auto query = from.prepare_long("SELECT " + names + " FROM " + table);
  auto add = to.prepare("INSERT INTO " + table + "(" + names + ") VALUES(" + places + ")");
  for (;;) {
    const auto row = query.step();
    if (!row) return tl::make_unexpected(row.error());
    if (!*row) return {};
    add.reset();
    for (int i = 0; i < static_cast<int>(columns->size()); ++i) {
      const auto& type = (*columns)[static_cast<std::size_t>(i)].type;
      if (query.is_null(i) || type == "INTEGER")
        add.optional_integer(query.optional_integer_at(i));
      else if (type == "BLOB")
        add.blob(query.text_at(i));
      else
        add.text(query.text_at(i));
    }
    if (auto done = add.run(); !done) return done;
  }
}

}  // namespace

Result<void> copy_to_sqlite(sql::Database& from, const std::string& path) {
  auto file = File::create(path, 0600);
  if (!file) return tl::make_unexpected(file.error());
  auto to = sqlite::Database::open(path, sqlite::Database::Mode::read_write);
  if (!to) return tl::make_unexpected(to.error());
  auto done = sqlite::migrate(*to, case_schema());
  // Tables come in the order in which they were made, which is not that of what they refer to in rows.
  if (done) done = to->run("PRAGMA foreign_keys=OFF");
  if (done) done = to->begin(sql::Database::Access::write);
  if (!done) return done;
  std::vector<std::string> tables;
  {
    auto list = to->prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY rowid");
    auto found = rows<std::string>(list, [](const sql::Statement& row) { return row.text_at(0); });
    if (!found) return tl::make_unexpected(found.error());
    tables = std::move(*found);
  }
  for (const auto& table : tables)
    if (done) done = copy_table(from, *to, table);
  if (done) done = to->commit();
  return done ? file->sync() : done;
}

}  // namespace digue::store
