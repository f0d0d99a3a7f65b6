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
                                        const journal::Filter& filter = {});

/// How far the journal is protected against being written again.
struct Protection {
  std::int64_t size = 0;                        ///< lines
  std::optional<store::StoredCheckpoint> last;  ///< signed here
  std::string code;                             ///< of `last`, for paper; empty without one
  std::vector<store::CheckpointCopy> copies;    ///< kept outside, oldest first
  std::vector<std::string> copy_codes;          ///< the code of each copy
  std::vector<journal::VerifierKey> keys;       ///< that sign or signed here
};
Result<Protection> journal_protection(const Context& context, const std::string& incident);

/// Reads every line and checkpoint again. `code` from paper: Audit::code_size says how many lines it stands for.
Result<journal::Audit> verify_journal(const Context& context, const std::string& incident, const std::string& code = {});

/// Notes, in the journal too, that somebody keeps the checkpoint of the first `size` lines outside. `how`: paper, print, export, message,
/// other. not_found when no checkpoint has that size.
Result<Protection> note_checkpoint_copy(const Context& context, const Caller& caller, const std::string& incident, std::int64_t size,
                                        const std::string& how, const std::string& detail);

/// A request to a time stamping authority (RFC 3161, DER) over the last checkpoint, to be carried there by a person.
struct TimestampRequest {
  std::int64_t size = 0;  ///< of the checkpoint
  std::string der;
};
Result<TimestampRequest> request_timestamp(const Context& context, const std::string& incident);
/// Keeps the authority's answer over the checkpoint of that size as a copy held outside, and journals it. `authorities`: PEM certificates
/// that are trusted for it. bad_input, saying what does not hold.
Result<Protection> add_timestamp(const Context& context, const Caller& caller, const std::string& incident, std::int64_t size,
                                 const std::string& response, const std::string& authorities);

/// One line with the proof that it is in the journal (c2sp.org/tlog-proof): the extra data hold the line itself as in an export.
Result<std::string> line_proof(const Context& context, const std::string& incident, std::int64_t seq);

/// The journal as digue.journal-export/1, part by part: lines that come meanwhile are not in it.
class JournalExport {
 public:
  static Result<JournalExport> open(const Context& context, const std::string& incident);
  /// Appends the next lines to `part`; false at the end.
  Result<bool> next(std::string& part);
  std::int64_t size() const { return size_; }
  /// The short code of its last checkpoint; empty without one.
  std::string code() const;

 private:
  JournalExport(const Context& context, std::string incident) : context_(&context), incident_(std::move(incident)) {}
  const Context* context_;
  std::string incident_;
  std::string head_;
  std::vector<store::StoredCheckpoint> checkpoints_;
  std::size_t next_checkpoint_ = 0;
  std::int64_t after_ = 0;
  std::int64_t size_ = 0;
};

}  // namespace digue::service
