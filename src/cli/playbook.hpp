#pragma once

#include <string>

namespace digue::cli {

struct PlaybookOptions {
  std::string command;  ///< export, import, check
  std::string format = "cacao";
  std::string path;
  bool json = false;
};

/// Exports the playbook to standard output, or looks at a CACAO file: nothing of it is ever run. 0; 1 when faults were found; 2 for a wrong
/// option; 4 when it could not be read.
int playbook(const PlaybookOptions& options);

}  // namespace digue::cli
