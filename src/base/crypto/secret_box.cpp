#include "base/crypto/secret_box.hpp"

#include <sodium.h>

#include <algorithm>
#include <new>

#include "base/crypto/random.hpp"
#include "base/encoding.hpp"
#include "base/files.hpp"
#include "base/messages.hpp"

namespace digue {

namespace {

const unsigned char* bytes(const std::string& text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

Result<SecretBox> SecretBox::open(const std::string& path) {
  if (!file_exists(path))
    if (auto written = write_file(path, random_bytes(crypto_secretbox_KEYBYTES)); !written) return tl::make_unexpected(written.error());
  auto key = read_file(path, 1024);
  if (!key) return tl::make_unexpected(key.error());
  auto box = of_key(*key);
  sodium_memzero(key->data(), key->size());
  if (!box) return fail(ErrorCode::bad_input, tr("key.damaged"), path, tr("key.damaged_help"));
  return *box;
}

std::optional<SecretBox> SecretBox::of_key(std::string_view key) {
  static const int ready = sodium_init();
  if (ready < 0 || key.size() != crypto_secretbox_KEYBYTES) return std::nullopt;
  auto* held = static_cast<unsigned char*>(sodium_malloc(key.size()));
  if (held == nullptr) throw std::bad_alloc();
  std::shared_ptr<const unsigned char> owner(held, [](const unsigned char* bytes) { sodium_free(const_cast<unsigned char*>(bytes)); });
  std::copy(key.begin(), key.end(), held);
  return SecretBox(std::move(owner));
}

std::string_view SecretBox::key() const {
  return {reinterpret_cast<const char*>(key_.get()), crypto_secretbox_KEYBYTES};
}

std::string SecretBox::seal(std::string_view plain) const {
  const auto nonce = random_bytes(crypto_secretbox_NONCEBYTES);
  std::string sealed(plain.size() + crypto_secretbox_MACBYTES, '\0');
  crypto_secretbox_easy(reinterpret_cast<unsigned char*>(sealed.data()), reinterpret_cast<const unsigned char*>(plain.data()), plain.size(),
                        bytes(nonce), key_.get());
  return hex(nonce + sealed);
}

std::optional<std::string> SecretBox::unseal(std::string_view sealed) const {
  const auto held = from_hex(sealed);
  if (!held || held->size() < crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES) return std::nullopt;
  const auto& raw = *held;
  const std::string box = raw.substr(crypto_secretbox_NONCEBYTES);
  std::string plain(box.size() - crypto_secretbox_MACBYTES, '\0');
  if (crypto_secretbox_open_easy(reinterpret_cast<unsigned char*>(plain.data()), bytes(box), box.size(), bytes(raw), key_.get()) != 0)
    return std::nullopt;
  return plain;
}

}  // namespace digue
