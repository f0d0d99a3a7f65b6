#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace digue {

/// A SHA-512 digest (FIPS 180-4).
struct Sha512 {
  std::array<std::uint8_t, 64> bytes{};
  auto operator<=>(const Sha512&) const = default;
};

std::string to_hex(const Sha512& digest);

/// SHA-512 of a stream.
class Sha512Stream {
 public:
  Sha512Stream();
  ~Sha512Stream();
  Sha512Stream(const Sha512Stream&) = delete;
  Sha512Stream& operator=(const Sha512Stream&) = delete;
  void update(std::string_view data);
  /// The digest of all that was given; the stream is finished by it.
  Sha512 finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace digue
