#include <algorithm>

#include "base/quote.hpp"
#include "base/text.hpp"
#include "connect/ldap/directory.hpp"

/// Which account a name means.
namespace digue::ldap {

namespace {

/// All of an account's names.
std::vector<std::string> names_of(const Setup& setup, const Kind& kind, const Entry& account) {
  std::vector<std::string> out{account.dn};
  for (const auto& attributes : {setup.account_attributes, kind.names()})
    for (const auto& attribute : attributes)
      for (const auto& value : account.all(attribute)) out.push_back(lower(value).starts_with("smtp:") ? value.substr(5) : value);
  return out;
}

/// "DOMAIN\\name" is a way to write a name, too.
bool is_among(const std::vector<std::string>& names, const std::string& given) {
  const auto behind = given.substr(given.rfind('\\') + 1);
  return std::any_of(names.begin(), names.end(), [&](const auto& name) { return same_name(name, given) || same_name(name, behind); });
}

}  // namespace

Result<void> not_ours(Session& session, const Setup& setup, const Kind& kind, const Entry& account) {
  const auto who = session.who();
  if (!who) return tl::make_unexpected(who.error());
  const auto names = names_of(setup, kind, account);
  // So is "name@REALM".
  for (const auto& own : {setup.bind, setup.bind.substr(0, setup.bind.find('@')), *who})
    if (!own.empty() && is_among(names, own)) return fail(ErrorCode::forbidden, tr("ldap.ours"), account.dn);
  return {};
}

bool is_emergency(const Setup& setup, const Kind& kind, const Entry& account) {
  const auto names = names_of(setup, kind, account);
  return std::any_of(setup.emergency_accounts.begin(), setup.emergency_accounts.end(),
                     [&](const auto& one) { return is_among(names, one); });
}

std::string member_again(const Entry& account, const std::string& attribute, const std::string& value) {
  if (attribute != "memberUid") return same_name(value, account.dn) ? value : account.dn;
  const auto& uids = account.all("uid");
  return std::any_of(uids.begin(), uids.end(), [&](const auto& uid) { return iequals(uid, value); }) ? value : account.first("uid");
}

Result<Entry> account_by_identity(Session& session, const Setup& setup, const Kind& kind, const std::string& identity) {
  std::optional<Entry> out;
  if (!identity.empty()) {
    const auto filter = "(" + std::string(kind.identity()) + "=" + quote::ldap_filter_bytes(identity) + ")";
    const auto keep = [&](const Entry& entry) -> Result<void> {
      out = entry;
      return {};
    };
    if (auto done = session.search(setup.base, Scope::subtree, filter, kind.attributes(), keep, 1); !done)
      return tl::make_unexpected(done.error());
  }
  if (!out) return fail(ErrorCode::not_found, tr("ldap.no_account"), {}, tr("ldap.no_account.help"));
  return *out;
}

Result<Entry> find_account(Session& session, const Setup& setup, const Kind& kind, const std::string& name) {
  const auto value = quote::ldap_filter_value(name);
  if (!value) return tl::make_unexpected(value.error());
  if (trim(name).empty()) return fail(ErrorCode::bad_input, tr("field.missing", {{"field", "account"}}), "account");
  const auto& names = setup.account_attributes.empty() ? kind.names() : setup.account_attributes;
  std::string filter = "(&" + std::string(kind.accounts()) + "(|";
  for (const auto& one : names) filter += "(" + one + "=" + (one == "proxyAddresses" ? "smtp:" : "") + *value + ")";
  std::vector<Entry> found;
  auto done = session.search(
      setup.base, Scope::subtree, filter + "))", kind.attributes(),
      [&](const Entry& entry) -> Result<void> {
        found.push_back(entry);
        return {};
      },
      20);
  if (!done) return tl::make_unexpected(done.error());
  if (found.empty() && name.find('=') != std::string::npos) {
    // Only what is an account, and below the base.
    std::string identity;
    done = session.search(name, Scope::base, std::string(kind.accounts()), kind.attributes(), [&](const Entry& entry) -> Result<void> {
      identity = entry.first(kind.identity());
      return {};
    });
    if (!done && done.error().code == ErrorCode::io) return tl::make_unexpected(done.error());
    if (auto entry = account_by_identity(session, setup, kind, identity))
      found.push_back(std::move(*entry));
    else if (entry.error().code == ErrorCode::io)
      return tl::make_unexpected(entry.error());
  }
  const auto shown = to_utf8_lossy(clip(name, 300));
  if (found.empty()) return fail(ErrorCode::not_found, tr("ldap.no_account"), shown, tr("ldap.no_account.help"));
  if (found.size() > 1)
    return fail(ErrorCode::conflict, tr("ldap.several", {{"first", found[0].dn}, {"second", found[1].dn}}), shown, tr("ldap.several.help"));
  return found.front();
}

}  // namespace digue::ldap
