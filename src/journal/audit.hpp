#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json/value.hpp"
#include "journal/checkpoint.hpp"
#include "journal/entry.hpp"

/// Whether a journal is what it was: every line, every checkpoint. Needs the lines alone, no database.
namespace digue::journal {

/// A line as bytes, read back from a store or an export.
struct StoredLine {
  std::string header;  ///< JCS text
  Sha256 body_hash;
  Sha256 leaf;
  std::optional<std::string> salt;  ///< nothing with `body`: the words were destroyed
  std::optional<std::string> body;  ///< JCS text
};

/// Something that is not as it was written. All lines from `first` to `last` may be meant.
struct Problem {
  std::int64_t first = 0;
  std::int64_t last = 0;
  std::string id;  ///< line.damaged, line.number, line.header, line.body, line.salt, line.rectifies, checkpoint.signature,
                   ///< checkpoint.damaged, checkpoint.order, checkpoint.missing_lines, checkpoint.root
  std::string message;
};

struct Audit {
  std::string incident;
  std::int64_t lines = 0;
  std::int64_t destroyed = 0;             ///< lines whose words are gone, provably
  std::int64_t checkpoints = 0;           ///< good ones
  std::int64_t signed_to = 0;             ///< the last line that a good checkpoint covers
  std::int64_t clock_steps = 0;           ///< lines recorded before the line above them: no damage, but to be explained
  Checkpoint head;                        ///< over all lines
  std::vector<VerifierKey> keys;          ///< that signed good checkpoints
  std::optional<std::int64_t> code_size;  ///< the number of lines that the expected code stands for
  std::vector<Problem> problems;          ///< by line, max_problems at most
  std::int64_t problem_count = 0;

  bool good() const { return problem_count == 0; }
};

inline constexpr std::size_t max_problems = 100;

/// Takes the lines of one journal in order, each checkpoint behind the last line that it covers.
class Auditor {
 public:
  /// `keys`: those believed. `code`: a short code from paper to look for; empty: none.
  Auditor(std::string incident, std::vector<VerifierKey> keys, std::string code = {});
  /// A key that is believed for checkpoints of at most `last` lines.
  void believe(VerifierKey key, std::int64_t last) { believed_until_.emplace_back(std::move(key), last); }
  void line(const StoredLine& line);
  /// A line stands there that is none any more.
  void unreadable_line();
  void checkpoint(std::string_view note);
  /// Of what was taken so far.
  Audit finish() const;

 private:
  void problem(std::int64_t first, std::int64_t last, std::string_view id);
  Checkpoint head() const;

  Audit audit_;
  std::vector<VerifierKey> believed_;
  std::vector<std::pair<VerifierKey, std::int64_t>> believed_until_;
  std::string code_;
  Frontier tree_;
  std::set<std::int64_t> rectified_;
  std::optional<UtcMicros> recorded_;
  std::int64_t last_named_ = 0;  ///< the last line with a problem of its own
  bool broken_ = false;          ///< a root differed: those behind it differ for the same cause
};

/// As commands and the interface give it: {incident, good, lines, destroyed, checkpoints, signed_to, clock_steps, code, root, keys:[..],
/// code_size, problem_count, problems:[{first, last, id, message}]}; `code` is the short code over all lines.
json::Value to_json(const Audit& audit);

}  // namespace digue::journal
