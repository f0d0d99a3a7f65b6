#include "base/ip.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <system_error>

namespace digue {

namespace {

constexpr std::array<std::uint8_t, 12> v4_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

std::string_view trimmed(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '"'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace

bool IpAddress::is_v4() const {
  return std::equal(v4_prefix.begin(), v4_prefix.end(), bytes.begin());
}

bool IpAddress::is_local() const {
  if (is_v4()) {
    const auto a = bytes[12];
    const auto b = bytes[13];
    return a == 10 || a == 127 || a == 0 || (a == 172 && b >= 16 && b < 32) || (a == 192 && b == 168) || (a == 169 && b == 254) ||
           (a == 100 && b >= 64 && b < 128);
  }
  const bool zeros = std::all_of(bytes.begin(), bytes.end() - 1, [](auto byte) { return byte == 0; });
  return (zeros && bytes[15] <= 1) || (bytes[0] & 0xfe) == 0xfc || (bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80);
}

std::optional<IpAddress> parse_ip(std::string_view text) {
  std::array<char, 48> buffer{};
  if (text.empty() || text.size() >= buffer.size() || text.find('\0') != std::string_view::npos) return std::nullopt;
  std::memcpy(buffer.data(), text.data(), text.size());
  IpAddress ip;
  if (text.find(':') == std::string_view::npos) {
    std::copy(v4_prefix.begin(), v4_prefix.end(), ip.bytes.begin());
    if (inet_pton(AF_INET, buffer.data(), ip.bytes.data() + 12) != 1) return std::nullopt;
    return ip;
  }
  if (inet_pton(AF_INET6, buffer.data(), ip.bytes.data()) != 1) return std::nullopt;
  return ip;
}

std::optional<IpAddress> parse_client_address(std::string_view text) {
  text = trimmed(text.substr(0, text.find(',')));
  if (text.empty()) return std::nullopt;
  if (text.front() == '[') {
    const auto close = text.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    text = text.substr(1, close - 1);
  } else if (const auto colon = text.find(':'); colon != std::string_view::npos && text.find(':', colon + 1) == std::string_view::npos) {
    text = text.substr(0, colon);
  } else if (const auto dash = text.find('-'); dash != std::string_view::npos && dash > 0) {
    text = text.substr(0, dash);
  }
  return parse_ip(text.substr(0, text.find('%')));
}

std::string to_text(const IpAddress& ip) {
  std::array<char, INET6_ADDRSTRLEN> buffer{};
  if (ip.is_v4())
    inet_ntop(AF_INET, ip.bytes.data() + 12, buffer.data(), buffer.size());
  else
    inet_ntop(AF_INET6, ip.bytes.data(), buffer.data(), buffer.size());
  return buffer.data();
}

bool IpRange::contains(const IpAddress& ip) const {
  return masked(ip, prefix) == masked(base, prefix);
}

std::optional<IpRange> parse_range(std::string_view text) {
  text = trimmed(text);
  const auto slash = text.find('/');
  const auto ip = parse_ip(text.substr(0, slash));
  if (!ip) return std::nullopt;
  int bits = ip->is_v4() ? 32 : 128;
  if (slash != std::string_view::npos) {
    const auto digits = text.substr(slash + 1);
    int given = -1;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), given);
    if (error != std::errc{} || end != digits.data() + digits.size() || given < 0 || given > bits) return std::nullopt;
    bits = given;
  }
  return IpRange{*ip, ip->is_v4() ? bits + 96 : bits};
}

IpAddress masked(const IpAddress& ip, int bits) {
  IpAddress out = ip;
  const auto whole = static_cast<std::size_t>(bits / 8);
  if (whole >= out.bytes.size()) return out;
  out.bytes[whole] &= static_cast<std::uint8_t>(0xff00 >> bits % 8);
  std::fill(out.bytes.begin() + whole + 1, out.bytes.end(), std::uint8_t{0});
  return out;
}

IpAddress neighbourhood(const IpAddress& ip) {
  return masked(ip, ip.is_v4() ? 120 : 64);
}

}  // namespace digue
