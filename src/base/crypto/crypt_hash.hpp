#pragma once

#include <string>

#include "base/result.hpp"

namespace digue {

/// The salted hash that mail and directory servers read, by crypt(3), scheme 6 (SHA-512): "$6$salt$...". Any thread. internal when the C
/// library lacks the scheme.
Result<std::string> sha512_crypt(const std::string& password);

}  // namespace digue
