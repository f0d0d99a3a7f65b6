#pragma once

#include "service/journal.hpp"

namespace digue::service {

/// The main courante on paper (HTML, report/document.hpp): the lines that the filter lets through, in the order in which they were written,
/// and how the whole is protected and verified.
Result<std::string> journal_paper(const Context& context, const std::string& incident, const journal::Filter& filter, Language language);

/// An empty sheet to write lines on by hand, in the columns that an import reads. `incident` empty: of none.
Result<std::string> journal_sheet(const Context& context, const std::string& incident, Language language);

/// The same lines as CSV, one row a line, and the checkpoint in the last row.
Result<std::string> journal_csv(const Context& context, const std::string& incident, const journal::Filter& filter, Language language);

}  // namespace digue::service
