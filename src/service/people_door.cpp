#include <algorithm>

#include "base/crypto/hash.hpp"
#include "base/crypto/random.hpp"
#include "base/text.hpp"
#include "people/totp.hpp"
#include "service/notes.hpp"
#include "service/people.hpp"

namespace digue::service {

using people::Account;
using people::AccountState;
using people::Failures;

namespace {

constexpr std::size_t recovery_length = 24;

/// The keys under which failures are counted; texts of strangers are not kept as they are.
struct Keys {
  std::string pair, source, account, code;
};

std::string key(std::string_view kind, std::string_view subject, std::string_view source) {
  return std::string(kind) + ":" + to_hex(id_of({subject, source}));
}

Keys keys_of(std::string_view subject, std::string_view source) {
  return {key("pair", subject, source), key("source", {}, source), key("account", subject, {}), key("code", subject, {})};
}

std::size_t plain_length(std::string_view code) {
  return static_cast<std::size_t>(
      std::count_if(code.begin(), code.end(), [](char c) { return c != '-' && c != ' ' && c != '\t' && c != '\r' && c != '\n'; }));
}

}  // namespace

// An attempt is counted as failed before it is looked at, so that many at once cannot slip by; a success takes that back.
Result<std::int64_t> People::charge(const std::string& subject, const std::string& person, const std::string& source) {
  const auto keys = keys_of(subject, source);
  const auto time = options_.clock();
  return store::writing(context_.cases, [&](store::CaseWriter& writer) -> Result<std::int64_t> {
    const auto familiar = person.empty() ? Result<bool>(false) : writer.knows_source(person, source);
    if (!familiar) return tl::make_unexpected(familiar.error());
    struct Count {
      const std::string& key;
      const people::ThrottleRule& rule;
      Failures failures{};
    };
    std::vector<Count> counts{{keys.pair, people::pair_rule}, {keys.source, people::source_rule}};
    if (!*familiar) counts.push_back({keys.account, people::account_rule});
    std::int64_t wait = 0;
    for (auto& count : counts) {
      const auto failures = writer.failures(count.key);
      if (!failures) return tl::make_unexpected(failures.error());
      count.failures = *failures;
      wait = std::max(wait, people::wait_before(count.rule, *failures, time));
    }
    if (wait > 0) return wait;
    for (const auto& count : counts)
      if (auto put = writer.put_failures(count.key, people::failed_again(count.failures, time)); !put)
        return tl::make_unexpected(put.error());
    if (auto done = writer.forget_failures_before({time.value - people::failure_memory}); !done) return tl::make_unexpected(done.error());
    return 0;
  });
}

// The work is the same whether there is such an account or not.
Result<People::Proof> People::weigh(const Account* account, const std::string& password, const std::string& code) {
  Proof out;
  const auto time = options_.clock();
  const bool has_password = account != nullptr && !account->password.empty();
  out.password = verify_password(has_password ? account->password : dummy_, password) && has_password;
  const auto secret = account == nullptr ? std::nullopt : box_.unseal(account->factor);
  const auto step = people::match_totp(secret.value_or(std::string(20, '\0')), code, time, account == nullptr ? 0 : account->last_step);
  const auto hash = people::recovery_hash(code);
  if (account == nullptr) return out;
  const auto wrong =
      store::reading(context_.cases, [&](store::CaseReader& reader) { return reader.failures(keys_of(account->login, {}).code); });
  if (!wrong) return tl::make_unexpected(wrong.error());
  if (people::wait_before(people::code_rule, *wrong, time) > 0) return out;
  if (secret) out.step = step;
  if (plain_length(code) == recovery_length) out.recovery = hash;
  return out;
}

Result<bool> People::use_code(store::CaseWriter& writer, const Account& account, const Proof& proof) {
  if (proof.step) return writer.use_step(account.id, *proof.step);
  if (proof.recovery.empty()) return false;
  return writer.use_recovery_code(account.id, proof.recovery, options_.clock());
}

Result<People::Outcome> People::refuse(const Account* account, const Proof& proof, std::string_view kind, const std::string& source) {
  const Caller who{account ? account->name : std::string(), account ? account->id : std::string(), {}, source, false};
  const auto failed = event(who, kind, account == nullptr ? "unknown_account" : proof.password ? "wrong_code" : "wrong_password");
  const auto done = context_.cases.write([&](store::CaseWriter& writer) -> Result<void> {
    if (account != nullptr && proof.password) {
      const auto code = keys_of(account->login, {}).code;
      const auto wrong = writer.failures(code);
      if (!wrong) return tl::make_unexpected(wrong.error());
      if (auto put = writer.put_failures(code, people::failed_again(*wrong, options_.clock())); !put) return put;
    }
    if (auto kept = writer.add_security_event(failed); !kept) return tl::make_unexpected(kept.error());
    return {};
  });
  if (!done) return tl::make_unexpected(done.error());
  return Outcome{};
}

namespace {

/// A success: the account's failures are forgotten, the source's last one taken back.
Result<void> forgive(store::CaseWriter& writer, const std::string& subject, const std::string& source) {
  const auto keys = keys_of(subject, source);
  for (const auto& one : {keys.pair, keys.account, keys.code})
    if (auto put = writer.put_failures(one, {}); !put) return put;
  auto of_source = writer.failures(keys.source);
  if (!of_source) return tl::make_unexpected(of_source.error());
  of_source->count = std::max<std::int64_t>(0, of_source->count - 1);
  return writer.put_failures(keys.source, *of_source);
}

Result<Account> account_now(store::CaseReader& reader, const std::string& id) {
  const auto all = reader.people();
  if (!all) return tl::make_unexpected(all.error());
  for (const auto& one : *all)
    if (one.id == id) return one;
  return fail(ErrorCode::not_found, tr("people.absent"), id);
}

}  // namespace

Result<People::Outcome> People::enter(const Account& account, const Visitor& visitor) {
  sessions_.sign_out(visitor.secret);
  auto secret = sessions_.open(account.id, account.name, visitor.source, visitor.agent);
  if (!secret) return fail(ErrorCode::conflict, tr("people.full"), {}, tr("people.full_help"));
  return Outcome{Outcome::Kind::done, std::move(*secret), 0, {}};
}

Result<People::Outcome> People::identify(const std::string& login, const std::string& password, const std::string& code,
                                         const std::string& source, const Telling& telling) {
  const auto subject = lower(trim(login));
  const auto all = directory();
  const auto* account = all->with_login(subject);
  if (account != nullptr && account->state != AccountState::active) account = nullptr;
  const auto wait = charge(subject, account ? account->id : std::string(), source);
  if (!wait) return tl::make_unexpected(wait.error());
  if (*wait > 0) return Outcome{Outcome::Kind::wait, {}, *wait, {}};
  const auto proof = weigh(account, password, code);
  if (!proof) return tl::make_unexpected(proof.error());
  if (!proof->password || (!proof->step && proof->recovery.empty())) return refuse(account, *proof, telling.failed, source);

  const std::string fresh = needs_rehash(account->password, options_.cost) ? hash_password(password, options_.cost) : std::string();
  const Caller who{account->name, account->id, {}, source, false};
  bool good = false;
  const auto done = context_.cases.write([&](store::CaseWriter& writer) -> Result<void> {
    auto present = account_now(writer, account->id);
    if (!present) return tl::make_unexpected(present.error());
    if (present->state != AccountState::active || present->password != account->password) return {};
    const auto used = use_code(writer, *present, *proof);
    if (!used) return tl::make_unexpected(used.error());
    if (!*used) return {};
    present->last_sign_in = options_.clock();
    if (!fresh.empty()) present->password = fresh;
    auto step = writer.put_person(*present);
    if (step) step = forgive(writer, subject, source);
    if (step) step = writer.add_known_source(account->id, source, options_.clock());
    if (!step) return step;
    if (auto kept = writer.add_security_event(event(who, telling.done, proof->step ? "" : "recovery_code")); !kept)
      return tl::make_unexpected(kept.error());
    good = true;
    return {};
  });
  if (!done) return tl::make_unexpected(done.error());
  if (!good) return refuse(account, *proof, telling.failed, source);
  if (auto read = refresh(); !read) return tl::make_unexpected(read.error());
  return Outcome{Outcome::Kind::done, {}, 0, {}};
}

Result<People::Outcome> People::sign_in(const std::string& login, const std::string& password, const std::string& code,
                                        const Visitor& visitor) {
  auto out = identify(login, password, code, visitor.source, {"sign_in", "sign_in_failed"});
  if (!out || out->kind != Outcome::Kind::done) return out;
  const auto all = directory();
  const auto* account = all->with_login(lower(trim(login)));
  return account == nullptr ? Outcome{} : enter(*account, visitor);
}

Result<People::Outcome> People::vouch(Caller& caller, const std::string& password, const std::string& code) {
  const auto account = known(caller.person);
  if (!account) return tl::make_unexpected(account.error());
  auto out = identify(account->login, password, code, caller.source, {"proof", "proof_failed"});
  if (out && out->kind == Outcome::Kind::done) caller = {account->name, account->id, {}, caller.source, false};
  return out;
}

Result<People::Outcome> People::prove(const Caller& caller, const std::string& password, const std::string& code, const Visitor& visitor) {
  const auto account = known(caller.person);
  if (!account) return tl::make_unexpected(account.error());
  const auto wait = charge(account->login, account->id, visitor.source);
  if (!wait) return tl::make_unexpected(wait.error());
  if (*wait > 0) return Outcome{Outcome::Kind::wait, {}, *wait, {}};
  auto proof = weigh(&*account, password, code);
  if (!proof) return tl::make_unexpected(proof.error());
  bool good = false;
  const auto done = context_.cases.write([&](store::CaseWriter& writer) -> Result<void> {
    good = proof->password;
    if (!good) {
      const auto used = use_code(writer, *account, *proof);
      if (!used) return tl::make_unexpected(used.error());
      good = *used;
    }
    if (!good) return {};
    if (auto forgiven = forgive(writer, account->login, visitor.source); !forgiven) return forgiven;
    if (auto kept = writer.add_security_event(event(caller, "proof")); !kept) return tl::make_unexpected(kept.error());
    return {};
  });
  if (!done) return tl::make_unexpected(done.error());
  if (!good) return refuse(&*account, *proof, "proof_failed", visitor.source);
  if (auto read = refresh(); !read) return tl::make_unexpected(read.error());
  auto secret = sessions_.renew(visitor.secret);
  if (!secret) return Outcome{};
  return Outcome{Outcome::Kind::done, std::move(*secret), 0, {}};
}

Result<People::Outcome> People::sign_in_by_link(const std::string& token, const std::string& name, const Visitor& visitor) {
  if (has_accounts()) return fail(ErrorCode::forbidden, tr("people.accounts_needed"), {}, tr("people.accounts_needed_help"));
  auto secret = sessions_.sign_in(token, name, visitor.source, visitor.agent);
  const Caller who{name, {}, {}, visitor.source, false};
  if (auto kept = record(event(who, secret ? "sign_in" : "sign_in_failed", "link")); !kept) return tl::make_unexpected(kept.error());
  if (!secret) return Outcome{};
  sessions_.sign_out(visitor.secret);
  return Outcome{Outcome::Kind::done, std::move(*secret), 0, {}};
}

Result<void> People::sign_out(const Caller& caller, const std::string& secret) {
  sessions_.sign_out(secret);
  return record(event(caller, "sign_out"));
}

Result<People::SetUp> People::show_set_up(const std::string& token) {
  const auto invitation =
      store::reading(context_.cases, [&](store::CaseReader& reader) { return reader.invitation(to_hex(sha256(token))); });
  const auto refused = fail(ErrorCode::not_found, tr("people.bad_link"), {}, tr("people.bad_link_help"));
  if (!invitation) return invitation.error().code == ErrorCode::not_found ? refused : tl::make_unexpected(invitation.error());
  const auto account = known(invitation->person);
  if (!account || account->state == AccountState::disabled || invitation->expires <= options_.clock()) return refused;
  SetUp out{*account, invitation->new_password, invitation->new_factor, {}, {}, invitation->expires};
  if (!invitation->new_factor) return out;
  const auto secret = box_.unseal(invitation->factor);
  if (!secret) return fail(ErrorCode::bad_input, tr("key.damaged"), {}, tr("key.damaged_help"));
  out.secret = people::base32(*secret);
  out.uri = people::otpauth_uri(*secret, account->login);
  return out;
}

Result<People::Outcome> People::set_up(const std::string& token, const std::string& password, const std::string& code,
                                       const Visitor& visitor) {
  const auto hash = to_hex(sha256(token));
  auto view = show_set_up(token);
  if (!view) return tl::make_unexpected(view.error());
  const auto& account = view->account;
  if (view->new_password)
    if (auto good = good_password(password, account); !good) return tl::make_unexpected(good.error());
  const auto wait = charge("set-up " + account.login, {}, visitor.source);
  if (!wait) return tl::make_unexpected(wait.error());
  if (*wait > 0) return Outcome{Outcome::Kind::wait, {}, *wait, {}};

  const auto invitation = store::reading(context_.cases, [&](store::CaseReader& reader) { return reader.invitation(hash); });
  if (!invitation) return tl::make_unexpected(invitation.error());
  Proof proof;
  if (!view->new_password || !view->new_factor) {
    auto weighed = weigh(&account, password, code);
    if (!weighed) return tl::make_unexpected(weighed.error());
    proof = std::move(*weighed);
  }
  if (view->new_factor) {
    const auto secret = box_.unseal(invitation->factor);
    proof.step = people::match_totp(secret.value_or(""), code, options_.clock(), 0);
    proof.recovery.clear();
    if (!proof.step) return fail(ErrorCode::bad_input, tr("people.bad_code"), "code", tr("people.bad_code_help"));
  }
  if (!view->new_password && !proof.password) return refuse(&account, proof, "set_up_failed", visitor.source);
  const std::string fresh = view->new_password ? hash_password(password, options_.cost) : account.password;
  const auto codes = view->new_factor ? people::new_recovery_codes() : std::vector<std::string>();
  std::vector<std::string> hashes;
  for (const auto& one : codes) hashes.push_back(people::recovery_hash(one));

  const Caller who{account.name, account.id, {}, visitor.source, false};
  bool good = false;
  const auto done = context_.cases.write([&](store::CaseWriter& writer) -> Result<void> {
    if (const auto there = writer.invitation(hash); !there) return tl::make_unexpected(there.error());
    auto present = account_now(writer, account.id);
    if (!present) return tl::make_unexpected(present.error());
    const auto everyone = writer.people();
    if (!everyone) return tl::make_unexpected(everyone.error());
    const bool first = std::none_of(everyone->begin(), everyone->end(), [](const auto& one) { return one.state == AccountState::active; });
    const auto used = view->new_factor ? Result<bool>(true) : use_code(writer, *present, proof);
    if (!used) return tl::make_unexpected(used.error());
    if (!*used) return {};
    present->state = AccountState::active;
    present->password = fresh;
    present->last_sign_in = options_.clock();
    if (view->new_factor) {
      present->factor = invitation->factor;
      present->last_step = *proof.step;
    }
    auto step = writer.put_person(*present);
    if (step && view->new_factor) step = writer.set_recovery_codes(account.id, hashes);
    if (step) step = writer.remove_invitations(account.id);
    if (step) step = forgive(writer, account.login, visitor.source);
    if (step) step = writer.put_failures(keys_of("set-up " + account.login, visitor.source).pair, {});
    if (step) step = writer.add_known_source(account.id, visitor.source, options_.clock());
    if (!step) return step;
    // What was opened before accounts existed must not vanish from everybody's sight.
    const auto incidents = first ? writer.incidents() : Result<std::vector<incident::Summary>>();
    if (!incidents) return tl::make_unexpected(incidents.error());
    for (const auto& one : *incidents) {
      if (auto put = writer.put_membership({one.incident.id, account.id, people::bit(people::Role::pilot)}); !put) return put;
      auto text = say(context_, "note.roles", {{"name", account.name}, {"roles", say(context_, "role.pilot")}});
      if (auto line = write_note(writer, context_, who, one.incident.id, {"people.roles", std::move(text), {}, {}}); !line)
        return tl::make_unexpected(line.error());
    }
    if (auto kept = writer.add_security_event(event(who, "set_up", view->new_factor ? "new_factor" : "")); !kept)
      return tl::make_unexpected(kept.error());
    good = true;
    return {};
  });
  if (!done) return tl::make_unexpected(done.error());
  if (!good) return refuse(&account, proof, "set_up_failed", visitor.source);
  if (auto read = refresh(); !read) return tl::make_unexpected(read.error());
  sessions_.end_all("");
  auto out = enter(account, visitor);
  if (out) out->recovery = codes;
  return out;
}

}  // namespace digue::service
