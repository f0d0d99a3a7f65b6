#include "base/encoding.hpp"
#include "base/json/value.hpp"
#include "base/messages.hpp"
#include "base/text.hpp"
#include "store/cases/sql_rows.hpp"
#include "store/cases/sql_session.hpp"

namespace digue::store {

namespace {

using Kind = MovedColumn::Kind;
/// A story's analysis is the largest value.
constexpr json::Bounds row_bounds{.bytes = std::size_t{256} << 20, .depth = 4};

json::Value value_at(const sql::Statement& row, int column, Kind kind) {
  if (row.is_null(column)) return nullptr;
  if (kind == Kind::integer) return row.integer_at(column);
  auto text = row.text_at(column);
  if (kind == Kind::bytes) return json::Value(hex(text));
  if (!is_utf8(text)) return json::Object{{"hex", hex(text)}};
  return json::Value(text);
}

tl::unexpected<Error> malformed(const MovedTable& table, std::string_view column) {
  return fail(ErrorCode::bad_input, tr("move.row"), std::string(table.name) + "." + std::string(column));
}

bool bind(sql::Statement& statement, const MovedColumn& column, const json::Value& value) {
  if (value.is_null()) {
    if (!column.nullable) return false;
    statement.optional_integer(std::nullopt);
    return true;
  }
  if (column.kind == Kind::integer) {
    if (!value.is_int64()) return false;
    statement.integer(value.get_int64());
    return true;
  }
  const auto* encoded = value.if_object();
  const auto* inner = encoded != nullptr && encoded->size() == 1 ? encoded->if_contains("hex") : nullptr;
  const bool in_hex = column.kind == Kind::bytes || inner != nullptr;
  const auto& carrier = inner != nullptr ? *inner : value;
  if (!carrier.is_string()) return false;
  const std::string text(carrier.get_string());
  if (!in_hex) {
    statement.text(text);
    return true;
  }
  const auto raw = from_hex(text);
  if (!raw) return false;
  if (column.kind == Kind::bytes)
    statement.blob(*raw);
  else
    statement.text(*raw);
  return true;
}

/// An id names files and routes: it is what Digue gives.
bool is_id(const json::Value& value) {
  return value.is_string() && value.get_string().size() <= 64 && !value.get_string().empty() &&
         std::string_view(value.get_string()).find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyz_-") == std::string_view::npos;
}

}  // namespace

Result<void> SqlSession::incident_rows(const std::string& incident, const RowVisitor& visit) {
  for (const auto& table : moved_tables()) {
    std::string sql = "SELECT ";
    for (const auto& column : table.columns) sql.append(&column == table.columns.data() ? "" : ", ").append(column.name);
    sql.append(" FROM ").append(table.name).append(" WHERE ").append(table.where).append(" ORDER BY ").append(table.order);
    auto query = database_.prepare_long(sql);
    query.text(incident);
    for (;;) {
      const auto row = query.step();
      if (!row) return tl::make_unexpected(row.error());
      if (!*row) break;
      json::Object out;
      for (std::size_t i = 0; i < table.columns.size(); ++i)
        out[table.columns[i].name] = value_at(query, static_cast<int>(i), table.columns[i].kind);
      if (auto seen = visit(table, json::canonical(out)); !seen) return seen;
    }
  }
  return {};
}

Result<void> SqlSession::take_row(const std::string& incident, const MovedTable& table, std::string_view json) {
  const auto value = json::parse(json, row_bounds);
  if (!value || !value->is_object()) return malformed(table, "");
  const auto& object = value->get_object();
  if (object.size() != table.columns.size()) return malformed(table, "");
  // Rows of the incident itself and of establishments name their incident otherwise.
  const bool owned = table.where.starts_with("incident");
  std::string names = owned ? "incident" : "";
  std::string places = owned ? "?" : "";
  for (const auto& column : table.columns) {
    names.append(names.empty() ? "" : ", ").append(column.name);
    places.append(places.empty() ? "?" : ",?");
  }
  auto add = database_.prepare("INSERT INTO " + std::string(table.name) + "(" + names + ") VALUES(" + places + ")" +
                               (table.name == "establishments" ? " ON CONFLICT(id) DO NOTHING" : ""));
  if (owned) add.text(incident);
  for (const auto& column : table.columns) {
    const auto* at = object.if_contains(column.name);
    if (at == nullptr || (column.name == "id" && !is_id(*at)) || !bind(add, column, *at)) return malformed(table, column.name);
    if (table.name == "incidents" && column.name == "id" && at->get_string() != incident) return malformed(table, column.name);
  }
  return add.run();
}

Result<std::vector<OriginKey>> SqlSession::origin_keys(const std::string& incident) {
  auto query = database_.prepare("SELECT key, first, last FROM origin_keys WHERE incident = ? ORDER BY first, key");
  query.text(incident);
  return rows<OriginKey>(query, [](const sql::Statement& row) {
    return OriginKey{from_base64(row.text_at(0)).value_or(""), row.integer_at(1), row.integer_at(2)};
  });
}

Result<void> SqlSession::add_origin_key(const std::string& incident, const OriginKey& key) {
  auto add = database_.prepare(
      "INSERT INTO origin_keys(incident, key, first, last, at) VALUES(?,?,?,?,?)"
      " ON CONFLICT(incident, key) DO UPDATE SET"
      " first = CASE WHEN origin_keys.first < excluded.first THEN origin_keys.first ELSE excluded.first END,"
      " last = CASE WHEN origin_keys.last > excluded.last THEN origin_keys.last ELSE excluded.last END");
  add.text(incident).text(base64(key.key)).integer(key.first).integer(key.last).integer(now().value);
  return add.run();
}

}  // namespace digue::store
