#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace digue {

/// `size` bytes of the system's cryptographic generator.
std::string random_bytes(std::size_t size);
/// `size` random bytes in lower-case hexadecimal.
std::string random_hex(std::size_t size);

/// Equality in a time that does not tell where the texts differ.
bool same_secret(std::string_view a, std::string_view b);

}  // namespace digue
