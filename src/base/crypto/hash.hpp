#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes16.hpp"

namespace digue {

/// 128 bits of BLAKE2b: identities of events, findings and sessions. Collision-resistant, since the hashed text is the attacker's.
struct Id128 : Bytes16 {};

/// Hash of the parts in order; each part is preceded by its length, so that ("ab","c") and ("a","bc") differ.
Id128 id_of(std::initializer_list<std::string_view> parts);
/// Lower-case hexadecimal, `bytes` of it (1..16).
std::string to_hex(const Id128& id, std::size_t bytes = 16);

/// A SHA-256 digest (FIPS 180-4).
struct Sha256 {
  std::array<std::uint8_t, 32> bytes{};
  auto operator<=>(const Sha256&) const = default;
};

Sha256 sha256(std::string_view data);
std::string to_hex(const Sha256& digest);

/// SHA-256 of a stream.
class Sha256Stream {
 public:
  Sha256Stream();
  ~Sha256Stream();
  Sha256Stream(const Sha256Stream&) = delete;
  Sha256Stream& operator=(const Sha256Stream&) = delete;
  void update(std::string_view data);
  /// The digest of all that was given; the stream is finished by it.
  Sha256 finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace digue
