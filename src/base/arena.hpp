#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace digue {

/// Bump allocator for texts that live as long as one record (or one partition). `padding` readable bytes stand behind every text.
class Arena {
 public:
  static constexpr std::size_t padding = 64;

  /// Room for `size` bytes, uninitialised.
  char* room(std::size_t size) {
    const std::size_t need = size + padding;
    while (current_ < blocks_.size() && blocks_[current_].size - used_ < need) {
      ++current_;
      used_ = 0;
    }
    if (current_ == blocks_.size()) {
      const std::size_t bytes = std::max(need, block_size);
      blocks_.push_back({std::make_unique_for_overwrite<char[]>(bytes), bytes});
      used_ = 0;
    }
    char* at = blocks_[current_].bytes.get() + used_;
    used_ += size;
    return at;
  }

  std::string_view copy(std::string_view text) {
    if (text.empty()) return {};
    char* at = room(text.size());
    std::memcpy(at, text.data(), text.size());
    return {at, text.size()};
  }

  /// ASCII lower case.
  std::string_view lower(std::string_view text) {
    if (text.empty()) return {};
    char* at = room(text.size());
    std::transform(text.begin(), text.end(), at, [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return {at, text.size()};
  }

  std::string_view join(std::initializer_list<std::string_view> parts) {
    std::size_t size = 0;
    for (const auto part : parts) size += part.size();
    char* const start = room(size);
    char* at = start;
    for (const auto part : parts) at = std::copy(part.begin(), part.end(), at);
    return {start, size};
  }

  /// Forgets all texts; blocks beyond the first few are given back.
  void clear() {
    if (blocks_.size() > 8) blocks_.resize(8);
    current_ = 0;
    used_ = 0;
  }

 private:
  static constexpr std::size_t block_size = 64 * 1024;
  struct Block {
    std::unique_ptr<char[]> bytes;
    std::size_t size;
  };
  std::vector<Block> blocks_;
  std::size_t current_ = 0;
  std::size_t used_ = 0;
};

}  // namespace digue
