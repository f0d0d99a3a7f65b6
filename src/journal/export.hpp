#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json/value.hpp"
#include "journal/audit.hpp"

/// A journal as one file that a stranger can verify: digue.journal-export/1 (docs/journal-format.md), one JCS text a line.
namespace digue::journal {

inline constexpr std::string_view export_version = "digue.journal-export/1";
/// Of one line of an export: words and header, escaped.
inline constexpr std::size_t max_export_line = std::size_t{1} << 20;

/// The first line: whose journal, and the keys that sign its checkpoints.
std::string export_head(std::string_view incident, const std::vector<VerifierKey>& keys);
std::string export_line(const StoredLine& line);
std::string export_checkpoint(std::string_view note);

/// Reads an export line by line (without line ends) and audits it. What cannot be read behind the first line is a problem of the journal
/// and does not end the reading.
class ExportReader {
 public:
  /// `keys` empty: those that the export names itself. `code` as for Auditor.
  explicit ExportReader(std::vector<VerifierKey> keys = {}, std::string code = {}) : keys_(std::move(keys)), code_(std::move(code)) {}
  /// The journal's line that stands there; nothing for the first line, a checkpoint, and what does not read. bad_input: the first line is
  /// not that of an export.
  Result<std::optional<StoredLine>> take(std::string_view line);
  /// bad_input when nothing was taken.
  Result<Audit> finish() const;

 private:
  Result<void> start(const json::Value& value);

  std::vector<VerifierKey> keys_;
  std::string code_;
  std::optional<Auditor> auditor_;
};

}  // namespace digue::journal
