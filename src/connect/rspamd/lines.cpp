#include "connect/rspamd/lines.hpp"

#include <algorithm>

#include "base/crypto/hash.hpp"
#include "base/domain.hpp"
#include "base/encoding.hpp"
#include "base/text.hpp"

namespace digue::rspamd {

namespace {

constexpr std::string_view alphanumeric = "abcdefghijklmnopqrstuvwxyz0123456789";
constexpr std::size_t max_state = 2'000;

bool holds_only(std::string_view text, std::string_view more) {
  return text.find_first_not_of(std::string(alphanumeric).append(more)) == std::string_view::npos;
}

/// Calls `each` with the place and the bytes of a line, without its end, until it says stop.
template <class Each>
void each_line(std::string_view text, Each each) {
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    if (!each(at, text.substr(at, end - at))) return;
    at = end + 1;
  }
}

}  // namespace

bool is_sender(std::string_view text) {
  const auto at = text.find('@');
  return at != std::string_view::npos && at > 0 && at <= 64 && holds_only(text.substr(0, at), "!%&'+-=_~.") &&
         is_domain(text.substr(at + 1));
}

std::string as_rspamd_reads(std::string_view address) {
  const auto at = address.find('@');
  std::string user(address.substr(0, at)), domain(at == std::string_view::npos ? "" : address.substr(at + 1));
  if (domain == "googlemail.com") domain = "gmail.com";
  if (domain == "gmail.com") std::erase(user, '.');
  if (const auto tag = user.find('+'); tag != std::string::npos && tag > 0) user.resize(tag);
  return user + "@" + domain;
}

std::string written(std::string_view key) {
  const bool ends = key.find_first_of(" #") != std::string_view::npos;
  return ends ? '"' + std::string(key) + '"' : std::string(key);
}

std::string key_of_line(std::string_view line) {
  line = trim(line);
  if (line.starts_with('/')) return {};
  if (line.starts_with('"')) return lower(line.substr(1, line.find('"', 1) - 1));
  return lower(line.substr(0, line.find_first_of(" \t#")));
}

std::vector<std::string> lines_of(std::string_view text, std::string_view key) {
  std::vector<std::string> out;
  each_line(text, [&](std::size_t, std::string_view line) {
    if (icontains(line, key) && key_of_line(line) == key) out.emplace_back(line);
    return true;
  });
  return out;
}

std::string state_of(const std::vector<std::string>& lines) {
  if (lines.empty()) return std::string(absent);
  std::string out;
  for (const auto& line : lines) out += (out.empty() ? "" : "\n") + line;
  return out.size() <= max_state && is_utf8(out) ? out : "sha256 " + to_hex(sha256(out));
}

std::string with_line(std::string_view text, std::string_view line) {
  return std::string(line).append("\n").append(text);
}

std::string without_line(std::string_view text, std::string_view line) {
  std::string out(text);
  each_line(text, [&](std::size_t at, std::string_view one) {
    if (one != line) return true;
    out.erase(at, one.size() + 1);
    return false;
  });
  return out.empty() ? "\n" : out;
}

}  // namespace digue::rspamd
