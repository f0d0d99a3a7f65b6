#pragma once

#include <string>
#include <string_view>

/// From the SQL of store/cases to that of PostgreSQL. Pure.
namespace digue::postgres {

/// `?` outside of literals becomes $1, $2 ...
std::string numbered(std::string_view sql);

/// A step of the schema, written for SQLite: types by their names, an INTEGER PRIMARY KEY as identity, text in byte order whatever the
/// cluster's locale, STRICT dropped, triggers that refuse as calls of refuse_change(), which prelude() makes; what refuses to delete
/// refuses to truncate. Anything else is left as it is.
std::string translated(std::string_view step);

/// The functions that the schema and the queries need.
std::string_view prelude();

/// PostgreSQL's text takes neither NUL nor what is not UTF-8: such a byte is kept as U+FDD0, a noncharacter meant for internal use, and two
/// hexadecimal digits, and so is each byte of U+FDD0 itself. No other text changes.
std::string to_stored(std::string_view text);
/// The bytes that to_stored() was given.
std::string from_stored(std::string_view stored);

}  // namespace digue::postgres
