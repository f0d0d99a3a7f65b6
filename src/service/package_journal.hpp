#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json/value.hpp"
#include "journal/export.hpp"

namespace digue::service {

/// The journal of a package: audited line by line, with the custody events that it holds.
class PackageJournal {
 public:
  void take(std::string_view line, std::int64_t number);
  /// Tells every problem: kind, line of the file, message.
  void finish(const std::function<void(std::string_view kind, std::int64_t line, std::string message)>& tell);

  const std::string& incident() const { return incident_; }
  std::int64_t lines() const { return lines_; }
  json::Value audit() const { return audit_; }
  /// The short code over all lines, computed from them.
  const std::string& code() const { return code_; }
  /// Hashes of custody events that lines link, in order, each with its line in the file.
  const std::vector<std::pair<std::int64_t, std::string>>& custody_heads() const { return heads_; }

 private:
  journal::ExportReader reader_;
  std::string incident_;
  std::int64_t lines_ = 0;
  json::Value audit_;
  std::string code_;
  std::vector<std::pair<std::int64_t, std::string>> heads_;
  std::vector<std::int64_t> places_;  ///< line in the file of each line of the journal
  std::string unreadable_;            ///< why the first line was refused
};

}  // namespace digue::service
