#include "base/crypto/sha512.hpp"

#include <openssl/evp.h>

namespace digue {

std::string to_hex(const Sha512& digest) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (const auto byte : digest.bytes) {
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

struct Sha512Stream::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  ~State() { EVP_MD_CTX_free(context); }
};

Sha512Stream::Sha512Stream() : state_(std::make_unique<State>()) {
  EVP_DigestInit_ex(state_->context, EVP_sha512(), nullptr);
}
Sha512Stream::~Sha512Stream() = default;

void Sha512Stream::update(std::string_view data) {
  EVP_DigestUpdate(state_->context, data.data(), data.size());
}

Sha512 Sha512Stream::finish() {
  Sha512 out;
  unsigned int size = 0;
  EVP_DigestFinal_ex(state_->context, out.bytes.data(), &size);
  return out;
}

}  // namespace digue
