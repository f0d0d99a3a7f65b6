#include "base/crypto/signature.hpp"

#include <sodium.h>

#include "base/crypto/random.hpp"

namespace digue {

namespace {

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

}  // namespace

SigningKey::SigningKey(std::string_view seed)
    : seed_(seed), secret_(crypto_sign_SECRETKEYBYTES, '\0'), public_(crypto_sign_PUBLICKEYBYTES, '\0') {
  crypto_sign_seed_keypair(bytes(public_), bytes(secret_), bytes(std::string_view(seed_)));
}

SigningKey::~SigningKey() {
  sodium_memzero(seed_.data(), seed_.size());
  sodium_memzero(secret_.data(), secret_.size());
}

SigningKey SigningKey::generate() {
  return SigningKey(random_bytes(ed25519_key_size));
}

std::optional<SigningKey> SigningKey::from_seed(std::string_view seed) {
  if (seed.size() != ed25519_key_size) return std::nullopt;
  return SigningKey(seed);
}

std::string SigningKey::sign(std::string_view message) const {
  std::string signature(ed25519_signature_size, '\0');
  crypto_sign_detached(bytes(signature), nullptr, bytes(message), message.size(), bytes(secret_));
  return signature;
}

bool verify_signature(std::string_view public_key, std::string_view message, std::string_view signature) {
  return public_key.size() == ed25519_key_size && signature.size() == ed25519_signature_size &&
         crypto_sign_verify_detached(bytes(signature), bytes(message), message.size(), bytes(public_key)) == 0;
}

}  // namespace digue
