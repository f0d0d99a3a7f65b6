#pragma once

#include <string>
#include <string_view>

namespace digue::report {

/// A CSS string with its quotes (CSS Syntax 3, 4.3.5) that also holds inside a style element: of ASCII only letters, digits and blanks stay
/// as they are, the rest is escaped; control characters and bidirectional controls become U+FFFD.
std::string css_string(std::string_view text);

}  // namespace digue::report
