#pragma once

#include <string>

#include "base/files.hpp"
#include "base/result.hpp"

namespace digue::store {

/// $XDG_DATA_HOME/digue, else ~/.local/share/digue; usage when neither is set.
Result<std::string> default_data_directory();

/// A data directory owned by this process until the value is destroyed.
class DataDirectory {
 public:
  /// Creates it when absent (mode 0700) and takes its lock; conflict, naming the other process, when it has an owner.
  static Result<DataDirectory> open(const std::string& path);

  const std::string& path() const { return path_; }
  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  DataDirectory(std::string path, File lock) : path_(std::move(path)), lock_(std::move(lock)) {}
  std::string path_;
  File lock_;
};

}  // namespace digue::store
