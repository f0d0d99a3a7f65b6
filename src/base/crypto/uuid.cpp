#include "base/crypto/uuid.hpp"

#include <openssl/evp.h>

#include <array>

namespace digue {

std::string uuid_of_url(std::string_view url) {
  static constexpr std::array<unsigned char, 16> space{0x6b, 0xa7, 0xb8, 0x11, 0x9d, 0xad, 0x11, 0xd1,
                                                       0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8};
  std::string named(reinterpret_cast<const char*>(space.data()), space.size());
  named += url;
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  EVP_Digest(named.data(), named.size(), digest.data(), nullptr, EVP_sha1(), nullptr);
  digest[6] = static_cast<unsigned char>((digest[6] & 0x0f) | 0x50);
  digest[8] = static_cast<unsigned char>((digest[8] & 0x3f) | 0x80);
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (std::size_t i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
    out += digits[digest[i] >> 4];
    out += digits[digest[i] & 15];
  }
  return out;
}

}  // namespace digue
