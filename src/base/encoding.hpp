#pragma once

#include <optional>
#include <string>
#include <string_view>

/// Bytes as text (RFC 4648).
namespace digue {

/// Lower-case hexadecimal.
std::string hex(std::string_view bytes);
/// The bytes of a text of hex(); nothing for any other text.
std::optional<std::string> from_hex(std::string_view text);

/// Section 4, with padding, without line ends.
std::string base64(std::string_view bytes);
/// The bytes of the one text that base64() gives for them; nothing for any other text (missing padding, stray bits, line ends).
std::optional<std::string> from_base64(std::string_view text);

}  // namespace digue
