#pragma once

#include <span>
#include <string_view>

namespace digue {

/// A file of content/ or web/dist that was built into the program.
struct Asset {
  std::string_view path;  ///< "content/playbook/m1.yaml"
  std::string_view data;
};

/// All embedded files, sorted by path.
std::span<const Asset> assets();
/// The file at that path; null when it was not embedded.
const Asset* find_asset(std::string_view path);

}  // namespace digue
