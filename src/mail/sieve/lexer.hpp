#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

/// Mail filter scripts (RFC 5228).
namespace digue::sieve {

struct Token {
  enum class Kind { identifier, tag, number, string, mark };
  Kind kind = Kind::mark;
  std::string text;  ///< identifiers and tags in lower case, strings without quotes and escapes; a mark is one of ; , { } [ ] ( )
  std::size_t offset = 0, length = 0;  ///< in the script, bytes
  std::size_t line = 1;
};

/// The tokens of a script (RFC 5228, section 8.1), without comments and blanks; line ends may be bare line feeds. bad_input names the line
/// of what is no token. Strings may hold any bytes.
Result<std::vector<Token>> tokens(std::string_view script);

}  // namespace digue::sieve
