#include <algorithm>

#include "base/crypto/readable_secret.hpp"
#include "base/quote.hpp"
#include "base/text.hpp"
#include "connect/connectors.hpp"
#include "connect/ldap/directory.hpp"

/// OpenLDAP with its ppolicy overlay (slapo-ppolicy(5)).
namespace digue::ldap {

using namespace containment;

namespace {

// Locked until an administrator unlocks it (draft-behera-ldap-password-policy, 5.3.3).
constexpr std::string_view for_good = "000001010000Z";
constexpr int account_locked = 1, change_after_reset = 2;

json::Value one_rule(const Entry& policy, std::string_view name) {
  const auto value = policy.first(name);
  return value.empty() ? json::Value(nullptr) : json::Value(value);
}

class OpenLdap final : public Kind {
 public:
  std::string_view name() const override { return "openldap"; }
  std::string_view identity() const override { return "entryUUID"; }
  std::vector<std::string> names() const override { return {"mail", "uid"}; }
  std::string_view accounts() const override {
    return "(|(objectClass=person)(objectClass=account)(objectClass=posixAccount)(objectClass=simpleSecurityObject))";
  }
  std::vector<std::string> attributes() const override { return {"*", "+"}; }
  std::string_view created() const override { return "createTimestamp"; }

  std::string_view lock() const override { return "pwdAccountLockedTime"; }
  bool is_locked(const Entry& account) const override { return account.first(lock()) == for_good; }
  std::string locked(const Entry&) const override { return std::string(for_good); }
  std::optional<std::string> unlocked(const Entry&, const std::optional<std::string>& before) const override { return before; }

  Result<std::vector<Localized>> lock_holds(Session& session, const Setup& setup, const Entry& account) const override {
    const auto known = has_policies(session);
    if (!known) return tl::make_unexpected(known.error());
    if (!*known) return fail(ErrorCode::bad_input, tr("openldap.no_ppolicy"), setup.server.url, tr("openldap.no_ppolicy.help"));
    const auto lockout = lockout_of(session, setup, account);
    if (!lockout) return tl::make_unexpected(lockout.error());
    // With pwdLockout off, slapd does not look at the lock at all.
    if (*lockout == Lockout::off) return fail(ErrorCode::bad_input, tr("openldap.no_lockout"), account.dn, tr("openldap.no_lockout.help"));
    if (*lockout == Lockout::unknown) return std::vector{says("openldap.which_policy")};
    return std::vector<Localized>();
  }

  std::vector<Probe> lock_probes(Session& session, const Setup& setup, const Entry& account) const override {
    // Any password shows it: slapd refuses a locked account before it looks at the password.
    const auto answer = sign_in(setup.server, account.dn, readable_secret(4));
    Probe out{"sign-in", "refused: locked", {}, false, now(), {}, {}};
    if (!answer) {
      out.seen = to_text(answer.error());
      return {out};
    }
    out.source = answer->source;
    const bool told = is_refused_as_locked(*answer);
    out.seen = std::to_string(answer->code) + ": " + (told ? "account locked" : tr("openldap.silent"));
    // Refused, for a password that nobody has, is no proof by itself: the rule that makes the lock hold has to be seen.
    const auto lockout = told ? Result<Lockout>(Lockout::on) : lockout_of(session, setup, account);
    out.good = answer->code == 49 && lockout && *lockout == Lockout::on;
    return {out};
  }

  std::string_view password_time() const override { return "pwdChangedTime"; }
  Result<void> set_password(Session& session, const std::string& dn, const std::string& password) const override {
    return session.set_password(dn, password);
  }
  std::string password_request(const std::string& dn) const override { return "passwd (1.3.6.1.4.1.4203.1.11.1) " + dn + " ***\n"; }
  Result<std::optional<std::pair<std::string, std::string>>> must_change(Session& session) const override {
    const auto known = has_policies(session);
    if (!known) return tl::make_unexpected(known.error());
    if (!*known) return std::nullopt;
    return std::pair<std::string, std::string>("pwdReset", "TRUE");
  }
  bool reset_asks_change() const override { return false; }
  bool has_to_change(const Entry& account) const override { return iequals(account.first("pwdReset"), "TRUE"); }
  bool knows_password(const SignIn& answer) const override { return answer.code == 0; }
  bool is_refused_as_locked(const SignIn& answer) const override { return answer.code == 49 && answer.policy == account_locked; }
  bool reset_unlocks() const override { return true; }

  Result<std::vector<Membership>> memberships(Session& session, const Setup& setup, const Entry& account) const override {
    const auto dn = quote::ldap_filter_value(account.dn);
    if (!dn) return tl::make_unexpected(dn.error());
    const auto& uids = account.all("uid");
    auto filter = "(|(member=" + *dn + ")(uniqueMember=" + *dn + ")";
    for (const auto& one : uids) {
      const auto uid = quote::ldap_filter_value(one);
      if (!uid) return tl::make_unexpected(uid.error());
      filter += "(&(objectClass=posixGroup)(memberUid=" + *uid + "))";
    }
    std::vector<Entry> groups;
    auto done = session.search(setup.base, Scope::subtree, filter + ")", {"member", "uniqueMember", "memberUid"},
                               [&](const Entry& group) -> Result<void> {
                                 groups.push_back(group);
                                 return {};
                               });
    if (!done) return tl::make_unexpected(done.error());
    std::vector<Membership> out;
    for (const auto& group : groups) {
      const bool administers = administrates(setup, group.dn);
      for (const auto& value : group.all("memberUid"))
        if (std::any_of(uids.begin(), uids.end(), [&](const auto& uid) { return iequals(uid, value); }))
          out.push_back({group.dn, "memberUid", value, administers});
      for (const std::string attribute : {"member", "uniqueMember"}) {
        const auto& values = group.all(attribute);
        if (values.empty()) continue;
        auto mine = std::find_if(values.begin(), values.end(), [&](const auto& value) { return same_name(value, account.dn); });
        // The server knows more spellings of a name than we do.
        const auto there = mine != values.end() ? Result<bool>(true) : session.compare(group.dn, attribute, account.dn);
        if (!there) return tl::make_unexpected(there.error());
        // groupOfNames and groupOfUniqueNames hold one member at least (RFC 4519, 3.5).
        if (*there) out.push_back({group.dn, attribute, mine != values.end() ? *mine : account.dn, administers, values.size() == 1});
      }
    }
    return out;
  }

  Result<std::vector<Entry>> administrators(Session& session, const Setup& setup, std::size_t most) const override {
    std::vector<Entry> out;
    std::vector<std::string> seen;
    for (const auto& name : setup.admin_groups) {
      const auto group = session.read(name, {"member", "uniqueMember", "memberUid"});
      if (!group) return tl::make_unexpected(group.error());
      if (!*group) return fail(ErrorCode::not_found, tr("ldap.no_group"), name, tr("ldap.no_group.help"));
      for (const std::string attribute : {"member", "uniqueMember", "memberUid"})
        for (const auto& value : (*group)->all(attribute)) {
          auto account = attribute == "memberUid" ? by_uid(session, setup, value) : session.read(value, attributes());
          if (!account && account.error().code == ErrorCode::io) return tl::make_unexpected(account.error());
          if (!account || !*account || is_locked(**account)) continue;
          if (std::find(seen.begin(), seen.end(), (*account)->dn) != seen.end()) continue;
          seen.push_back((*account)->dn);
          out.push_back(**account);
          if (out.size() >= most) return out;
        }
    }
    return out;
  }

  Result<std::optional<std::string>> stale(Session& session, UtcMicros at) const override {
    const auto known = in_schema(session, "authTimestamp");
    if (!known) return tl::make_unexpected(known.error());
    if (!*known) return std::nullopt;
    return "(authTimestamp<=" + generalized_time(at) + ")";
  }

  std::vector<std::string> marks(const Entry& account) const override {
    std::vector<std::string> out;
    for (const std::string name : {"sshPublicKey", "userCertificate", "authzTo", "authzFrom", "pwdPolicySubentry"})
      if (!account.all(name).empty()) out.push_back(name);
    if (account.first("uidNumber") == "0") out.push_back("uidNumber=0");
    return out;
  }

  Result<json::Array> policies(Session& session, const Setup& setup) const override {
    const auto all = policies_of(session, setup);
    if (!all) return tl::make_unexpected(all.error());
    json::Array out;
    for (const auto& policy : *all) {
      json::Object rules;
      for (const auto* name : {"pwdLockout", "pwdMaxFailure", "pwdFailureCountInterval", "pwdLockoutDuration", "pwdMinLength",
                               "pwdInHistory", "pwdMaxAge", "pwdCheckQuality", "pwdMustChange", "pwdAllowUserChange"})
        rules[name] = one_rule(policy, name);
      json::Array weak;
      if (!iequals(policy.first("pwdLockout"), "TRUE")) weak.push_back("pwdLockout");
      for (const auto* name : {"pwdMaxFailure", "pwdMinLength"})
        if (policy.first(name).empty() || policy.first(name) == "0") weak.push_back(name);
      out.push_back(json::Object{{"policy", policy.dn}, {"rules", std::move(rules)}, {"weak", std::move(weak)}});
    }
    return out;
  }

  Result<Readiness> ready(Session& session, const Setup& setup, std::string_view capability) const override {
    if (capability == "account.block" || capability == "account.disable" || capability == "policy.read") {
      const auto known = has_policies(session);
      if (!known) return tl::make_unexpected(known.error());
      if (!*known) return guided(says("openldap.no_ppolicy"));
    }
    if (capability == "privilege.remove")
      if (const auto all = administrators(session, setup, 1); !all) {
        if (all.error().code == ErrorCode::io) return tl::make_unexpected(all.error());
        return guided({to_text(all.error()), to_text(all.error())});
      }
    if (capability == "account.block" || capability == "account.disable") {
      const auto all = policies_of(session, setup);
      if (!all) return tl::make_unexpected(all.error());
      if (!all->empty() && std::none_of(all->begin(), all->end(), locks)) return guided(says("openldap.no_lockout"));
    }
    const auto* known = capability_named(capability);
    const bool writes = known != nullptr && known->reach == Reach::change;
    return Readiness{{}, Readiness::Way::automatic, writes ? says("openldap.untried", {{"name", setup.bind}}) : Localized()};
  }

  Localized care(bool blocks) const override { return says(blocks ? "ldap.block.care" : "ldap.unblock.care"); }
  std::vector<Localized> block_notes() const override { return {says("openldap.sessions")}; }

 private:
  enum class Lockout { on, off, unknown };
  static bool locks(const Entry& policy) { return iequals(policy.first("pwdLockout"), "TRUE"); }

  /// Of the policy that holds for the account: its own, or the default that was set up. Where neither is named, slapd may have another
  /// default than what is seen here, or none at all.
  static Result<Lockout> lockout_of(Session& session, const Setup& setup, const Entry& account) {
    auto wanted = account.first("pwdPolicySubentry");
    if (wanted.empty()) wanted = setup.policy;
    if (!wanted.empty()) {
      const auto policy = session.read(wanted, {"*"});
      if (!policy) return tl::make_unexpected(policy.error());
      return !*policy ? Lockout::unknown : locks(**policy) ? Lockout::on : Lockout::off;
    }
    const auto all = policies_of(session, setup);
    if (!all) return tl::make_unexpected(all.error());
    return !all->empty() && std::none_of(all->begin(), all->end(), locks) ? Lockout::off : Lockout::unknown;
  }

  static bool administrates(const Setup& setup, const std::string& group) {
    return std::any_of(setup.admin_groups.begin(), setup.admin_groups.end(), [&](const auto& one) { return same_name(one, group); });
  }

  Result<std::optional<Entry>> by_uid(Session& session, const Setup& setup, const std::string& uid) const {
    const auto value = quote::ldap_filter_value(uid);
    if (!value) return tl::make_unexpected(value.error());
    std::optional<Entry> out;
    auto done = session.search(setup.base, Scope::subtree, "(uid=" + *value + ")", attributes(), [&](const Entry& entry) -> Result<void> {
      out = entry;
      return {};
    });
    if (!done) return tl::make_unexpected(done.error());
    return out;
  }

  static Result<bool> in_schema(Session& session, std::string_view attribute) {
    const auto schema = session.read("cn=Subschema", {"attributeTypes"});
    if (!schema) return tl::make_unexpected(schema.error());
    if (!*schema) return false;
    const auto named = "'" + std::string(attribute) + "'";
    const auto& all = (*schema)->all("attributeTypes");
    return std::any_of(all.begin(), all.end(), [&](const auto& one) { return one.find(named) != std::string::npos; });
  }
  static Result<bool> has_policies(Session& session) { return in_schema(session, "pwdAccountLockedTime"); }

  static Result<std::vector<Entry>> policies_of(Session& session, const Setup& setup) {
    std::vector<Entry> out;
    auto done = session.search(
        setup.base, Scope::subtree, "(objectClass=pwdPolicy)", {"*"},
        [&](const Entry& entry) -> Result<void> {
          out.push_back(entry);
          return {};
        },
        1'000);
    if (!done) return tl::make_unexpected(done.error());
    return out;
  }
};

}  // namespace

std::unique_ptr<Kind> openldap() {
  return std::make_unique<OpenLdap>();
}

}  // namespace digue::ldap

namespace digue::connect {

using containment::Maker;
extern const Maker openldap;
const Maker openldap{
    "openldap", {"password"}, ldap::directory_settings({containment::Setting{"policy"}}), [](const containment::Settings& settings) {
      return ldap::connector_of(settings, ldap::openldap());
    }};

}  // namespace digue::connect
