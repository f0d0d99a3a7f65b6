#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// Codes to write down, each good once instead of a one-time code.
namespace digue::people {

inline constexpr std::size_t recovery_count = 10;

/// 120 random bits as "ABCD-EFGH-...", six groups of base32.
std::vector<std::string> new_recovery_codes();
/// What is kept of a code as a person typed it: SHA-256 in hexadecimal. Enough for a secret of more than 112 bits (ASVS 6.5.2).
std::string recovery_hash(std::string_view code);

}  // namespace digue::people
