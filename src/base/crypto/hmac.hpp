#pragma once

#include <string>
#include <string_view>

namespace digue {

/// HMAC-SHA-1 (RFC 2104), 20 bytes: only for one-time codes, whose applications speak nothing else.
std::string hmac_sha1(std::string_view key, std::string_view data);

}  // namespace digue
