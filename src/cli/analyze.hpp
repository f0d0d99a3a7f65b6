#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/messages.hpp"

namespace digue::cli {

struct AnalyzeOptions {
  std::vector<std::string> paths;  ///< files, folders, "-" for standard input
  bool json = false;
  std::string events, html, csv, ocsf;  ///< files to write, empty: not wanted
  std::string profile;                  ///< YAML file
  std::vector<std::string> own_domains, own_ranges, geo_databases;
  std::string zone, since, until, fail_on;
  std::optional<int> year;
  unsigned threads = 0;  ///< 0: as many as the machine has
  bool all_accounts = false, strict = false, allow_unjailed = false, quiet = false;
  Language language = Language::fr;
};

/// `digue analyze`: the exit code of DESIGN section 1 (4 failure, 2 usage, 3 nothing read or rejected under --strict, 1 findings, 0).
int analyze(const AnalyzeOptions& options);

}  // namespace digue::cli
