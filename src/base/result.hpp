#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace digue {

/// Why something failed; the caller decides by it, the person reads the texts.
enum class ErrorCode { usage, bad_input, not_found, conflict, forbidden, io, limit, cancelled, internal };

/// A diagnostic: what happened, where (file, line, field), and what to do about it. Rendered alike by terminal and page.
struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;
  std::string where;
  std::string help;
};

template <class T>
using Result = tl::expected<T, Error>;

/// Shorthand for the failing branch of a Result.
inline tl::unexpected<Error> fail(ErrorCode code, std::string message, std::string where = {}, std::string help = {}) {
  return tl::make_unexpected(Error{code, std::move(message), std::move(where), std::move(help)});
}

/// "message (where). help" on one line, without control characters being added.
std::string to_text(const Error& error);

}  // namespace digue
