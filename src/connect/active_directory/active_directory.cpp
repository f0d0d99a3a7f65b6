#include <algorithm>
#include <charconv>

#include "base/quote.hpp"
#include "base/text.hpp"
#include "connect/connectors.hpp"
#include "connect/ldap/directory.hpp"

/// Active Directory, Microsoft's or Samba's (MS-ADTS).
namespace digue::ldap {

using namespace containment;

namespace {

// userAccountControl (MS-ADTS 2.2.16).
constexpr std::uint32_t disabled = 0x2, password_not_required = 0x20, never_expires = 0x10000, for_delegation = 0x80000,
                        no_preauthentication = 0x400000, of_a_machine = 0x800 | 0x1000 | 0x2000, to_authenticate = 0x1000000;
constexpr std::uint32_t domain_admins = 512, krbtgt = 502;
constexpr std::string_view in_chain = "1.2.840.113556.1.4.1941", bits_set = "1.2.840.113556.1.4.803";

std::uint32_t number(const std::string& text) {
  std::uint32_t out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

/// "... data 533, ..." of a refused sign-in; a wrong password is 52e, whatever the account's state. 0: not told.
std::uint32_t reason_of(const SignIn& answer) {
  const auto at = answer.said.find("data ");
  std::uint32_t out = 0;
  if (at != std::string::npos) std::from_chars(answer.said.data() + at + 5, answer.said.data() + answer.said.size(), out, 16);
  return out;
}

std::string filetime(UtcMicros time) {
  return std::to_string((time.value + 11'644'473'600 * micros_per_second) * 10);
}

std::string four_bytes(std::uint32_t number) {
  std::string out;
  for (int shift = 0; shift < 32; shift += 8) out += static_cast<char>((number >> shift) & 0xff);
  return out;
}

/// Of a SID: what tells it from others of its domain.
std::uint32_t last_part(const std::string& sid) {
  std::uint32_t out = 0;
  for (std::size_t i = sid.size() < 4 ? 0 : sid.size() - 4, shift = 0; i < sid.size(); ++i, shift += 8)
    out |= std::uint32_t{static_cast<unsigned char>(sid[i])} << shift;
  return out;
}

std::string in_quotes_utf16(const std::string& ascii) {
  std::string out;
  for (const char c : "\"" + ascii + "\"") out += {c, '\0'};
  return out;
}

class ActiveDirectory final : public Kind {
 public:
  std::string_view name() const override { return "active_directory"; }
  std::string_view identity() const override { return "objectGUID"; }
  std::vector<std::string> names() const override { return {"userPrincipalName", "mail", "sAMAccountName", "proxyAddresses"}; }
  std::string_view accounts() const override { return "(&(objectCategory=person)(objectClass=user))"; }
  std::vector<std::string> attributes() const override { return {"*", "msDS-User-Account-Control-Computed"}; }
  std::string_view created() const override { return "whenCreated"; }

  std::string_view lock() const override { return "userAccountControl"; }
  bool is_locked(const Entry& account) const override { return (control(account) & disabled) != 0; }
  std::string locked(const Entry& account) const override { return std::to_string(control(account) | disabled); }
  std::optional<std::string> unlocked(const Entry& account, const std::optional<std::string>&) const override {
    return std::to_string(control(account) & ~disabled);
  }
  Result<void> is_a_person(const Entry& account) const override {
    if (last_part(account.first("objectSid")) == krbtgt)
      return fail(ErrorCode::forbidden, tr("active_directory.krbtgt"), account.dn, tr("active_directory.krbtgt.help"));
    if ((control(account) & of_a_machine) != 0)
      return fail(ErrorCode::forbidden, tr("active_directory.machine"), account.dn, tr("active_directory.machine.help"));
    return {};
  }
  Result<std::vector<Localized>> lock_holds(Session&, const Setup&, const Entry& account) const override {
    if (account.first("adminCount") == "1") return std::vector{says("active_directory.protected")};
    return std::vector<Localized>();
  }
  std::vector<Probe> lock_probes(Session&, const Setup&, const Entry&) const override { return {}; }

  std::string_view password_time() const override { return "pwdLastSet"; }
  Result<void> set_password(Session& session, const std::string& dn, const std::string& password) const override {
    return session.modify(dn, changes(in_quotes_utf16(password)));
  }
  std::string password_request(const std::string& dn) const override { return ldif_of(dn, changes("***"), "unicodePwd"); }
  Result<std::optional<std::pair<std::string, std::string>>> must_change(Session&) const override { return std::nullopt; }
  bool reset_asks_change() const override { return true; }
  bool has_to_change(const Entry& account) const override { return account.first("pwdLastSet") == "0"; }
  bool knows_password(const SignIn& answer) const override {
    switch (answer.code == 0 ? 0 : reason_of(answer)) {
      case 0:
        return answer.code == 0;
      case 0x530:  // not at this hour
      case 0x531:  // not from this machine
      case 0x532:  // password expired
      case 0x533:  // disabled
      case 0x701:  // account expired
      case 0x773:  // must change
        return true;
      default:
        return false;
    }
  }
  bool is_refused_as_locked(const SignIn& answer) const override { return answer.code == 49 && reason_of(answer) == 0x533; }
  bool reset_unlocks() const override { return false; }

  Result<std::vector<Membership>> memberships(Session& session, const Setup& setup, const Entry& account) const override {
    const auto dn = quote::ldap_filter_value(account.dn);
    if (!dn) return tl::make_unexpected(dn.error());
    const auto root = domain(session);
    if (!root) return tl::make_unexpected(root.error());
    std::vector<Membership> out;
    const auto& direct = account.all("memberOf");
    const auto keep = [&](const Entry& group, bool is_direct, bool is_primary) {
      out.push_back({group.dn, "member", account.dn, administrates(setup, group), false, is_direct, is_primary});
    };
    auto done = session.search(
        *root, Scope::subtree, "(&(objectClass=group)(member:" + std::string(in_chain) + ":=" + *dn + "))", {"adminCount", "objectSid"},
        [&](const Entry& group) -> Result<void> {
          keep(group, std::any_of(direct.begin(), direct.end(), [&](const auto& one) { return lower(one) == lower(group.dn); }), false);
          return {};
        });
    if (!done) return tl::make_unexpected(done.error());
    // The primary group stands in no list of members (MS-ADA3 2.120): a place to hide.
    if (auto sid = account.first("objectSid"); sid.size() >= 12) {
      sid.replace(sid.size() - 4, 4, four_bytes(number(account.first("primaryGroupID"))));
      done = session.search(*root, Scope::subtree, "(&(objectClass=group)(objectSid=" + quote::ldap_filter_bytes(sid) + "))",
                            {"adminCount"}, [&](const Entry& group) -> Result<void> {
                              keep(group, false, true);
                              return {};
                            });
      if (!done) return tl::make_unexpected(done.error());
    }
    // What was put into a group that administrates a moment ago bears no mark of it yet.
    for (auto& one : out) {
      if (one.administrates || (!one.direct && !one.primary)) continue;
      const auto name = quote::ldap_filter_value(one.group);
      if (!name) return tl::make_unexpected(name.error());
      done =
          session.search(*root, Scope::subtree, "(&(objectClass=group)(adminCount=1)(member:" + std::string(in_chain) + ":=" + *name + "))",
                         {"cn"}, [&](const Entry&) -> Result<void> {
                           one.administrates = true;
                           return {};
                         });
      if (!done) return tl::make_unexpected(done.error());
    }
    return out;
  }

  Result<std::vector<Entry>> administrators(Session& session, const Setup&, std::size_t most) const override {
    const auto root = domain(session);
    if (!root) return tl::make_unexpected(root.error());
    const auto entry = session.read(*root, {"objectSid"});
    if (!entry) return tl::make_unexpected(entry.error());
    auto sid = *entry ? (*entry)->first("objectSid") : std::string();
    if (sid.size() < 8) return fail(ErrorCode::bad_input, tr("active_directory.no_sid"), *root);
    // A group's SID is its domain's with one part more (MS-DTYP 2.4.2.2).
    sid[1] = static_cast<char>(sid[1] + 1);
    sid += four_bytes(domain_admins);
    std::string group;
    auto done = session.search(*root, Scope::subtree, "(objectSid=" + quote::ldap_filter_bytes(sid) + ")", {"cn"},
                               [&](const Entry& one) -> Result<void> {
                                 group = one.dn;
                                 return {};
                               });
    if (!done) return tl::make_unexpected(done.error());
    const auto name = quote::ldap_filter_value(group);
    if (!name) return tl::make_unexpected(name.error());
    // A primary group stands in no list of members: it is named by the last part of its SID.
    const auto within = "(memberOf:" + std::string(in_chain) + ":=" + *name + ")";
    auto primary = "(primaryGroupID=" + std::to_string(domain_admins) + ")";
    done =
        session.search(*root, Scope::subtree, "(&(objectClass=group)" + within + ")", {"objectSid"}, [&](const Entry& one) -> Result<void> {
          primary += "(primaryGroupID=" + std::to_string(last_part(one.first("objectSid"))) + ")";
          return {};
        });
    if (!done) return tl::make_unexpected(done.error());
    std::vector<Entry> out;
    const auto filter =
        "(&" + std::string(accounts()) + "(!(userAccountControl:" + std::string(bits_set) + ":=2))(|" + within + primary + "))";
    done = session.search(*root, Scope::subtree, filter, attributes(), [&](const Entry& one) -> Result<void> {
      if (out.size() < most) out.push_back(one);
      return {};
    });
    if (!done) return tl::make_unexpected(done.error());
    return out;
  }

  Result<std::optional<std::string>> stale(Session&, UtcMicros at) const override {
    return "(!(userAccountControl:" + std::string(bits_set) + ":=2))(|(lastLogonTimestamp<=" + filetime(at) +
           ")(&(!(lastLogonTimestamp=*))(whenCreated<=" + generalized_time(at) + ")))";
  }

  std::vector<std::string> marks(const Entry& account) const override {
    std::vector<std::string> out;
    if (account.first("adminCount") == "1") out.push_back("adminCount=1");
    if (const auto group = account.first("primaryGroupID"); !group.empty() && group != "513") out.push_back("primaryGroupID=" + group);
    constexpr std::pair<std::uint32_t, std::string_view> bits[] = {{password_not_required, "PASSWD_NOTREQD"},
                                                                   {never_expires, "DONT_EXPIRE_PASSWORD"},
                                                                   {for_delegation, "TRUSTED_FOR_DELEGATION"},
                                                                   {no_preauthentication, "DONT_REQ_PREAUTH"},
                                                                   {to_authenticate, "TRUSTED_TO_AUTH_FOR_DELEGATION"}};
    for (const auto& [bit, name] : bits)
      if ((control(account) & bit) != 0) out.emplace_back(name);
    for (const std::string name : {"servicePrincipalName", "msDS-AllowedToDelegateTo", "msDS-AllowedToActOnBehalfOfOtherIdentity",
                                   "altSecurityIdentities", "msDS-KeyCredentialLink", "sIDHistory"})
      if (!account.all(name).empty()) out.push_back(name);
    return out;
  }

  Result<json::Array> policies(Session& session, const Setup&) const override {
    const auto root = domain(session);
    if (!root) return tl::make_unexpected(root.error());
    json::Array out;
    constexpr std::string_view names[] = {"lockoutThreshold", "lockoutDuration",  "lockOutObservationWindow",
                                          "minPwdLength",     "pwdHistoryLength", "maxPwdAge",
                                          "minPwdAge",        "pwdProperties",    "ms-DS-MachineAccountQuota"};
    const auto entry = session.read(*root, {names, names + std::size(names)});
    if (!entry) return tl::make_unexpected(entry.error());
    if (!*entry) return fail(ErrorCode::forbidden, tr("ldap.rights", {{"why", *root}}));
    json::Object rules;
    for (const auto name : names) rules[name] = json::Value((*entry)->first(name));
    json::Array weak;
    for (const auto* name : {"lockoutThreshold", "minPwdLength"})
      if ((*entry)->first(name) == "0") weak.push_back(name);
    // Any account may add machines to the domain.
    if (const auto quota = (*entry)->first("ms-DS-MachineAccountQuota"); !quota.empty() && quota != "0")
      weak.push_back("ms-DS-MachineAccountQuota");
    out.push_back(json::Object{{"policy", *root}, {"rules", std::move(rules)}, {"weak", std::move(weak)}});
    auto done =
        session.search(*root, Scope::subtree, "(objectClass=msDS-PasswordSettings)", {"*"}, [&](const Entry& policy) -> Result<void> {
          json::Object own;
          json::Array poor;
          for (const auto& [name, values] : policy.values)
            if (name.starts_with("msDS-") && !values.empty() && is_utf8(values.front())) own[name] = json::Value(values.front());
          for (const auto* name : {"msDS-LockoutThreshold", "msDS-MinimumPasswordLength"})
            if (policy.first(name) == "0") poor.push_back(name);
          out.push_back(json::Object{{"policy", policy.dn}, {"rules", std::move(own)}, {"weak", std::move(poor)}});
          return {};
        });
    if (!done) return tl::make_unexpected(done.error());
    return out;
  }

  Result<Readiness> ready(Session& session, const Setup& setup, std::string_view capability) const override {
    if (capability == "account.block" || capability == "account.disable")
      return lacks(session, setup, std::string(accounts()), "userAccountControl");
    if (capability == "password.reset") return lacks(session, setup, std::string(accounts()), "pwdLastSet");
    if (capability == "privilege.remove") return lacks(session, setup, "(objectClass=group)", "member");
    return Readiness{};
  }

  Localized care(bool blocks) const override { return says(blocks ? "ldap.block.care" : "ldap.unblock.care"); }
  std::vector<Localized> block_notes() const override { return {says("active_directory.tickets"), says("active_directory.proof")}; }

 private:
  static std::uint32_t control(const Entry& account) { return number(account.first("userAccountControl")); }

  static std::vector<Change> changes(std::string password) {
    return {{Change::Op::replace, "unicodePwd", {std::move(password)}}, {Change::Op::replace, "pwdLastSet", {"0"}}};
  }

  static bool administrates(const Setup& setup, const Entry& group) {
    return group.first("adminCount") == "1" ||
           std::any_of(setup.admin_groups.begin(), setup.admin_groups.end(), [&](const auto& one) { return same_name(one, group.dn); });
  }

  static Result<std::string> domain(Session& session) {
    const auto root = session.read("", {"defaultNamingContext"});
    if (!root) return tl::make_unexpected(root.error());
    const auto name = *root ? (*root)->first("defaultNamingContext") : std::string();
    if (name.empty()) return fail(ErrorCode::bad_input, tr("active_directory.no_domain"), {}, tr("active_directory.no_domain.help"));
    return name;
  }

  /// The directory tells which attributes of an entry we may write (MS-ADTS 3.1.1.4.5.19); asked of the first that are not protected and
  /// did not come with the domain.
  static Result<Readiness> lacks(Session& session, const Setup& setup, const std::string& filter, std::string_view attribute) {
    std::size_t looked_at = 0, writable = 0;
    auto done = session.search(setup.base, Scope::subtree, "(&" + filter + "(!(adminCount=1))(!(isCriticalSystemObject=TRUE)))",
                               {"allowedAttributesEffective"}, [&](const Entry& one) -> Result<void> {
                                 const auto& allowed = one.all("allowedAttributesEffective");
                                 ++looked_at;
                                 writable += std::any_of(allowed.begin(), allowed.end(),
                                                         [&](const auto& name) { return iequals(name, attribute); });
                                 return looked_at < 200 ? Result<void>() : fail(ErrorCode::cancelled, {});
                               });
    if (!done && done.error().code != ErrorCode::cancelled) return tl::make_unexpected(done.error());
    if (writable == looked_at) return Readiness{};
    const auto why = [&](std::string_view key) { return says(key, {{"attribute", std::string(attribute)}, {"name", setup.bind}}); };
    if (writable == 0) return guided(why("active_directory.lacks"));
    return Readiness{{}, Readiness::Way::automatic, why("active_directory.lacks_some")};
  }
};

}  // namespace

std::unique_ptr<Kind> active_directory() {
  return std::make_unique<ActiveDirectory>();
}

}  // namespace digue::ldap

namespace digue::connect {

using containment::Maker;
extern const Maker active_directory;
const Maker active_directory{"active_directory", {"password"}, ldap::directory_settings(), [](const containment::Settings& settings) {
                               return ldap::connector_of(settings, ldap::active_directory());
                             }};

}  // namespace digue::connect
