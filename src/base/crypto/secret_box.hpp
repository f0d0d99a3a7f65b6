#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace digue {

/// Small secrets at rest: XSalsa20-Poly1305 (libsodium's secretbox) under a key that lives in a file beside the database, not in it.
class SecretBox {
 public:
  /// The key of that file, made (mode 0600, on disk) when there is none. bad_input when the file holds no key; io.
  static Result<SecretBox> open(const std::string& path);

  /// Nonce and sealed bytes, in hexadecimal.
  std::string seal(std::string_view plain) const;
  /// Nothing when the text was not sealed by this key, or changed since.
  std::optional<std::string> unseal(std::string_view sealed) const;

 private:
  explicit SecretBox(std::string key) : key_(std::move(key)) {}
  std::string key_;
};

}  // namespace digue
