#pragma once

#include <string_view>

namespace digue {

/// A host name of two labels at least, lower case, no address.
bool is_domain(std::string_view text);

}  // namespace digue
