#pragma once

#include <string>
#include <string_view>

namespace digue {

/// The UUID of a name in the URL namespace (RFC 9562 version 5): the same name gives the same UUID everywhere.
std::string uuid_of_url(std::string_view url);

}  // namespace digue
