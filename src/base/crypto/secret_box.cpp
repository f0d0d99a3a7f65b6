#include "base/crypto/secret_box.hpp"

#include <sodium.h>

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
  if (key->size() != crypto_secretbox_KEYBYTES) return fail(ErrorCode::bad_input, tr("key.damaged"), path, tr("key.damaged_help"));
  return SecretBox(std::move(*key));
}

std::string SecretBox::seal(std::string_view plain) const {
  const auto nonce = random_bytes(crypto_secretbox_NONCEBYTES);
  std::string sealed(plain.size() + crypto_secretbox_MACBYTES, '\0');
  const std::string text(plain);
  crypto_secretbox_easy(reinterpret_cast<unsigned char*>(sealed.data()), bytes(text), text.size(), bytes(nonce), bytes(key_));
  return hex(nonce + sealed);
}

std::optional<std::string> SecretBox::unseal(std::string_view sealed) const {
  const auto held = from_hex(sealed);
  if (!held || held->size() < crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES) return std::nullopt;
  const auto& raw = *held;
  const std::string box = raw.substr(crypto_secretbox_NONCEBYTES);
  std::string plain(box.size() - crypto_secretbox_MACBYTES, '\0');
  if (crypto_secretbox_open_easy(reinterpret_cast<unsigned char*>(plain.data()), bytes(box), box.size(), bytes(raw), bytes(key_)) != 0)
    return std::nullopt;
  return plain;
}

}  // namespace digue
