#include <algorithm>
#include <array>

#include "base/crypto/hash.hpp"
#include "base/crypto/random.hpp"
#include "base/text.hpp"
#include "people/totp.hpp"
#include "service/people.hpp"

namespace digue::service {

using people::Account;
using people::AccountState;

namespace {

constexpr std::int64_t invitation_life = 24 * micros_per_hour;

bool is_login(std::string_view text) {
  return text.size() >= 2 && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || std::string_view("._-@+").find(c) != std::string_view::npos;
         });
}

bool is_last_administrator(const std::vector<Account>& all, const std::string& person) {
  return std::none_of(all.begin(), all.end(),
                      [&](const Account& one) { return one.administrator && one.state == AccountState::active && one.id != person; });
}

tl::unexpected<Error> last_administrator() {
  return fail(ErrorCode::conflict, tr("people.last_administrator"), {}, tr("people.last_administrator_help"));
}

}  // namespace

Result<void> People::good_password(const std::string& password, const Account& account) const {
  std::vector<std::string> personal{account.login, account.name, "digue"};
  for (const auto& domain : context_.settings.own_domains) personal.push_back(domain);
  const auto entities = store::reading(context_.cases, [](store::CaseReader& reader) { return reader.establishments(); });
  if (!entities) return tl::make_unexpected(entities.error());
  for (const auto& one : *entities) personal.push_back(one.name);
  const auto weakness = people::weakness_of(password, common_, personal);
  if (!weakness) return {};
  return fail(ErrorCode::bad_input, tr("password." + std::string(people::name(*weakness))), "password", tr("password.help"));
}

Result<Account> People::account(const Caller& caller) const {
  return known(caller.person);
}

Result<People::Outcome> People::change_password(const Caller& caller, const std::string& current, const std::string& password,
                                                const Visitor& visitor) {
  const auto account = known(caller.person);
  if (!account) return tl::make_unexpected(account.error());
  if (auto good = good_password(password, *account); !good) return tl::make_unexpected(good.error());
  const auto wait = charge(account->login, account->id, visitor.source);
  if (!wait) return tl::make_unexpected(wait.error());
  if (*wait > 0) return Outcome{Outcome::Kind::wait, {}, *wait, {}};
  if (!verify_password(account->password, current)) return refuse(&*account, {}, "proof_failed", visitor.source);
  const auto fresh = hash_password(password, options_.cost);
  const auto done = change(event(caller, "password"), [&](store::CaseWriter& writer) -> Result<void> {
    auto all = writer.people();
    if (!all) return tl::make_unexpected(all.error());
    for (auto& one : *all)
      if (one.id == account->id) {
        one.password = fresh;
        return writer.put_person(one);
      }
    return fail(ErrorCode::not_found, tr("people.absent"));
  });
  if (!done) return tl::make_unexpected(done.error());
  sessions_.end_all(account->id, caller.session);
  auto secret = sessions_.renew(visitor.secret);
  return Outcome{Outcome::Kind::done, secret.value_or(""), 0, {}};
}

Result<People::SetUp> People::offer_factor(const Caller& caller) {
  const auto account = known(caller.person);
  if (!account) return tl::make_unexpected(account.error());
  const auto secret = people::new_totp_secret();
  {
    const std::lock_guard lock(mutex_);
    offered_[account->id] = secret;
  }
  return SetUp{*account, false, true, people::base32(secret), people::otpauth_uri(secret, account->login), {}};
}

Result<std::vector<std::string>> People::change_factor(const Caller& caller, const std::string& code) {
  const auto account = known(caller.person);
  if (!account) return tl::make_unexpected(account.error());
  std::string secret;
  {
    const std::lock_guard lock(mutex_);
    const auto at = offered_.find(account->id);
    if (at == offered_.end()) return fail(ErrorCode::conflict, tr("people.no_offer"), {}, tr("people.no_offer_help"));
    secret = at->second;
  }
  const auto step = people::match_totp(secret, code, options_.clock(), 0);
  if (!step) return fail(ErrorCode::bad_input, tr("people.bad_code"), "code", tr("people.bad_code_help"));
  const auto codes = people::new_recovery_codes();
  std::vector<std::string> hashes;
  for (const auto& one : codes) hashes.push_back(people::recovery_hash(one));
  const auto done = change(event(caller, "factor"), [&](store::CaseWriter& writer) -> Result<void> {
    auto present = *account;
    present.factor = box_.seal(secret);
    present.last_step = *step;
    if (auto put = writer.put_person(present); !put) return put;
    return writer.set_recovery_codes(account->id, hashes);
  });
  if (!done) return tl::make_unexpected(done.error());
  {
    const std::lock_guard lock(mutex_);
    offered_.erase(account->id);
  }
  sessions_.end_all(account->id, caller.session);
  return codes;
}

Result<std::vector<std::string>> People::new_recovery_codes(const Caller& caller) {
  const auto account = known(caller.person);
  if (!account) return tl::make_unexpected(account.error());
  const auto codes = people::new_recovery_codes();
  std::vector<std::string> hashes;
  for (const auto& one : codes) hashes.push_back(people::recovery_hash(one));
  const auto done =
      change(event(caller, "recovery"), [&](store::CaseWriter& writer) { return writer.set_recovery_codes(account->id, hashes); });
  if (!done) return tl::make_unexpected(done.error());
  return codes;
}

Result<People::Link> People::link_for(const people::SecurityEvent& about, Account account, bool password, bool factor) {
  Link link{std::move(account), random_hex(32), {options_.clock().value + invitation_life}};
  const people::Invitation invitation{to_hex(sha256(link.token)),           link.account.id, link.expires,
                                      box_.seal(people::new_totp_secret()), password,        factor};
  const auto done = change(about, [&](store::CaseWriter& writer) -> Result<void> {
    if (auto put = writer.put_person(link.account); !put) return put;
    if (factor)
      if (auto cleared = writer.set_recovery_codes(link.account.id, {}); !cleared) return cleared;
    return writer.put_invitation(invitation);
  });
  if (!done) return tl::make_unexpected(done.error());
  return link;
}

Result<People::Link> People::invite(const Caller& caller, const std::string& login, const std::string& name, bool administrator) {
  Account account;
  account.id = random_hex(8);
  account.login = lower(trim(login));
  account.name = std::string(trim(name));
  if (!is_login(account.login)) return fail(ErrorCode::bad_input, tr("people.bad_login"), "login", tr("people.bad_login_help"));
  // Without accounts nobody could administrate but the first one.
  account.administrator = administrator || !has_accounts();
  account.created = options_.clock();
  account.created_by = caller.name;
  return link_for(event(caller, "invited", account.name), account, true, true);
}

Result<People::Link> People::reset(const Caller& caller, const std::string& person, bool password, bool factor) {
  auto account = known(person);
  if (!account) return tl::make_unexpected(account.error());
  if (account->state == AccountState::disabled) return fail(ErrorCode::conflict, tr("people.is_disabled"), account->login);
  const bool invited = account->state == AccountState::invited;
  password = password || invited || account->password.empty();
  factor = factor || invited || account->factor.empty();
  if (password) account->password.clear();
  if (factor) account->factor.clear();
  auto link = link_for(event(caller, "reset", account->name + (password ? ": password" : "") + (factor ? ": factor" : "")), *account,
                       password, factor);
  if (link) sessions_.end_all(person);
  return link;
}

Result<Account> People::set_disabled(const Caller& caller, const std::string& person, bool disabled) {
  auto account = known(person);
  if (!account) return tl::make_unexpected(account.error());
  const auto done = change(event(caller, disabled ? "disabled" : "enabled", account->name), [&](store::CaseWriter& writer) -> Result<void> {
    const auto all = writer.people();
    if (!all) return tl::make_unexpected(all.error());
    if (disabled && account->administrator && account->state == AccountState::active && is_last_administrator(*all, person))
      return last_administrator();
    account->state = disabled                                               ? AccountState::disabled
                     : account->password.empty() || account->factor.empty() ? AccountState::invited
                                                                            : AccountState::active;
    if (auto put = writer.put_person(*account); !put) return put;
    return disabled ? writer.remove_invitations(person) : Result<void>();
  });
  if (!done) return tl::make_unexpected(done.error());
  if (disabled) sessions_.end_all(person);
  return known(person);
}

Result<Account> People::set_administrator(const Caller& caller, const std::string& person, bool administrator) {
  auto account = known(person);
  if (!account) return tl::make_unexpected(account.error());
  const auto done = change(event(caller, administrator ? "administrator" : "not_administrator", account->name),
                           [&](store::CaseWriter& writer) -> Result<void> {
                             const auto all = writer.people();
                             if (!all) return tl::make_unexpected(all.error());
                             if (!administrator && is_last_administrator(*all, person)) return last_administrator();
                             account->administrator = administrator;
                             return writer.put_person(*account);
                           });
  if (!done) return tl::make_unexpected(done.error());
  return known(person);
}

}  // namespace digue::service
