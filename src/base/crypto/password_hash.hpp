#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace digue {

/// Cost of Argon2id (RFC 9106, one lane).
struct PasswordCost {
  std::uint64_t passes = 3;
  std::size_t memory = std::size_t{64} << 20;  ///< bytes
};

/// The salted Argon2id hash as text that names its own cost ("$argon2id$v=19$m=65536,t=3,p=1$..."). Waits while two others are made, so
/// that a crowd at the door does not take all memory. Any thread.
std::string hash_password(std::string_view password, const PasswordCost& cost = {});
/// Whether the password makes that hash; false for a hash that is none. Waits as above.
bool verify_password(const std::string& hash, std::string_view password);
/// True when the hash was made at another cost.
bool needs_rehash(const std::string& hash, const PasswordCost& cost = {});

}  // namespace digue
