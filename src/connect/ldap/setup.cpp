#include "connect/ldap/setup.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace digue::ldap {

namespace {

bool is_attribute(const std::string& name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) { return c < 0x80 && (std::isalnum(c) || c == '-'); });
}

tl::unexpected<Error> wrong(const std::string& field, std::string_view key) {
  return fail(ErrorCode::bad_input, tr("ldap.setting", {{"field", field}, {"why", tr(key)}}), field);
}

}  // namespace

Result<Setup> setup_of(const containment::Settings& settings) {
  Setup out;
  const json::Value values(settings.values);
  json::Fields fields(values);
  out.server.url = fields.text("url", 2048);
  out.server.trust.ca_file = fields.text_or("ca_file", 4096, "");
  out.server.trust.pin = fields.text_or("pin", 100, "");
  out.server.connect = std::chrono::seconds(fields.optional_integer("connect_seconds", 1, 60).value_or(5));
  out.server.total = std::chrono::seconds(fields.optional_integer("seconds", 1, 600).value_or(30));
  out.bind = fields.text("bind", 1024);
  out.base = fields.text("base", 1024);
  out.policy = fields.text_or("policy", 1024, "");
  out.account_attributes = fields.texts("account_attributes", 20, 100);
  out.admin_groups = fields.texts("admin_groups", 100, 1024);
  out.emergency_accounts = fields.texts("emergency_accounts", 1'000, 1024);
  const auto replicas = fields.texts("replicas", 50, 2048);
  if (auto good = fields.done(); !good) return tl::make_unexpected(good.error());

  if (auto good = check_url(out.server.url); !good) return tl::make_unexpected(good.error());
  if (!out.server.trust.pin.empty() && !is_pin(out.server.trust.pin)) return wrong("pin", "ldap.setting.pin");
  for (const auto& url : replicas) {
    if (auto good = check_url(url); !good) return tl::make_unexpected(good.error());
    auto replica = out.server;
    replica.url = url;
    replica.trust.pin.clear();  // another server, another key: its certificate is checked all the same
    out.replicas.push_back(std::move(replica));
  }
  for (auto& name : out.emergency_accounts) name = lower(trim(name));
  for (const auto& name : out.account_attributes)
    if (!is_attribute(name)) return wrong("account_attributes", "ldap.setting.attribute");
  const auto password = settings.secrets.find("password");
  if (password == settings.secrets.end() || password->second.empty()) return wrong("password", "ldap.setting.password");
  out.password = password->second;
  return out;
}

}  // namespace digue::ldap
