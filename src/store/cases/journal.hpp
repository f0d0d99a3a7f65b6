#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "journal/audit.hpp"
#include "journal/filter.hpp"

/// The part of the case store that holds the main courante.
namespace digue::store {

/// A line as read back.
struct Entry {
  journal::Header header;
  std::optional<journal::Body> body;  ///< nothing: destroyed at the end of its retention, or damaged
  std::optional<std::int64_t> rectified_by;
  Sha256 leaf;
  bool damaged = false;  ///< it does not hash to what was stored beside it: its words are not shown as good
};

/// A line that does not read, or that does not hash to what stands beside it, is told as damaged; its words are not shown as good.
Entry entry_of(const journal::StoredLine& line);

struct JournalPage {
  std::vector<Entry> entries;  ///< by seq
  bool more = false;
  std::int64_t size = 0;  ///< lines of the whole journal
};

struct StoredCheckpoint {
  std::int64_t size = 0;
  std::string note;
  UtcMicros at;
};

/// Where somebody kept a checkpoint outside the workbench: what is needed to notice that a whole journal was written again.
struct CheckpointCopy {
  std::int64_t size = 0;
  std::string how;  ///< paper, print, export, message, timestamp, other
  std::string detail;
  UtcMicros at;
  std::string by;
  std::string proof{};  ///< of a time stamp: the TimeStampResp (DER); else empty
};

using LineVisitor = std::function<Result<void>(const journal::StoredLine&)>;

class JournalReader {
 public:
  virtual ~JournalReader() = default;
  /// Lines behind `after` that the filter lets through.
  virtual Result<JournalPage> journal(const std::string& incident, std::int64_t after, std::int64_t limit,
                                      const journal::Filter& filter) = 0;
  virtual Result<Entry> entry(const std::string& incident, std::int64_t seq) = 0;
  /// When the last line was written; nothing in an empty journal.
  virtual Result<std::optional<UtcMicros>> last_entry(const std::string& incident) = 0;
  /// At most `limit` lines behind `after` as stored, by seq; ends with the first error that `visit` gives.
  virtual Result<void> journal_lines(const std::string& incident, std::int64_t after, std::int64_t limit, const LineVisitor& visit) = 0;
  /// The leaves of the first `size` lines.
  virtual Result<std::vector<Sha256>> leaves(const std::string& incident, std::int64_t size) = 0;
  /// By size.
  virtual Result<std::vector<StoredCheckpoint>> checkpoints(const std::string& incident) = 0;
  virtual Result<std::optional<StoredCheckpoint>> last_checkpoint(const std::string& incident) = 0;
  /// Public keys (raw bytes) that ever signed here, oldest first.
  virtual Result<std::vector<std::string>> journal_keys() = 0;
  /// In the order in which they were noted.
  virtual Result<std::vector<CheckpointCopy>> checkpoint_copies(const std::string& incident) = 0;
};

class JournalWriter {
 public:
  virtual ~JournalWriter() = default;
  /// Numbers, salts, hashes and stores the line; conflict when the line that it rectifies is already rectified, not_found when there is
  /// none.
  virtual Result<Entry> append(const std::string& incident, const journal::Draft& draft, UtcMicros recorded) = 0;
  /// Destroys the words of a line; the line stays as a tombstone.
  virtual Result<void> destroy_body(const std::string& incident, std::int64_t seq) = 0;
  virtual Result<void> add_checkpoint_copy(const std::string& incident, const CheckpointCopy& copy) = 0;
};

class CaseReader;

/// The keys of journal_keys() under the name that they sign an incident's checkpoints with, and those of the workbenches that it came from.
Result<std::vector<journal::VerifierKey>> journal_keys_of(CaseReader& reader, const std::string& incident);

/// Reads every line and checkpoint again. `code`: see journal::Auditor. A key of elsewhere is believed for the checkpoints of its time
/// only.
Result<journal::Audit> audit_journal(CaseReader& reader, const std::string& incident, const std::string& code = {});

}  // namespace digue::store
