#include "formats/dovecot/session.hpp"

#include "base/encoding.hpp"

namespace digue::formats {

std::optional<std::uint16_t> dovecot_port(std::string_view session, const IpAddress& ip) {
  constexpr std::size_t time_bytes = 6, port_bytes = 2, v4_bytes = 4;
  const std::string_view address(reinterpret_cast<const char*>(ip.bytes.data()), ip.bytes.size());
  const auto wanted = ip.is_v4() ? address.substr(address.size() - v4_bytes) : address;
  if (session.size() > 32) return std::nullopt;
  const auto bytes = from_base64(session);
  if (!bytes || bytes->size() != time_bytes + port_bytes + wanted.size() || !bytes->ends_with(wanted)) return std::nullopt;
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>((*bytes)[at]); };
  return static_cast<std::uint16_t>(byte(time_bytes) | byte(time_bytes + 1) << 8);
}

}  // namespace digue::formats
