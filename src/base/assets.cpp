#include "base/assets.hpp"

#include <algorithm>
#include <vector>

extern "C" {
#define ASSET(index, path) extern const char digue_asset_##index[], digue_asset_##index##_end[];
#include "assets.def"
#undef ASSET
}

namespace digue {

std::span<const Asset> assets() {
  static const std::vector<Asset> all{
#define ASSET(index, path) {path, {digue_asset_##index, static_cast<std::size_t>(digue_asset_##index##_end - digue_asset_##index)}},
#include "assets.def"
#undef ASSET
  };
  return all;
}

const Asset* find_asset(std::string_view path) {
  const auto all = assets();
  const auto at = std::lower_bound(all.begin(), all.end(), path, [](const Asset& asset, std::string_view key) { return asset.path < key; });
  return at != all.end() && at->path == path ? &*at : nullptr;
}

}  // namespace digue
