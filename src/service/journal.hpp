#pragma once

#include "service/context.hpp"

namespace digue::service {

/// A line that a person writes. The caller is its author.
struct NewLine {
  std::optional<UtcMicros> event_time;  ///< nothing: now
  std::optional<std::string> zone;      ///< nothing: that of the establishment
  journal::Precision precision = journal::Precision::second;
  journal::Kind kind = journal::Kind::fact;
  std::optional<std::string> reporter;
  std::string text;
  std::vector<std::string> machines;
  std::vector<std::string> accounts;
  std::optional<std::int64_t> rectifies;
};

/// On disk when it returns.
Result<store::Entry> write_line(const Context& context, const Caller& caller, const std::string& incident, const NewLine& line);

Result<store::JournalPage> read_journal(const Context& context, const std::string& incident, std::int64_t after, std::int64_t limit,
                                        const std::string& words);

}  // namespace digue::service
