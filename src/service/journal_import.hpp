#pragma once

#include "service/journal.hpp"

namespace digue::service {

inline constexpr std::size_t max_import = std::size_t{768} << 10;  ///< bytes; a JSON body holds one
inline constexpr std::size_t max_imported_lines = 2000;

/// Lines kept on paper or in another tool, as CSV (comma, semicolon, tab or bar; the first row names the columns, in French or English).
/// They become late entries: event time as given, recording time now, author = the caller, reporter = who wrote them there.
struct JournalImport {
  std::string csv;
  std::string zone;      ///< of times without offset; empty: the establishment's
  std::string reporter;  ///< of rows that name none
  std::string source;    ///< where the lines come from, told in the journal: "cahier de l'astreinte"
};

struct ImportRow {
  std::int64_t line = 0;  ///< of the file, 1 = the names of the columns
  NewLine entry;
  std::string problem;  ///< not empty: refused, and why
};

struct ImportResult {
  std::vector<ImportRow> rows;
  std::vector<std::string> unknown_columns;
  std::int64_t accepted = 0;
  std::int64_t refused = 0;
};

/// What an import would do. bad_input when no column holds the text or the time.
Result<ImportResult> read_import(const Context& context, const JournalImport& given);
/// Writes the accepted rows, in the order of the file, all or none.
Result<ImportResult> import_journal(const Context& context, const Caller& caller, const std::string& incident, const JournalImport& given);

}  // namespace digue::service
