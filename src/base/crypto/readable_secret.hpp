#pragma once

#include <string>

namespace digue {

/// A password to be read out on the telephone: groups of four small letters and digits, without what looks or sounds alike (0 o 1 i l),
/// with hyphens between: "k7wm-...". 31 possibilities a letter; at least one letter and one digit, as complexity rules ask for. `groups`: 1
/// to 64.
std::string readable_secret(int groups);

}  // namespace digue
