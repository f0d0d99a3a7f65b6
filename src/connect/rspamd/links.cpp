#include "connect/rspamd/links.hpp"

#include <algorithm>
#include <array>

#include "base/domain.hpp"
#include "base/encoding.hpp"
#include "base/ip.hpp"
#include "base/quote.hpp"
#include "base/text.hpp"

namespace digue::rspamd {

namespace {

constexpr std::size_t max_key = 1'000;
constexpr std::string_view no_path = "path", no_query = "query";  ///< what a template gives for a part that is missing

/// Nothing that hides, ends a line, or ends a quoted key.
bool is_clean(std::string_view text) {
  const auto shown = quote::json_text(text);
  return shown && *shown == text && text.find_first_of("<>") == std::string_view::npos;
}

/// As Rspamd decodes a part: "+" is a blank in each. Nothing for "%" without two digits.
std::optional<std::string> decoded(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      out += text[at] == '+' ? ' ' : text[at];
      continue;
    }
    const auto byte = from_hex(lower(text.substr(at + 1, 2)));
    if (!byte || byte->size() != 1) return std::nullopt;
    out += *byte;
    at += 2;
  }
  return out;
}

/// Slashes in a row are one, and the first one is none. Nothing for a path that climbs: Rspamd and browsers read it differently.
std::optional<std::string> page_of(std::string_view path) {
  std::string out;
  for (std::size_t at = 0; at <= path.size();) {
    const auto end = std::min(path.find('/', at), path.size());
    const auto name = path.substr(at, end - at);
    if (name == "." || name == "..") return std::nullopt;
    out += name;
    if (end < path.size() && !out.empty() && out.back() != '/') out += '/';
    at = end + 1;
  }
  return out;
}

/// Lower case; an address is dotted as Rspamd writes it. Nothing for any other host.
std::optional<std::string> host_of(std::string_view authority) {
  authority.remove_prefix(std::min(authority.rfind('@') + 1, authority.size()));
  if (const auto colon = authority.find(':'); colon != std::string_view::npos) {
    if (authority.find_first_not_of("0123456789", colon + 1) != std::string_view::npos) return std::nullopt;
    authority = authority.substr(0, colon);
  }
  if (authority.ends_with('.')) authority.remove_suffix(1);
  auto out = lower(authority);
  const auto ip = parse_ip(out);
  if (!is_domain(out) && !(ip && ip->is_v4() && to_text(*ip) == out)) return std::nullopt;
  return out;
}

std::string refanged(std::string_view given) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 11> spellings{{{"hxxp:", "http:"},
                                                                                            {"hxxps:", "https:"},
                                                                                            {"hxxp[", "http["},
                                                                                            {"hxxps[", "https["},
                                                                                            {"[.]", "."},
                                                                                            {"(.)", "."},
                                                                                            {"[dot]", "."},
                                                                                            {"(dot)", "."},
                                                                                            {"[:]", ":"},
                                                                                            {"[://]", "://"},
                                                                                            {"[@]", "@"}}};
  std::string out(trim(given));
  for (std::size_t at = 0; at < out.size(); ++at)
    for (const auto& [from, to] : spellings)
      if (iequals(std::string_view(out).substr(at, from.size()), from)) out.replace(at, from.size(), to);
  return out;
}

/// Of its "://"; nothing where that is further behind.
std::size_t end_of_scheme(std::string_view link) {
  const auto at = link.find("://");
  return at == std::string_view::npos || at > link.find_first_of("/?#") ? std::string_view::npos : at;
}

}  // namespace

std::string link_of_given(std::string_view given) {
  const auto link = refanged(given);
  return end_of_scheme(link) == std::string::npos ? "http://" + link : link;
}

std::optional<std::string> key_of_link(std::string_view given) {
  if (given.size() > 4 * max_key) return std::nullopt;
  const auto link = refanged(given);
  const auto scheme = end_of_scheme(link);
  const bool bare = scheme == std::string::npos;
  if (!is_clean(link) || link.find(' ') != std::string::npos ||
      !(bare || iequals(link.substr(0, scheme), "http") || iequals(link.substr(0, scheme), "https")))
    return std::nullopt;
  auto rest = std::string_view(link).substr(bare ? 0 : scheme + 3);
  rest = rest.substr(0, rest.find('#'));
  const auto end = std::min(rest.find_first_of("/?"), rest.size()), mark = std::min(rest.find('?', end), rest.size());
  const auto authority = rest.substr(0, end);
  // "user@host" alone is an address of mail.
  if (bare && authority.find('@') != std::string_view::npos) return std::nullopt;
  const auto host = host_of(authority);
  const auto path = decoded(rest.substr(end, mark - end)), query = decoded(rest.substr(std::min(mark + 1, rest.size())));
  if (!host || !path || !query) return std::nullopt;
  const auto page = page_of(*path);
  if (!page || !is_clean(*page) || !is_clean(*query)) return std::nullopt;
  // Named as what stands for a missing part; or read in HTML otherwise than in text.
  if (iequals(*page, no_path) || iequals(*query, no_query) || page->find_first_of("?#") != std::string::npos) return std::nullopt;
  auto out = *host;
  if (!page->empty() || !query->empty()) out.append("/").append(page->empty() ? no_path : *page);
  if (!query->empty()) out.append("?").append(*query);
  lower_in_place(out);
  return out.size() <= max_key && trim(out) == out ? std::optional(out) : std::nullopt;
}

std::string_view host_of_key(std::string_view key) {
  return key.substr(0, key.find('/'));
}

std::string link_of_key(std::string_view key) {
  const auto host = host_of_key(key);
  const auto rest = key.substr(std::min(host.size() + 1, key.size()));
  const auto mark = std::min(rest.find('?'), rest.size());
  const auto page = rest.substr(0, mark);
  const auto encoded = [](std::string_view part) { return quote::url_component(part).value_or(""); };
  return "http://" + std::string(host) + "/" + encoded(page == no_path ? "" : page) + (mark < rest.size() ? "?" : "") +
         encoded(rest.substr(std::min(mark + 1, rest.size())));
}

}  // namespace digue::rspamd
