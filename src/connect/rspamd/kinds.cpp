#include "connect/rspamd/kinds.hpp"

#include <algorithm>
#include <array>

#include "base/crypto/hash.hpp"
#include "base/domain.hpp"
#include "base/encoding.hpp"
#include "base/quote.hpp"
#include "base/text.hpp"
#include "connect/rspamd/lines.hpp"
#include "connect/rspamd/links.hpp"

namespace digue::rspamd {

namespace {

using Keys = Result<std::string>;
using Notes = std::vector<std::string_view>;

constexpr std::string_view probe = "digue-probe", nobody = "digue-probe@digue.invalid";  // RFC 2606

Keys refused_alias(const std::string& field, const std::string& key, const std::string& read) {
  return fail(ErrorCode::bad_input, tr("rspamd.alias", {{"key", key}, {"read", read}}), field, tr("rspamd.alias.help", {{"read", read}}));
}

Keys sender_key(const std::string& given) {
  auto key = quote::postfix_key(lower(given));
  if (!key) return key;
  if (!is_sender(*key)) return fail(ErrorCode::bad_input, tr("rspamd.no_sender"), "sender");
  // A line that Rspamd would never ask for blocks nothing.
  const auto read = as_rspamd_reads(*key);
  return read == *key ? key : refused_alias("sender", *key, read);
}

Keys domain_key(const std::string& given) {
  auto key = quote::postfix_key(lower(given));
  if (!key) return key;
  if (!is_domain(*key)) return fail(ErrorCode::bad_input, tr("rspamd.no_domain"), "domain");
  const auto read = as_rspamd_reads("x@" + *key).substr(2);
  return read == *key ? key : refused_alias("domain", *key, read);
}

Keys url_key(const std::string& given) {
  auto key = key_of_link(given);
  if (!key) return fail(ErrorCode::bad_input, tr("rspamd.no_url"), "url", tr("rspamd.no_url.help"));
  return std::move(*key);
}

Keys attachment_key(const std::string& given) {
  auto key = lower(trim(given));
  const auto bytes = from_hex(key);
  // An empty file is in much honest mail.
  if (!bytes || bytes->size() != 32 || key == to_hex(sha256({}))) return fail(ErrorCode::bad_input, tr("rspamd.no_attachment"), "sha256");
  return key;
}

bool never(std::string_view, const std::string&) {
  return false;
}
bool holds(std::string_view key, const std::string& domain) {
  return domain == key || domain.ends_with("." + std::string(key));
}
bool leads_to(std::string_view key, const std::string& domain) {
  const auto host = host_of_key(key);
  return host == domain || host.ends_with("." + domain);
}

Notes no_notes(std::string_view) {
  return {};
}
Notes url_notes(std::string_view key) {
  const auto host = host_of_key(key);
  Notes out{key == host ? "rspamd.note.host" : key.find('?') == std::string_view::npos ? "rspamd.note.page" : "rspamd.note.query"};
  if (host.starts_with("xn--") || host.find(".xn--") != std::string_view::npos) out.push_back("rspamd.note.idn");
  return out;
}
Notes attachment_notes(std::string_view) {
  return {"rspamd.note.base64"};
}

Sample text_from(const std::string& key, const std::string& sender) {
  return {key, sender, sender, "Content-Type: text/plain\r\n\r\nDigue\r\n"};
}
std::array<Sample, 2> sender_samples(const std::string&, const std::string& key) {
  return {text_from(key, key), text_from("x" + key, "x" + key)};
}
std::array<Sample, 2> domain_samples(const std::string&, const std::string& key) {
  const auto somebody = std::string(probe) + "@";
  return {text_from(key, somebody + key), text_from("x" + key, somebody + "x" + key)};
}

Sample with_link(const std::string& key, const std::string& link) {
  return {key, link, std::string(nobody), "Content-Type: text/html; charset=utf-8\r\n\r\n<a href=\"" + html(link) + "\">Digue</a>\r\n"};
}
std::array<Sample, 2> url_samples(const std::string& given, const std::string& key) {
  const auto other = host_of_key(key) == key ? "x" + key : key + "x";
  return {with_link(key, link_of_given(given)), with_link(other, link_of_key(other))};
}

Sample with_file(const std::string& name, const std::string& about) {
  const auto bytes = std::string(probe) + " " + about + "\n";
  return {to_hex(sha256(bytes)), name, std::string(nobody),
          "Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=\"" + name +
              "\"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64(bytes) + "\r\n"};
}
std::array<Sample, 2> attachment_samples(const std::string&, const std::string& key) {
  return {with_file("digue-probe.bin", key), with_file("digue-other.bin", "x" + key)};
}

constexpr std::array<Kind, 4> all{{
    {"sender.block", "sender", "sender", "sender_map", &Setup::sender_map, sender_key, never, no_notes, sender_samples},
    {"domain.block", "domain", "domain", "domain_map", &Setup::domain_map, domain_key, holds, no_notes, domain_samples},
    {"url.block", "url", "url", "url_map", &Setup::url_map, url_key, leads_to, url_notes, url_samples},
    {"attachment.block", "sha256", "attachment", "attachment_map", &Setup::attachment_map, attachment_key, never, attachment_notes,
     attachment_samples},
}};

}  // namespace

std::span<const Kind> kinds() {
  return all;
}

const Kind* kind_named(std::string_view capability) {
  const auto* at = std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.capability == capability; });
  return at == all.end() ? nullptr : at;
}

}  // namespace digue::rspamd
