#pragma once

#include <string>
#include <string_view>

namespace digue {

/// For searching in what people write: lower case, Latin letters without accents and ligatures apart (é: e, œ: oe), typographic
/// apostrophes and blanks as plain ones, NUL as a blank. Other characters are kept.
std::string searchable(std::string_view text);

}  // namespace digue
