#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "incident/content_source.hpp"

/// Tests only: the files of one folder of content/ as they ship.
namespace digue::incident {

inline std::vector<ContentFile> shipped_files(const std::string& folder) {
  std::vector<ContentFile> files;
  for (const auto& entry : std::filesystem::directory_iterator(std::string(DIGUE_SOURCE_DIR "/content/") + folder)) {
    std::ifstream stream(entry.path(), std::ios::binary);
    files.push_back({entry.path().filename().string(), {std::istreambuf_iterator<char>(stream), {}}});
  }
  return files;
}

}  // namespace digue::incident
