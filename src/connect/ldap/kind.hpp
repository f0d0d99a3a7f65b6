#pragma once

#include "connect/ldap/setup.hpp"

namespace digue::ldap {

/// A group that an account is a member of.
struct Membership {
  std::string group;      ///< its name
  std::string attribute;  ///< that holds the member, and
  std::string value;      ///< as what
  bool administrates = false;
  bool only_member = false;  ///< and the group may not be empty
  bool direct = true;        ///< not through another group
  bool primary = false;      ///< Active Directory's primary group, which is left only by having another
};

/// What one product's directory does in its own way; the rest is the same for all (see directory.hpp). Functions that take a session ask
/// the directory.
class Kind {
 public:
  virtual ~Kind() = default;
  /// "openldap"
  virtual std::string_view name() const = 0;
  /// The attribute that stays when an account is renamed, and the attributes that hold its names.
  virtual std::string_view identity() const = 0;
  virtual std::vector<std::string> names() const = 0;
  /// Selects accounts, whatever their name.
  virtual std::string_view accounts() const = 0;
  virtual std::vector<std::string> attributes() const = 0;
  virtual std::string_view created() const = 0;

  /// The attribute that blocks an account, whether it does, and what it is once blocked or not blocked any more (nothing: absent).
  virtual std::string_view lock() const = 0;
  virtual bool is_locked(const Entry& account) const = 0;
  virtual std::string locked(const Entry& account) const = 0;
  virtual std::optional<std::string> unlocked(const Entry& account, const std::optional<std::string>& before) const = 0;
  /// Refuses what keeps the directory itself running, for which a block or a new password is a decision of its own.
  virtual Result<void> is_a_person(const Entry&) const { return {}; }
  /// Refuses where the lock would have no effect; what a plan notes of it.
  virtual Result<std::vector<Localized>> lock_holds(Session& session, const Setup& setup, const Entry& account) const = 0;
  /// More proof that a block holds: a sign-in that the server refuses for this reason. Empty where it says none to a stranger.
  virtual std::vector<containment::Probe> lock_probes(Session& session, const Setup& setup, const Entry& account) const = 0;

  /// The attribute that tells when the password was last set.
  virtual std::string_view password_time() const = 0;
  virtual Result<void> set_password(Session& session, const std::string& dn, const std::string& password) const = 0;
  /// What set_password() sends, the password masked.
  virtual std::string password_request(const std::string& dn) const = 0;
  /// The attribute and value that make the owner choose another at the next sign-in; nothing: set_password() sees to it, or nothing can.
  virtual Result<std::optional<std::pair<std::string, std::string>>> must_change(Session& session) const = 0;
  /// set_password() asks for it by itself.
  virtual bool reset_asks_change() const = 0;
  virtual bool has_to_change(const Entry& account) const = 0;
  /// Whether the answer to a sign-in shows that the password is the account's, and whether that let in.
  virtual bool knows_password(const SignIn& answer) const = 0;
  virtual bool is_refused_as_locked(const SignIn& answer) const = 0;
  /// A reset takes the lock off.
  virtual bool reset_unlocks() const = 0;

  virtual Result<std::vector<Membership>> memberships(Session& session, const Setup& setup, const Entry& account) const = 0;
  /// Accounts that administrate and are not blocked, at most `most`.
  virtual Result<std::vector<Entry>> administrators(Session& session, const Setup& setup, std::size_t most) const = 0;
  /// Selects accounts whose last sign-in is before `at`; nothing: the directory does not tell.
  virtual Result<std::optional<std::string>> stale(Session& session, UtcMicros at) const = 0;
  /// What gives an account more than it seems to have.
  virtual std::vector<std::string> marks(const Entry& account) const = 0;
  /// Rules for passwords and lockout, one object each, with what is weak of them.
  virtual Result<json::Array> policies(Session& session, const Setup& setup) const = 0;
  /// Whether it could be done here, as far as reading tells.
  virtual Result<containment::Readiness> ready(Session& session, const Setup& setup, std::string_view capability) const = 0;

  virtual Localized care(bool blocks) const = 0;
  virtual std::vector<Localized> block_notes() const = 0;
};

inline containment::Readiness guided(Localized why) {
  return {{}, containment::Readiness::Way::guided, std::move(why)};
}

std::unique_ptr<Kind> openldap();
std::unique_ptr<Kind> active_directory();

/// A time as LDAP writes it: "20261130093412.0Z" (RFC 4517, 3.3.13), for `since` filters.
std::string generalized_time(UtcMicros time);

}  // namespace digue::ldap
