#include "people/recovery.hpp"

#include <algorithm>

#include "base/crypto/hash.hpp"
#include "base/crypto/random.hpp"
#include "people/normal.hpp"
#include "people/totp.hpp"

namespace digue::people {

std::vector<std::string> new_recovery_codes() {
  std::vector<std::string> out(recovery_count);
  for (auto& code : out) {
    code = base32(random_bytes(15));
    for (std::size_t at = 20; at > 0; at -= 4) code.insert(at, 1, '-');
  }
  return out;
}

std::string recovery_hash(std::string_view code) {
  auto plain = without_blanks(code);
  std::transform(plain.begin(), plain.end(), plain.begin(), [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return to_hex(sha256("digue recovery " + plain));
}

}  // namespace digue::people
