#include <algorithm>

#include "base/encoding.hpp"
#include "base/text.hpp"
#include "connect/ldap/directory.hpp"

/// Orders that only read.
namespace digue::ldap {

using namespace containment;

namespace {

constexpr std::int64_t stale_after = 90 * micros_per_day;
constexpr std::size_t most_accounts = 100'000;
json::Value text_or_bytes(const std::string& value) {
  return is_utf8(value) ? json::Value(value) : json::Value("base64:" + base64(value));
}

json::Object row_of(const Kind& kind, const Setup& setup, const Entry& account) {
  json::Object out{{"record", "digue.directory.account/1"},
                   {"name", account.dn},
                   {"blocked", kind.is_locked(account)},
                   {"created", account.first(kind.created())}};
  json::Object names;
  for (const auto& one : setup.account_attributes.empty() ? kind.names() : setup.account_attributes)
    if (const auto& values = account.all(one); !values.empty()) names[one] = json::array_of(values);
  out["names"] = std::move(names);
  out["identity"] = text_or_bytes(account.first(kind.identity()));
  out["password_set"] = account.first(kind.password_time());
  if (const auto creator = account.first("creatorsName"); !creator.empty()) out["creator"] = creator;
  out["marks"] = json::array_of(kind.marks(account));
  return out;
}

json::Array groups_of(const std::vector<Membership>& all) {
  json::Array out;
  for (const auto& one : all)
    out.push_back(json::Object{{"group", one.group}, {"direct", one.direct}, {"administrates", one.administrates}});
  return out;
}

Result<void> read_privileges(Session& session, const Setup& setup, const Kind& kind, const Order& order, const Connector::Take& take) {
  const auto account = find_account(session, setup, kind, order.account);
  if (!account) return tl::make_unexpected(account.error());
  const auto groups = kind.memberships(session, setup, *account);
  if (!groups) return tl::make_unexpected(groups.error());
  if (auto done = take({"account.ldif", "log", setup.server.url + " base " + account->dn, ldif_of(*account, secret_attributes())}); !done)
    return done;
  auto row = row_of(kind, setup, *account);
  row["groups"] = groups_of(*groups);
  return take({"privileges.json", "log", setup.server.url + " groups of " + account->dn, json::canonical(row) + "\n"});
}

/// One list of accounts, as lines of JSON.
Result<void> read_list(Session& session, const Setup& setup, const Kind& kind, const std::string& name, const std::string& filter,
                       const Connector::Take& take) {
  std::string lines;
  auto done = session.search(
      setup.base, Scope::subtree, filter, kind.attributes(),
      [&](const Entry& entry) -> Result<void> {
        lines += json::canonical(row_of(kind, setup, entry)) + "\n";
        return {};
      },
      most_accounts);
  if (!done) return done;
  return take({name, "log", setup.server.url + " sub " + setup.base + " " + filter, std::move(lines)});
}

Result<void> read_accounts(Session& session, const Setup& setup, const Kind& kind, const Order& order, const Connector::Take& take) {
  const auto at = order.parameters.find("since");
  const std::string given(at == order.parameters.end() ? std::string_view() : trim(at->second));
  auto since = UtcMicros{now().value - 30 * micros_per_day};
  if (!given.empty()) {
    const auto read = parse_iso8601(given.size() == 10 ? given + "T00:00:00Z" : given);
    if (!read || !read->offset_minutes)
      return fail(ErrorCode::bad_input, tr("ldap.since"), to_utf8_lossy(clip(given, 100)), tr("ldap.since.help"));
    since = UtcMicros{read->civil - *read->offset_minutes * micros_per_minute};
  }
  const std::string accounts(kind.accounts());
  if (auto done = read_list(session, setup, kind, "accounts-created.jsonl",
                            "(&" + accounts + "(" + std::string(kind.created()) + ">=" + generalized_time(since) + "))", take);
      !done)
    return done;
  const auto administrators = kind.administrators(session, setup, most_accounts);
  if (!administrators) return tl::make_unexpected(administrators.error());
  std::string lines;
  for (const auto& one : *administrators) lines += json::canonical(row_of(kind, setup, one)) + "\n";
  if (auto done = take({"administrators.jsonl", "log", setup.server.url + " administrators", std::move(lines)}); !done) return done;
  const auto stale = kind.stale(session, UtcMicros{now().value - stale_after});
  if (!stale) return tl::make_unexpected(stale.error());
  if (!*stale) return {};
  return read_list(session, setup, kind, "accounts-stale.jsonl", "(&" + accounts + **stale + ")", take);
}

}  // namespace

const std::vector<std::string_view>& secret_attributes() {
  static const std::vector<std::string_view> all{
      "userPassword", "pwdHistory", "sambaNTPassword", "sambaLMPassword",         "sambaPasswordHistory", "krbPrincipalKey",
      "unicodePwd",   "dBCSPwd",    "ntPwdHistory",    "supplementalCredentials", "ms-Mcs-AdmPwd",        "msLAPS-Password"};
  return all;
}

std::string generalized_time(UtcMicros time) {
  std::string out;
  for (const char c : to_iso8601({time.value - time.value % micros_per_second}))
    if (c >= '0' && c <= '9') out += c;
  return out + ".0Z";
}

Result<void> read_out(Session& session, const Setup& setup, const Kind& kind, const Order& order, const Connector::Take& take) {
  if (order.capability == "privilege.list") return read_privileges(session, setup, kind, order, take);
  if (order.capability == "account.list") return read_accounts(session, setup, kind, order, take);
  if (order.capability == "policy.read") {
    auto policies = kind.policies(session, setup);
    if (!policies) return tl::make_unexpected(policies.error());
    return take({"password-policies.json", "log", setup.server.url + " policies",
                 json::canonical(json::Object{{"policies", std::move(*policies)}}) + "\n"});
  }
  return fail(ErrorCode::bad_input, tr("ldap.not_offered", {{"capability", order.capability}}), "capability");
}

}  // namespace digue::ldap
