#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes16.hpp"

namespace digue {

/// An IPv4 or IPv6 address; IPv4 is held as its mapped form (::ffff:a.b.c.d), so both compare and print as one.
struct IpAddress : Bytes16 {
  bool is_v4() const;
  /// Loopback, link-local, private (RFC 1918, RFC 4193), carrier-grade NAT (RFC 6598) or unspecified: no country can be told from it.
  bool is_local() const;
};

/// Strict textual form, RFC 4291 / dotted quad. No port, no brackets, no zone.
std::optional<IpAddress> parse_ip(std::string_view text);

/// The address inside the spellings that logs use: `1.2.3.4:567`, `[v6]:567`, `[v6]`, `v6%zone`, `::ffff:1.2.3.4`, `1.2.3.4-567`,
/// the first of `a, b`. Nothing for empty text, `null`, `-`, `localhost` and host names.
std::optional<IpAddress> parse_client_address(std::string_view text);

/// Canonical text (RFC 5952; dotted quad for IPv4).
std::string to_text(const IpAddress& ip);

/// An address range in CIDR form.
struct IpRange {
  IpAddress base;
  int prefix = 128;  ///< bits of the 128-bit form: an IPv4 /24 is held as 120
  bool contains(const IpAddress& ip) const;
};

/// "10.0.0.0/8", "2001:db8::/32", or a lone address.
std::optional<IpRange> parse_range(std::string_view text);

/// The address with all but the first `bits` of the 128-bit form cleared.
IpAddress masked(const IpAddress& ip, int bits);

/// The neighbourhood one provider usually gives one customer: /24 for IPv4, /64 for IPv6.
IpAddress neighbourhood(const IpAddress& ip);

}  // namespace digue
