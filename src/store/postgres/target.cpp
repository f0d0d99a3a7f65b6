#include "store/postgres/target.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <memory>
#include <string_view>

#include "base/ip.hpp"
#include "base/messages.hpp"
#include "base/text.hpp"

namespace digue::postgres {

namespace {

using Options = std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)>;

std::string value_of(const Options& options, std::string_view keyword) {
  for (const auto* option = options.get(); option != nullptr && option->keyword != nullptr; ++option)
    if (option->keyword == keyword && option->val != nullptr) return option->val;
  return {};
}

/// A socket file or this machine itself.
bool is_here(std::string_view host) {
  if (host.empty() || host.front() == '/' || host.front() == '@' || host == "localhost") return true;
  const auto ip = parse_ip(host);
  return ip && (parse_range("127.0.0.0/8")->contains(*ip) || *ip == *parse_ip("::1"));
}

bool all_here(std::string_view hosts) {
  for (;;) {
    const auto comma = hosts.find(',');
    if (!is_here(hosts.substr(0, comma))) return false;
    if (comma == std::string_view::npos) return true;
    hosts.remove_prefix(comma + 1);
  }
}

/// The user part holds a password, which libpq's own messages could repeat.
bool holds_password(std::string_view uri) {
  const auto start = uri.find("://") + 3;
  const auto authority = uri.substr(start, uri.find('?', start) - start);  // a password may hold a slash that was not encoded
  const auto at = authority.rfind('@');
  return at != std::string_view::npos && authority.substr(0, at).find(':') != std::string_view::npos;
}

}  // namespace

Result<Target> Target::parse(const std::string& uri) {
  if (!uri.starts_with("postgresql://") && !uri.starts_with("postgres://"))
    return fail(ErrorCode::usage, tr("postgres.not_a_uri"), {}, tr("postgres.not_a_uri_help"));
  const auto with_password = [] { return fail(ErrorCode::usage, tr("postgres.password"), "--database", tr("postgres.password_help")); };
  if (holds_password(uri)) return with_password();
  char* problem = nullptr;
  const Options given(PQconninfoParse(uri.c_str(), &problem), &PQconninfoFree);
  const std::string reason(trim(problem != nullptr ? problem : ""));
  PQfreemem(problem);
  if (!given) return fail(ErrorCode::usage, tr("postgres.bad_uri", {{"reason", reason}}), {}, tr("postgres.not_a_uri_help"));
  if (!value_of(given, "password").empty() || !value_of(given, "sslpassword").empty()) return with_password();

  Target target;
  target.uri_ = uri;
  const auto set = [&](std::string_view keyword, std::string_view value) {
    const auto same = [&](const auto& option) { return option.first == keyword; };
    if (std::none_of(target.options_.begin(), target.options_.end(), same)) target.options_.emplace_back(keyword, value);
  };
  for (const auto* option = given.get(); option->keyword != nullptr; ++option)
    if (option->val != nullptr && std::string_view(option->keyword) != "sslmode") set(option->keyword, option->val);

  const Options defaults(PQconndefaults(), &PQconninfoFree);
  const auto chosen = [&](std::string_view keyword) {
    const auto own = value_of(given, keyword);
    return own.empty() ? value_of(defaults, keyword) : own;
  };
  auto mode = chosen("sslmode");
  if (!all_here(chosen("host")) || !all_here(chosen("hostaddr"))) {
    if (mode == "disable" || mode == "allow") return fail(ErrorCode::usage, tr("postgres.no_tls"), "sslmode", tr("postgres.no_tls_help"));
    if (mode.empty() || mode == "prefer") mode = "require";
  }
  set("sslmode", mode);
  set("application_name", "digue");
  set("client_encoding", "UTF8");
  // A server that no longer answers is noticed within half a minute.
  set("connect_timeout", "10");
  set("keepalives_idle", "15");
  set("keepalives_interval", "5");
  set("keepalives_count", "3");
  set("tcp_user_timeout", "30000");
  return target;
}

}  // namespace digue::postgres
