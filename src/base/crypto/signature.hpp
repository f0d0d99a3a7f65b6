#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace digue {

/// Ed25519 (RFC 8032). Keys and signatures are raw bytes.
inline constexpr std::size_t ed25519_key_size = 32;
inline constexpr std::size_t ed25519_signature_size = 64;

/// A private key. Its memory is wiped when it goes.
class SigningKey {
 public:
  /// A new one from the system's generator.
  static SigningKey generate();
  /// From its 32-byte seed; nothing for another length.
  static std::optional<SigningKey> from_seed(std::string_view seed);
  SigningKey(const SigningKey&) = default;
  SigningKey& operator=(const SigningKey&) = default;
  ~SigningKey();

  const std::string& seed() const { return seed_; }
  const std::string& public_key() const { return public_; }
  /// 64 bytes.
  std::string sign(std::string_view message) const;

 private:
  explicit SigningKey(std::string_view seed);
  std::string seed_, secret_, public_;
};

/// False for keys or signatures of a wrong length, too.
bool verify_signature(std::string_view public_key, std::string_view message, std::string_view signature);

}  // namespace digue
