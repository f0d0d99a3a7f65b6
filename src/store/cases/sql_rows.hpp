#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/messages.hpp"
#include "base/time.hpp"
#include "store/sql/database.hpp"

namespace digue::store {

inline std::optional<UtcMicros> time_at(const sql::Statement& row, int column) {
  if (row.is_null(column)) return std::nullopt;
  return UtcMicros{row.integer_at(column)};
}

inline std::optional<std::int64_t> micros(const std::optional<UtcMicros>& time) {
  return time ? std::optional(time->value) : std::nullopt;
}

/// The one row of a statement, made by `make`; not_found, told by `absent_key`, when there is none.
template <class T, class Make>
Result<T> one(sql::Statement& statement, Make make, std::string_view absent_key, const std::string& id) {
  const auto row = statement.step();
  if (!row) return tl::make_unexpected(row.error());
  if (!*row) return fail(ErrorCode::not_found, tr(absent_key), id);
  return make(statement);
}

/// All rows of a statement, each made by `make`.
template <class T, class Make>
Result<std::vector<T>> rows(sql::Statement& statement, Make make) {
  std::vector<T> out;
  for (;;) {
    const auto row = statement.step();
    if (!row) return tl::make_unexpected(row.error());
    if (!*row) return out;
    out.push_back(make(statement));
  }
}

}  // namespace digue::store
