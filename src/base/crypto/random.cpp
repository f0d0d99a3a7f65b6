#include "base/crypto/random.hpp"

#include <sodium.h>

#include "base/encoding.hpp"

namespace digue {

std::string random_bytes(std::size_t size) {
  static const int ready = sodium_init();
  static_cast<void>(ready);
  std::string out(size, '\0');
  randombytes_buf(out.data(), out.size());
  return out;
}

std::string random_hex(std::size_t size) {
  return hex(random_bytes(size));
}

bool same_secret(std::string_view a, std::string_view b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace digue
