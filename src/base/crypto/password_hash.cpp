#include "base/crypto/password_hash.hpp"

#include <sodium.h>

#include <array>
#include <new>
#include <semaphore>

namespace digue {

namespace {

std::counting_semaphore<2> room(2);

class Turn {
 public:
  Turn() {
    static const int ready = sodium_init();
    static_cast<void>(ready);
    room.acquire();
  }
  ~Turn() { room.release(); }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
};

}  // namespace

std::string hash_password(std::string_view password, const PasswordCost& cost) {
  const Turn turn;
  std::array<char, crypto_pwhash_STRBYTES> out{};
  if (crypto_pwhash_str_alg(out.data(), password.data(), password.size(), cost.passes, cost.memory, crypto_pwhash_ALG_ARGON2ID13) != 0)
    throw std::bad_alloc();
  return out.data();
}

bool verify_password(const std::string& hash, std::string_view password) {
  const Turn turn;
  return crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
}

bool needs_rehash(const std::string& hash, const PasswordCost& cost) {
  return crypto_pwhash_str_needs_rehash(hash.c_str(), cost.passes, cost.memory) != 0;
}

}  // namespace digue
