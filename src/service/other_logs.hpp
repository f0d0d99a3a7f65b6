#pragma once

#include "service/context.hpp"

/// Main courantes that were written on another machine, a laptop that was disconnected: each stays a log of its own origin, with its own
/// numbers, signatures and codes, and is an exhibit as it came (docs/journal-format.md).
namespace digue::service {

inline constexpr std::string_view other_log_method = "journal";  ///< of the exhibit; no evidence for an analysis
inline constexpr std::size_t max_other_log = std::size_t{32} << 20;

struct OtherLog {
  incident::Exhibit exhibit;
  journal::Audit audit;
  std::vector<store::Entry> entries;  ///< by number
  bool altered = false;               ///< its bytes are no longer those that were taken in
};

/// Takes the export (digue.journal-export/1) of another machine in. `machine`: what people call it. `code`: from paper; empty: none.
/// Errors: bad_input when it is no export, is damaged (the first bad line is named) or does not have the code; conflict when it is this
/// incident's own journal, holds nothing new, or does not continue what came before under its name.
Result<OtherLog> take_other_log(const Context& context, const Caller& caller, const std::string& incident, const std::string& machine,
                                const std::string& bytes, const std::string& code);

/// The newest state of each, in the order in which they first came.
Result<std::vector<OtherLog>> other_logs(const Context& context, const std::string& incident);

}  // namespace digue::service
