#include "base/crypto/hash.hpp"

#include <openssl/evp.h>
#include <sodium.h>

#include <algorithm>

#include "base/crypto/digest.hpp"
#include "base/encoding.hpp"

namespace digue {

Id128 id_of(std::initializer_list<std::string_view> parts) {
  crypto_generichash_state state;
  crypto_generichash_init(&state, nullptr, 0, 16);
  for (const auto part : parts) {
    const std::uint64_t size = part.size();
    crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(&size), sizeof size);
    crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(part.data()), part.size());
  }
  Id128 id;
  crypto_generichash_final(&state, id.bytes.data(), id.bytes.size());
  return id;
}

std::string to_hex(const Id128& id, std::size_t bytes) {
  return hex({reinterpret_cast<const char*>(id.bytes.data()), std::min(bytes, id.bytes.size())});
}
std::string to_hex(const Sha256& digest) {
  return hex(bytes_of(digest));
}

struct Sha256Stream::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  ~State() { EVP_MD_CTX_free(context); }
};

Sha256Stream::Sha256Stream() : state_(std::make_unique<State>()) {
  EVP_DigestInit_ex(state_->context, EVP_sha256(), nullptr);
}
Sha256Stream::~Sha256Stream() = default;

void Sha256Stream::update(std::string_view data) {
  EVP_DigestUpdate(state_->context, data.data(), data.size());
}

Sha256 Sha256Stream::finish() {
  Sha256 out;
  unsigned int size = 0;
  EVP_DigestFinal_ex(state_->context, out.bytes.data(), &size);
  return out;
}

Sha256 sha256(std::string_view data) {
  Sha256Stream stream;
  stream.update(data);
  return stream.finish();
}

}  // namespace digue
