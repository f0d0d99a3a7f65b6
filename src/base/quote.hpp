#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

/// One encoder per command language: hostile text becomes one value there, and nothing else. Each refuses (bad_input, with the reason)
/// what the language cannot hold: NUL, bytes that are not UTF-8, and where noted line ends.
namespace digue::quote {

/// One word of a POSIX shell (XCU 2.2.2 single quotes). Control, invisible and bidirectional characters are written as visible octal
/// escapes of printf. Refuses line ends.
Result<std::string> sh_word(std::string_view text);

/// One word of a POSIX shell for a program to send: any bytes as they are, line ends too. Only NUL is refused.
Result<std::string> sh_bytes(std::string_view bytes);

/// One expression of PowerShell, good as an argument: a single-quoted literal in which ' and the four typographic quotes that PowerShell
/// reads alike (U+2018 to U+201B) are doubled; control, invisible and bidirectional characters are added as [char]. Refuses line ends.
Result<std::string> powershell_word(std::string_view text);

/// The inside of a JSON string (RFC 8259), without its quotes; what is not printable as \u escapes.
Result<std::string> json_text(std::string_view text);

/// One URL component (RFC 3986): everything but letters, digits and - . _ ~ percent-encoded.
Result<std::string> url_component(std::string_view text);

/// A value inside an LDAP search filter (RFC 4515): * ( ) \ and bytes that are not printable ASCII as \xx.
Result<std::string> ldap_filter_value(std::string_view text);

/// The same for any bytes, all of them as \xx: an objectGUID, a SID.
std::string ldap_filter_bytes(std::string_view bytes);

/// A value inside a distinguished name (RFC 4514).
Result<std::string> ldap_name_value(std::string_view text);

/// A line of LDIF (RFC 2849): "name: value", or "name:: base64" when the value is not a SAFE-STRING.
Result<std::string> ldif_line(std::string_view name, std::string_view value);

/// The inside of an OData string literal: ' doubled.
Result<std::string> odata_text(std::string_view text);

/// A phrase in double quotes of a search language without an escape (Gmail, KQL, Zimbra): refuses " and line ends.
Result<std::string> search_phrase(std::string_view text);

/// The key of a line in a Postfix lookup table (postmap): refuses blanks, quotes, a leading # and what is not printable ASCII.
Result<std::string> postfix_key(std::string_view text);

/// True for characters that show nothing or change how the rest shows: controls, zero width, bidirectional, line separators, tags.
bool is_invisible(char32_t code);

}  // namespace digue::quote
