#include "base/crypto/crypt_hash.hpp"

#include <crypt.h>

#include <array>
#include <memory>

#include "base/crypto/random.hpp"

namespace digue {

Result<std::string> sha512_crypt(const std::string& password) {
  const auto seed = random_bytes(16);
  std::array<char, CRYPT_GENSALT_OUTPUT_SIZE> salt{};
  const auto room = std::make_unique<crypt_data>();
  const char* hash = nullptr;
  if (::crypt_gensalt_rn("$6$", 0, seed.data(), static_cast<int>(seed.size()), salt.data(), static_cast<int>(salt.size())) != nullptr)
    hash = ::crypt_rn(password.c_str(), salt.data(), room.get(), static_cast<int>(sizeof *room));
  if (hash == nullptr || hash[0] != '$') return fail(ErrorCode::internal, "crypt(3) gives no SHA-512 hash");
  return std::string(hash);
}

}  // namespace digue
