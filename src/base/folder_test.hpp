#pragma once

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace digue::testing {

/// A folder of its own below the temporary one, removed at the end.
struct Folder {
  std::string path = (std::filesystem::temp_directory_path() / "digue-XXXXXX").string();
  Folder() { REQUIRE(mkdtemp(path.data()) != nullptr); }
  ~Folder() {
    std::error_code gone;
    std::filesystem::remove_all(path, gone);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
};

}  // namespace digue::testing
