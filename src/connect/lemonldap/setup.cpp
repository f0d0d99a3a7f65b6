#include "connect/lemonldap/setup.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace digue::lemonldap {

namespace {

constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

bool is_key(const std::string& text) {
  return !text.empty() && text.find_first_not_of(letters) == std::string::npos;
}

}  // namespace

Result<Setup> setup_of(const containment::Settings& settings) {
  const json::Value given(settings.values);
  json::Fields fields(given);
  auto keys = fields.texts("account_attributes", 20, 64);
  auto domains = fields.texts("domains", 1'000, 253);
  const std::chrono::seconds seconds(fields.optional_integer("seconds", 60, 600).value_or(120));
  const auto program = fields.text_or("helper", 1024, "/usr/sbin/" + std::string(helper_name));
  if (auto good = fields.done(); !good) return tl::make_unexpected(good.error());
  if (!std::all_of(keys.begin(), keys.end(), is_key))
    return fail(ErrorCode::bad_input, tr("lemonldap.setting.account_attributes"), "account_attributes");
  for (auto& one : domains) lower_in_place(one);
  if (keys.empty()) keys = {"uid", "mail"};
  auto values = settings.values;
  values["helper"] = program;
  const auto identity = settings.secrets.find("identity");
  auto host = connect::host_of(values, identity == settings.secrets.end() ? "" : identity->second);
  if (!host) return tl::make_unexpected(host.error());
  std::string joined;
  for (const auto& one : keys) joined += (joined.empty() ? "" : ",") + one;
  return Setup{joined, std::move(domains), connect::Helper(std::string(helper_name), std::move(*host), seconds)};
}

}  // namespace digue::lemonldap
