#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace digue {

/// Small secrets at rest: XSalsa20-Poly1305 (libsodium's secretbox) under a key that lives in a file beside the database, not in it. In
/// memory the key is kept from swap and dumps where the system lets us, and wiped behind its last copy.
class SecretBox {
 public:
  /// The key of that file, made (mode 0600, on disk) when there is none. bad_input when the file holds no key; io.
  static Result<SecretBox> open(const std::string& path);
  /// Nothing when these bytes are no key.
  static std::optional<SecretBox> of_key(std::string_view key);

  /// Nonce and sealed bytes, in hexadecimal.
  std::string seal(std::string_view plain) const;
  /// Nothing when the text was not sealed by this key, or changed since.
  std::optional<std::string> unseal(std::string_view sealed) const;
  /// The bytes of the key, as long as this box is there.
  std::string_view key() const;

 private:
  explicit SecretBox(std::shared_ptr<const unsigned char> key) : key_(std::move(key)) {}
  std::shared_ptr<const unsigned char> key_;
};

}  // namespace digue
