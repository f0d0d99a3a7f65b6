#include "connect/rspamd/setup.hpp"

#include <algorithm>
#include <array>

#include "base/domain.hpp"
#include "base/text.hpp"

namespace digue::rspamd {

namespace {

constexpr std::size_t max_domains = 1'000;

tl::unexpected<Error> wrong(const std::string& field) {
  return fail(ErrorCode::bad_input, tr("rspamd.setting", {{"field", field}, {"expected", tr("rspamd.setting." + field)}}), field);
}

bool is_one_line(const std::string& text) {
  return is_utf8(text) && std::none_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

}  // namespace

Result<Setup> setup_of(const containment::Settings& settings) {
  Setup out;
  const json::Value values(settings.values);
  json::Fields fields(values);
  out.url = fields.text("url", 2048);
  out.check_url = fields.text_or("check_url", 2048, "");
  const std::array<std::pair<const char*, std::string*>, 4> maps{{{"sender_map", &out.sender_map},
                                                                  {"domain_map", &out.domain_map},
                                                                  {"url_map", &out.url_map},
                                                                  {"attachment_map", &out.attachment_map}}};
  for (const auto& [name, map] : maps) *map = fields.text_or(name, 1024, "");
  out.domains = fields.texts("domains", max_domains, 253);
  out.http.trust.ca_file = fields.text_or("ca_file", 4096, "");
  out.http.trust.pin = fields.text_or("pin", 100, "");
  out.http.connect = std::chrono::seconds(fields.optional_integer("connect_seconds", 1, 60).value_or(5));
  out.http.total = std::chrono::seconds(fields.optional_integer("seconds", 1, 600).value_or(30));
  if (auto good = fields.done(); !good) return tl::make_unexpected(good.error());

  for (auto* url : {&out.url, &out.check_url}) {
    if (url->empty()) continue;
    if (auto good = check_url(*url, out.http); !good) return tl::make_unexpected(good.error());
    if (url->find_first_of("?#") != std::string::npos) return wrong(url == &out.url ? "url" : "check_url");
    url->resize(url->find_last_not_of('/') + 1);
  }
  if (!out.http.trust.pin.empty() && !is_pin(out.http.trust.pin)) return wrong("pin");
  for (const auto& [name, map] : maps)
    if (!is_one_line(*map)) return wrong(name);
  for (auto& domain : out.domains) {
    lower_in_place(domain);
    if (!is_domain(domain)) return wrong("domains");
  }
  const auto password = settings.secrets.find("password");
  if (password == settings.secrets.end() || password->second.empty() || !is_one_line(password->second)) return wrong("password");
  out.password = password->second;
  return out;
}

}  // namespace digue::rspamd
