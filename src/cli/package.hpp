#pragma once

#include <string>

/// What is done with evidence packages away from any workbench: checking them, opening sealed ones.
namespace digue::cli {

struct PackageOptions {
  std::string command;  ///< verify, open, key; empty: none of them
  std::string path;     ///< of the package, of the sealed file; for key: of the secret key that is written
  std::string to;       ///< where the opened file goes
  std::string passphrase_file;
  std::string key_file;
  bool json = false;
};

/// Exit code of DESIGN section 1: 1 when the package is not what was handed over.
int package(const PackageOptions& options);

}  // namespace digue::cli
