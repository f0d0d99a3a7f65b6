#include "service/people.hpp"

#include <algorithm>

#include "base/crypto/random.hpp"
#include "base/text.hpp"
#include "service/notes.hpp"

namespace digue::service {

using people::Account;
using people::AccountState;
using people::Right;

const Account* People::Directory::find(std::string_view id) const {
  const auto at = std::find_if(accounts.begin(), accounts.end(), [&](const Account& one) { return one.id == id; });
  return at == accounts.end() ? nullptr : &*at;
}

const Account* People::Directory::with_login(std::string_view login) const {
  const auto at = std::find_if(accounts.begin(), accounts.end(), [&](const Account& one) { return one.login == login; });
  return at == accounts.end() ? nullptr : &*at;
}

std::uint8_t People::Directory::roles(std::string_view incident, std::string_view person) const {
  std::uint8_t all = 0;
  for (const auto& one : memberships)
    if (one.person == person && (incident.empty() || one.incident == incident)) all |= one.roles;
  return all;
}

bool People::Directory::active() const {
  return std::any_of(accounts.begin(), accounts.end(), [](const Account& one) { return one.state == AccountState::active; });
}

People::People(const Context& context, LoginSessions& sessions, SecretBox box, const people::CommonPasswords& common, Options options)
    : context_(context),
      sessions_(sessions),
      box_(std::move(box)),
      common_(common),
      options_(std::move(options)),
      dummy_(hash_password(random_hex(16), options_.cost)) {}

Result<std::unique_ptr<People>> People::open(const Context& context, LoginSessions& sessions, SecretBox box,
                                             const people::CommonPasswords& common, Options options) {
  std::unique_ptr<People> out(new People(context, sessions, std::move(box), common, std::move(options)));
  if (auto read = out->refresh(); !read) return tl::make_unexpected(read.error());
  return out;
}

Result<void> People::refresh() {
  const std::lock_guard one_by_one(refreshing_);  // else the older reading could be kept over the newer one
  auto fresh = std::make_shared<Directory>();
  const auto read = context_.cases.read([&](store::CaseReader& reader) -> Result<void> {
    auto accounts = reader.people();
    if (!accounts) return tl::make_unexpected(accounts.error());
    auto memberships = reader.memberships();
    if (!memberships) return tl::make_unexpected(memberships.error());
    fresh->accounts = std::move(*accounts);
    fresh->memberships = std::move(*memberships);
    return {};
  });
  if (!read) return read;
  const std::lock_guard lock(mutex_);
  directory_ = std::move(fresh);
  return {};
}

std::shared_ptr<const People::Directory> People::directory() const {
  const std::lock_guard lock(mutex_);
  return directory_;
}

bool People::has_accounts() const {
  return directory()->active();
}

std::optional<Caller> People::caller_of(const std::string& secret, const std::string& source, bool quiet) {
  const auto session = sessions_.who(secret, quiet);
  if (!session) return std::nullopt;
  const auto known = directory();
  if (session->person.empty()) {
    if (known->active()) return std::nullopt;
    return Caller{session->name, {}, session->id, source, true};
  }
  const auto* account = known->find(session->person);
  if (account == nullptr || account->state != AccountState::active) return std::nullopt;
  return Caller{account->name, account->id, session->id, source, false};
}

bool People::still_in(const Caller& caller) {
  if (caller.session.empty()) return caller.everything;
  if (!sessions_.lasts(caller.session)) return false;
  const auto known = directory();
  if (caller.person.empty()) return !known->active();
  const auto* account = known->find(caller.person);
  return account != nullptr && account->state == AccountState::active;
}

Caller People::local_caller(const std::string& author) const {
  const auto known = directory();
  const auto* account = known->with_login(lower(author));
  if (account == nullptr || account->state == AccountState::disabled) return {author, {}, {}, "local", true};
  return {account->name, account->id, {}, "local", true};
}

bool People::may(const Caller& caller, Right right, const std::string& incident) const {
  if (caller.everything) return true;
  const auto known = directory();
  const auto* account = known->find(caller.person);
  if (account == nullptr || account->state != AccountState::active) return false;
  return people::gives(known->roles(incident, caller.person), account->administrator, right);
}

bool People::sees(const Caller& caller, const std::string& incident) const {
  return caller.everything || directory()->roles(incident, caller.person) != 0;
}

Result<void> People::allow(const Caller& caller, Right right, const std::string& incident, const std::string& what) {
  const bool seen = incident.empty() || sees(caller, incident);
  // An administrator gives roles on incidents that they do not see; nothing else of these is told.
  if (may(caller, right, incident) && (seen || right == Right::manage_team)) return {};
  if (auto kept = record(event(caller, "denied", std::string(people::name(right)) + ": " + what, incident)); !kept) return kept;
  if (!seen) return fail(ErrorCode::not_found, tr("incident.absent"), incident);
  return fail(ErrorCode::forbidden, tr("people.no_right"), {}, tr("people.no_right_help"));
}

bool People::proved_lately(const Caller& caller) {
  return caller.everything || sessions_.proved_lately(caller.session);
}

std::vector<Right> People::rights(const Caller& caller, const std::string& incident) const {
  std::vector<Right> out;
  for (const auto& row : people::right_table())
    if (may(caller, row.right, incident)) out.push_back(row.right);
  return out;
}

people::SecurityEvent People::event(const Caller& caller, std::string_view kind, std::string detail, std::string incident) const {
  return {0,           options_.clock(), std::string(kind),   caller.person,
          caller.name, caller.source,    std::move(incident), std::string(clip(detail, 500))};
}

Result<void> People::record(const people::SecurityEvent& event) {
  return context_.cases.write([&](store::CaseWriter& writer) -> Result<void> {
    if (auto kept = writer.add_security_event(event); !kept) return tl::make_unexpected(kept.error());
    return {};
  });
}

Result<void> People::change(const people::SecurityEvent& event, const store::CaseStore::Writing& work) {
  const auto done = context_.cases.write([&](store::CaseWriter& writer) -> Result<void> {
    if (auto good = work(writer); !good) return good;
    if (auto kept = writer.add_security_event(event); !kept) return tl::make_unexpected(kept.error());
    return {};
  });
  if (!done) return done;
  return refresh();
}

Result<Account> People::known(const std::string& person) const {
  const auto all = directory();
  if (const auto* account = all->find(person)) return *account;
  return fail(ErrorCode::not_found, tr("people.absent"), person);
}

std::vector<LoginSession> People::sessions(const Caller& caller, bool everybody) {
  auto all = sessions_.list();
  if (!everybody) std::erase_if(all, [&](const auto& one) { return one.person != caller.person; });
  return all;
}

Result<void> People::end_session(const Caller& caller, const std::string& id, bool anybodys) {
  const auto all = sessions(caller, anybodys);
  const auto at = std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.id == id; });
  if (at == all.end() || !sessions_.end(id)) return fail(ErrorCode::not_found, tr("people.no_session"), id);
  return record(event(caller, "session_ended", at->name));
}

Result<std::size_t> People::end_sessions_of(const Caller& caller, const std::string& person) {
  const auto account = known(person);
  if (!account) return tl::make_unexpected(account.error());
  const auto count = sessions_.end_all(person, person == caller.person ? caller.session : std::string());
  if (auto kept = record(event(caller, "session_ended", account->name)); !kept) return tl::make_unexpected(kept.error());
  return count;
}

std::vector<Account> People::list() const {
  return directory()->accounts;
}

std::vector<people::Membership> People::memberships() const {
  return directory()->memberships;
}

Result<std::vector<people::SecurityEvent>> People::security_events(std::int64_t after, std::int64_t limit) {
  return store::reading(context_.cases, [&](store::CaseReader& reader) { return reader.security_events(after, limit); });
}

Result<void> People::set_roles(const Caller& caller, const std::string& incident, const std::string& person,
                               const std::vector<std::string>& roles) {
  const auto account = known(person);
  if (!account) return tl::make_unexpected(account.error());
  people::Membership membership{incident, person, 0};
  std::string names;
  for (const auto& one : roles) {
    const auto role = people::role_named(one);
    if (!role) return fail(ErrorCode::bad_input, tr("field.not_a_choice", {{"field", "roles"}}), "roles");
    if ((membership.roles & people::bit(*role)) != 0) continue;
    membership.roles |= people::bit(*role);
    names += (names.empty() ? "" : ", ") + say(context_, "role." + one);
  }
  const auto done = change(event(caller, "roles", account->name + ": " + (names.empty() ? "-" : names), incident),
                           [&](store::CaseWriter& writer) -> Result<void> {
                             if (const auto known = writer.incident(incident); !known) return tl::make_unexpected(known.error());
                             if (auto put = writer.put_membership(membership); !put) return put;
                             auto text =
                                 say(context_, names.empty() ? "note.no_roles" : "note.roles", {{"name", account->name}, {"roles", names}});
                             const auto line = write_note(writer, context_, caller, incident, {"people.roles", std::move(text), {}, {}});
                             if (!line) return tl::make_unexpected(line.error());
                             return {};
                           });
  if (done)
    for (const auto* kind : {"incident", "journal"}) context_.notify(kind, incident);
  return done;
}

}  // namespace digue::service
