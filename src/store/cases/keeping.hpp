#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "incident/retention.hpp"

/// The part of the case store that holds closings, legal holds and destructions (docs/keeping.md).
namespace digue::store {

class KeepingReader {
 public:
  virtual ~KeepingReader() = default;
  /// In the order in which they were decided.
  virtual Result<std::vector<incident::Closing>> closings(const std::string& incident) = 0;
  /// Those lifted, too, in the order in which they were set.
  virtual Result<std::vector<incident::Hold>> holds_of(const std::string& incident) = 0;
  virtual Result<std::optional<incident::Destruction>> destruction(const std::string& incident) = 0;
  /// Destroyed incidents whose words and bytes may still stand in files: a crash came between.
  virtual Result<std::vector<std::string>> uncleaned() = 0;
  /// SHA-256 of the incident's destroyed exhibits that no other exhibit holds.
  virtual Result<std::vector<std::string>> lost_bytes(const std::string& incident) = 0;
};

class KeepingWriter {
 public:
  virtual ~KeepingWriter() = default;
  virtual Result<void> add_closing(const std::string& incident, const incident::Closing& closing) = 0;
  virtual Result<void> add_hold(const std::string& incident, const incident::Hold& hold) = 0;
  /// Keeps who lifted it, when and why; not_found when there is none that stands.
  virtual Result<void> lift_hold(const std::string& incident, const incident::Hold& hold) = 0;
  /// All words of the incident and its work go: bodies of the journal, accounts, tasks, qualifications, pins, proofs, jobs, stories, title
  /// and description; with `with_register` what was declared, too. What stays: header, hash and leaf of each line, checkpoints, exhibits
  /// (as destroyed) with their records and custody, closings and holds. conflict when it was destroyed already.
  virtual Result<void> destroy(const std::string& incident, const incident::Destruction& destruction, bool with_register) = 0;
  /// Words and bytes are gone from all files.
  virtual Result<void> set_cleaned(const std::string& incident) = 0;
};

}  // namespace digue::store
