#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/ip.hpp"

namespace digue::formats {

/// The client's port that Dovecot's own session id names, when it names this address too. Such an id is base64 of 48 bits of time, the
/// port (both least byte first) and the address (src/login-common/client-common.c of Dovecot 2.3). Nothing for other ids.
std::optional<std::uint16_t> dovecot_port(std::string_view session, const IpAddress& ip);

}  // namespace digue::formats
