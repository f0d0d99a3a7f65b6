#pragma once

#include "service/context.hpp"

namespace digue::service {

/// A line that the workbench writes by itself about what somebody did.
struct Note {
  std::string about;  ///< stays in a tombstone: "exhibit.received"
  std::string text;
  std::vector<std::string> accounts;
  std::vector<journal::Link> links;
  std::vector<std::string> machines{};
  journal::Kind kind = journal::Kind::system;  ///< decision: what a person decided through the workbench
};

/// The line that it makes, event time = `time`.
journal::Draft draft_of(const Context& context, const Caller& caller, Note note, UtcMicros time);
/// Writes it in the transaction of `writer`, event time = now.
Result<store::Entry> write_note(store::CaseWriter& writer, const Context& context, const Caller& caller, const std::string& incident,
                                Note note);

/// A line of the security log about what the caller did, in the transaction of `writer`.
Result<void> write_security_note(store::CaseWriter& writer, const Caller& caller, std::string kind, std::string detail);

/// The text in the language of the journal.
const std::string& say(const Context& context, const Localized& text);
/// Message in the language of the journal.
std::string say(const Context& context, std::string_view key, MessageValues values = {});

/// The first line of an incident: what the machine says of its clock.
Note clock_note(const Context& context);

}  // namespace digue::service
