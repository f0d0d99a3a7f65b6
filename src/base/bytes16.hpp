#pragma once

#include <array>
#include <bit>
#include <compare>
#include <cstdint>
#include <cstring>

namespace digue {

/// Sixteen bytes in the order of memcmp, compared as two words: addresses and identities are the keys of the busiest maps and sorts.
struct Bytes16 {
  std::array<std::uint8_t, 16> bytes{};

  /// The first eight bytes; ordered as they are.
  std::uint64_t head() const { return word(0); }
  std::uint64_t tail() const { return word(8); }

  friend bool operator==(const Bytes16& a, const Bytes16& b) { return a.raw(0) == b.raw(0) && a.raw(8) == b.raw(8); }
  friend std::strong_ordering operator<=>(const Bytes16& a, const Bytes16& b) {
    return a.raw(0) != b.raw(0) ? a.head() <=> b.head() : a.tail() <=> b.tail();
  }

 private:
  std::uint64_t raw(std::size_t at) const {
    std::uint64_t value = 0;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return value;
  }
  std::uint64_t word(std::size_t at) const { return std::endian::native == std::endian::little ? __builtin_bswap64(raw(at)) : raw(at); }
};

}  // namespace digue
