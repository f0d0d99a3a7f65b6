#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <span>

#include "base/crypto/password_hash.hpp"
#include "base/crypto/secret_box.hpp"
#include "people/password.hpp"
#include "people/recovery.hpp"
#include "service/context.hpp"
#include "service/login_sessions.hpp"

namespace digue::service {

/// The door: accounts, factors, roles, login sessions, and who may do what. The one place where rights are decided. Any thread.
class People {
 public:
  struct Options {
    std::function<UtcMicros()> clock = now;
    PasswordCost cost{};
  };
  /// `common` outlives it.
  static Result<std::unique_ptr<People>> open(const Context& context, LoginSessions& sessions, SecretBox box,
                                              const people::CommonPasswords& common, Options options);
  static Result<std::unique_ptr<People>> open(const Context& context, LoginSessions& sessions, SecretBox box,
                                              const people::CommonPasswords& common) {
    return open(context, sessions, std::move(box), common, Options{});
  }

  // Who asks, and what they may. In memory: quick.
  /// True from the first account that was set up on: then the one-time link opens nothing any more.
  bool has_accounts() const;
  /// The person behind the secret of a cookie; nothing when nobody is signed in.
  std::optional<Caller> caller_of(const std::string& secret, const std::string& source, bool quiet = false);
  /// True as long as the caller's session lasts and their account is open.
  bool still_in(const Caller& caller);
  /// Whoever reaches the data directory itself, by the name that they give (an account's login: its name).
  Caller local_caller(const std::string& author) const;
  /// On an incident; on none (empty): the right is held on some incident, or by the account.
  bool may(const Caller& caller, people::Right right, const std::string& incident) const;
  /// True when the caller has a role on the incident.
  bool sees(const Caller& caller, const std::string& incident) const;
  /// The same, refused in words and kept in the security log. An incident on which the caller has no role does not exist for them:
  /// not_found; else forbidden. `what` is the request, for the log.
  Result<void> allow(const Caller& caller, people::Right right, const std::string& incident, const std::string& what);
  /// True when the caller proved lately who they are, or has nothing to prove it with.
  bool proved_lately(const Caller& caller);
  std::vector<people::Right> rights(const Caller& caller, const std::string& incident) const;
  /// Reads accounts and roles again, behind a change by another use case.
  Result<void> refresh();

  // At the door
  struct Visitor {
    std::string source;
    std::string agent;
    std::string secret;  ///< of the session that the browser has already; it ends
  };
  struct Outcome {
    enum class Kind { done, refused, wait } kind = Kind::refused;
    std::string secret;     ///< of the new session
    std::int64_t wait = 0;  ///< microseconds
    std::vector<std::string> recovery;
  };
  /// By password and one-time (or recovery) code. One answer for whatever was wrong, after the same work.
  Result<Outcome> sign_in(const std::string& login, const std::string& password, const std::string& code, const Visitor& visitor);
  /// Proves again who is there, by password or by code; the session gets a new secret.
  Result<Outcome> prove(const Caller& caller, const std::string& password, const std::string& code, const Visitor& visitor);
  /// The caller at the terminal, by password and code: done makes them that person and nothing more. No session begins.
  Result<Outcome> vouch(Caller& caller, const std::string& password, const std::string& code);
  /// With the sign-in link, before accounts exist.
  Result<Outcome> sign_in_by_link(const std::string& token, const std::string& name, const Visitor& visitor);
  Result<void> sign_out(const Caller& caller, const std::string& secret);

  struct SetUp {
    people::Account account;
    bool new_password = true;  ///< else the present one is asked
    bool new_factor = true;    ///< else a present code is asked
    std::string secret;        ///< of the one-time codes, base32
    std::string uri;
    UtcMicros expires{};
  };
  /// What a set-up link is for; not_found when it is wrong, used or too old.
  Result<SetUp> show_set_up(const std::string& token);
  /// Ends the set-up and signs in. `code` is the first one of a new factor, or one of the present factor.
  Result<Outcome> set_up(const std::string& token, const std::string& password, const std::string& code, const Visitor& visitor);

  // One's own account
  Result<people::Account> account(const Caller& caller) const;
  /// bad_input names the field. Ends the other sessions of the account.
  Result<Outcome> change_password(const Caller& caller, const std::string& current, const std::string& password, const Visitor& visitor);
  /// A new secret for one-time codes, kept until change_factor() brings its first code.
  Result<SetUp> offer_factor(const Caller& caller);
  Result<std::vector<std::string>> change_factor(const Caller& caller, const std::string& code);
  Result<std::vector<std::string>> new_recovery_codes(const Caller& caller);

  // Sessions
  /// Own sessions, or everybody's.
  std::vector<LoginSession> sessions(const Caller& caller, bool everybody);
  Result<void> end_session(const Caller& caller, const std::string& id, bool anybodys);
  /// All of a person's; own other ones when it is the caller.
  Result<std::size_t> end_sessions_of(const Caller& caller, const std::string& person);

  // Administration
  struct Link {
    people::Account account;
    std::string token;
    UtcMicros expires{};
  };
  std::vector<people::Account> list() const;
  std::vector<people::Membership> memberships() const;
  Result<Link> invite(const Caller& caller, const std::string& login, const std::string& name, bool administrator);
  /// A new set-up link. What is reset no longer opens anything; sessions end.
  Result<Link> reset(const Caller& caller, const std::string& person, bool password, bool factor);
  Result<people::Account> set_disabled(const Caller& caller, const std::string& person, bool disabled);
  Result<people::Account> set_administrator(const Caller& caller, const std::string& person, bool administrator);
  /// Journaled in the incident; no role takes the person off it.
  Result<void> set_roles(const Caller& caller, const std::string& incident, const std::string& person,
                         const std::vector<std::string>& roles);
  Result<std::vector<people::SecurityEvent>> security_events(std::int64_t after, std::int64_t limit);

 private:
  struct Directory {
    std::vector<people::Account> accounts;
    std::vector<people::Membership> memberships;
    const people::Account* find(std::string_view id) const;
    const people::Account* with_login(std::string_view login) const;
    std::uint8_t roles(std::string_view incident, std::string_view person) const;
    bool active() const;
  };
  People(const Context& context, LoginSessions& sessions, SecretBox box, const people::CommonPasswords& common, Options options);
  std::shared_ptr<const Directory> directory() const;

  people::SecurityEvent event(const Caller& caller, std::string_view kind, std::string detail = {}, std::string incident = {}) const;
  Result<void> record(const people::SecurityEvent& event);
  /// A change of accounts by `work`, its line of the security log in the same transaction, then refresh().
  Result<void> change(const people::SecurityEvent& event, const store::CaseStore::Writing& work);
  Result<std::int64_t> charge(const std::string& subject, const std::string& person, const std::string& source);
  /// What of a password and a code was right. A recovery code is told by its use only.
  struct Proof {
    bool password = false;
    std::optional<std::int64_t> step;
    std::string recovery;  ///< hash of what may be a recovery code
  };
  Result<Proof> weigh(const people::Account* account, const std::string& password, const std::string& code);
  /// Uses the code up; false when it was used meanwhile.
  Result<bool> use_code(store::CaseWriter& writer, const people::Account& account, const Proof& proof);
  Result<Outcome> refuse(const people::Account* account, const Proof& proof, std::string_view kind, const std::string& source);
  Result<Link> link_for(const people::SecurityEvent& event, people::Account account, bool password, bool factor);
  Result<void> good_password(const std::string& password, const people::Account& account) const;
  Result<people::Account> known(const std::string& person) const;
  Result<Outcome> enter(const people::Account& account, const Visitor& visitor);
  /// What a person does with password and code; told in the security log as `done` or `failed`.
  struct Telling {
    std::string_view done, failed;
  };
  Result<Outcome> identify(const std::string& login, const std::string& password, const std::string& code, const std::string& source,
                           const Telling& telling);

  const Context& context_;
  LoginSessions& sessions_;
  SecretBox box_;
  const people::CommonPasswords& common_;
  Options options_;
  std::string dummy_;  ///< the hash that an unknown login is tried against
  std::mutex refreshing_;
  mutable std::mutex mutex_;  ///< of what follows
  std::shared_ptr<const Directory> directory_;
  std::map<std::string, std::string> offered_;  ///< secrets of offer_factor() by person
};

}  // namespace digue::service
