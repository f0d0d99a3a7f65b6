#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>

namespace digue::formats {

/// Whether two texts of `size` bytes are the same bytes; keys are short: a call of memcmp costs more than the comparison.
constexpr bool same_bytes(const char* a, const char* b, std::size_t size) {
  if (std::is_constant_evaluated() || size < 8) {
    for (std::size_t i = 0; i < size; ++i)
      if (a[i] != b[i]) return false;
    return true;
  }
  const auto word = [](const char* at) {
    std::uint64_t value = 0;
    __builtin_memcpy(&value, at, sizeof value);
    return value;
  };
  for (std::size_t i = 0; i + 8 < size; i += 8)
    if (word(a + i) != word(b + i)) return false;
  return word(a + size - 8) == word(b + size - 8);
}

/// ASCII comparison without regard to case.
constexpr bool same_name(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  if (same_bytes(a.data(), b.data(), a.size())) return true;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const auto low = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    if (a[i] != b[i] && low(a[i]) != low(b[i])) return false;
  }
  return true;
}

/// Names known at compile time and what they stand for; found by length and four characters, without regard to case (Graph, the Management
/// API and Sentinel write the same keys in different case).
template <class Value, std::size_t N>
class KeyTable {
 public:
  using Row = std::pair<std::string_view, Value>;

  consteval explicit KeyTable(const std::array<Row, N>& rows) : rows_(rows) {
    for (std::size_t i = 0; i < N; ++i) {
      std::size_t at = slot_of(rows_[i].first);
      while (slots_[at] != 0) at = (at + 1) % slots_.size();
      slots_[at] = static_cast<std::uint16_t>(i + 1);
    }
  }

  /// The value of a name; null when the table has no such name.
  constexpr const Value* find(std::string_view name) const {
    if (name.empty()) return nullptr;
    for (std::size_t at = slot_of(name); slots_[at] != 0; at = (at + 1) % slots_.size()) {
      const Row& row = rows_[slots_[at] - 1u];
      if (same_name(row.first, name)) return &row.second;
    }
    return nullptr;
  }

 private:
  static constexpr std::size_t size() {
    std::size_t size = 16;
    while (size < N * 4) size *= 2;
    return size;
  }
  static constexpr std::size_t slot_of(std::string_view name) {
    const auto at = [name](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(name[i]) | 0x20u); };
    const std::size_t n = name.size();
    const std::uint32_t mixed = (at(0) | at(n / 3) << 8 | at(n / 2) << 16 | at(n - 1) << 24) ^ static_cast<std::uint32_t>(n * 0x01000193u);
    return (mixed * 0x9e3779b1u >> 16) % size();
  }

  std::array<Row, N> rows_;
  std::array<std::uint16_t, size()> slots_{};
};

/// Spares naming N.
template <class Value, std::size_t N>
consteval KeyTable<Value, N> key_table(const std::pair<std::string_view, Value> (&rows)[N]) {
  return KeyTable<Value, N>(std::to_array(rows));
}

}  // namespace digue::formats
