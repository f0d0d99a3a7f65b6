#pragma once

#include <algorithm>
#include <optional>
#include <string_view>

#include "base/crypto/hash.hpp"

namespace digue {

/// Its 32 bytes, as long as the digest lives.
inline std::string_view bytes_of(const Sha256& digest) {
  return {reinterpret_cast<const char*>(digest.bytes.data()), digest.bytes.size()};
}

/// Nothing when there are not 32 bytes.
inline std::optional<Sha256> sha256_of_bytes(std::string_view bytes) {
  Sha256 out;
  if (bytes.size() != out.bytes.size()) return std::nullopt;
  std::copy(bytes.begin(), bytes.end(), out.bytes.begin());
  return out;
}

}  // namespace digue
