#include <algorithm>
#include <array>
#include <thread>

#include "base/crypto/crypt_hash.hpp"
#include "base/crypto/readable_secret.hpp"
#include "base/text.hpp"
#include "connect/dovecot/group.hpp"
#include "connect/dovecot/passdbs.hpp"
#include "connect/dovecot/probe.hpp"

/// Who signs in: blocking, new passwords, open sessions.
namespace digue::dovecot {

using namespace containment;

namespace {

// Dovecot looks at the password file once a second: within the same second it could go on with what it read before, and put it into its
// cache behind a flush.
constexpr std::chrono::milliseconds seen_by_dovecot{1'100};

// States of a line, as steps hold them.
std::string line_state(const std::string& digest) {
  return "line digest:" + digest;
}
std::string password_state(const std::string& digest) {
  return "password digest:" + digest;
}
std::string locked_state(const std::string& kept) {
  return "locked over password digest:" + kept;
}
bool is_in(const PasswdLine& line, const std::string& state) {
  return state == line_state(line.digest) || (!line.locked && state == password_state(line.password)) ||
         (line.locked && state == locked_state(line.kept));
}

class Access final : public Group {
 public:
  using Group::Group;

  std::span<const Offer> offers() const override {
    static const std::array<Offer, 4> all{{{"account.block", {}}, {"session.list", {}}, {"password.reset", {}}, {"session.revoke", {}}}};
    return all;
  }

  std::optional<Localized> missing(std::string_view capability, const Health& health) const override {
    if (auto lacks = lacking(health, {"who", "kick", "authCacheFlush", "user"})) return lacks;
    if (capability.starts_with("session.")) return std::nullopt;
    if (health.passwd) return health.passwd;
    if (!health.doors.empty()) return health.doors.begin()->second;
    return std::nullopt;
  }

  Result<Plan> plan(const Order& order) override {
    auto account = platform_.doveadm.account(order.account);
    if (!account) return tl::make_unexpected(account.error());
    Plan plan;
    plan.order = order;
    plan.order.account = *account;
    if (order.capability == "session.revoke") return plan_revoke(std::move(plan));
    if (platform_.setup.passwd_file.empty()) return fail(ErrorCode::bad_input, tr("dovecot.no_passwd_file"), "passwd_file");
    const auto line = file().read(*account);
    if (!line) return tl::make_unexpected(line.error());
    if (order.capability == "account.block") return plan_block(std::move(plan), *line);
    if (order.capability == "password.reset") return plan_reset(std::move(plan), *line);
    return Group::plan(order);
  }

  Result<Plan> plan_undo(const Plan& plan, const json::Value& prior) override {
    const auto& account = plan.order.account;
    const auto digest = text_of(prior, "digest"), original = text_of(prior, "password");
    if (plan.order.capability != "account.block" || platform_.setup.passwd_file.empty()) return Group::plan_undo(plan, prior);
    if (text_of(prior, "account") != account || digest.size() != 64 || original.size() != 64 || plan.steps.empty()) return no_prior();
    const auto line = file().read(account);
    if (!line) return tl::make_unexpected(line.error());
    Plan undo;
    undo.order = plan.order;
    undo.undo = Undo::irreversible;
    undo.secrets = plan.secrets;
    undo.rights = rights({"passwd-read", "passwd-restore"});
    undo.mail.push_back(says("dovecot.unblock.mail"));
    const auto ours = plan.steps.front().after;  // our temporary password
    if (line->digest == digest) return undo;
    const bool is_ours = is_in(*line, ours), is_locked = line->locked && locked_state(line->kept) == "locked over " + ours;
    if (is_locked) add_change(undo, "passwd.restore", locked_state(line->kept), ours, "dovecot.step.unlock");
    if (is_locked || is_ours) {
      add_change(undo, "passwd.restore", ours, line_state(digest), "dovecot.step.restore");
      undo.notes.push_back(says("dovecot.unblock.old_password"));
    } else if (line->locked && line->kept != "-" && line->kept != original) {
      // A password was set since, under the lock: that one comes to hold, never the one from before.
      add_change(undo, "passwd.restore", locked_state(line->kept), password_state(line->kept), "dovecot.step.unlock");
      undo.notes.push_back(says("dovecot.unblock.new_password"));
    } else {
      return fail(ErrorCode::conflict, tr("dovecot.changed"), account, tr("dovecot.changed.help"));
    }
    add_cut(undo);
    return undo;
  }

  Result<Stand> stand(const Plan& plan, const Step& step) override {
    const auto line = file().read(plan.order.account);
    if (!line) return tl::make_unexpected(line.error());
    return is_in(*line, step.after) ? Stand::after : is_in(*line, step.before) ? Stand::before : Stand::other;
  }

  Result<std::string> apply(const Plan& plan, const Step& step) override {
    const auto& account = plan.order.account;
    if (step.verb == "access.cut") return cut(account);
    if (step.verb == "access.control") return control(plan);
    const auto line = file().read(account);
    if (!line) return tl::make_unexpected(line.error());
    if (!is_in(*line, step.before)) return changed_meanwhile(step);
    Result<void> done;
    if (step.verb == "passwd.set") {
      const auto hash = plan.secrets.find("hash");
      if (hash == plan.secrets.end()) return fail(ErrorCode::bad_input, tr("dovecot.no_secret"), account);
      const auto digest = file().digest(hash->second);
      if (!digest) return tl::make_unexpected(digest.error());
      if (password_state(*digest) != step.after) return fail(ErrorCode::bad_input, tr("dovecot.no_secret"), account);
      done = file().set(account, line->digest, hash->second);
    } else if (step.verb == "passwd.lock") {
      done = file().lock(account, line->digest);
    } else if (step.verb == "passwd.restore") {
      done = file().restore(account, line->digest);
    } else {
      return Group::apply(plan, step);
    }
    if (!done) return tl::make_unexpected(done.error());
    const auto now_there = file().read(account);
    if (!now_there) return tl::make_unexpected(now_there.error());
    if (!is_in(*now_there, step.after)) return changed_meanwhile(step);
    return "digest:" + now_there->digest;
  }

  Result<std::vector<Probe>> verify(const Plan& plan) override {
    const auto& account = plan.order.account;
    std::vector<Probe> out;
    if (plan.order.capability == "session.revoke") {
      auto all = with_sessions(std::move(out), account);
      const auto password = plan.secrets.find("refused");
      if (!all || password == plan.secrets.end()) return all;
      for (const auto& door : platform_.setup.doors) {
        if (door.state != Door::State::set) continue;
        all->push_back(probe_of_door(door, account, password->second, Trial::Outcome::refused, platform_.setup));
        // It holds on: no server's answer carries it into the journal.
        for (auto at = all->back().seen.find(password->second); at != std::string::npos; at = all->back().seen.find(password->second))
          all->back().seen.replace(at, password->second.size(), "***");
      }
      return all;
    }
    const auto line = file().read(account);
    if (!line) return tl::make_unexpected(line.error());
    const Step* last = nullptr;
    for (const auto& step : plan.steps)
      if (step.act == Act::change) last = &step;
    if (last != nullptr) {
      const bool good = is_in(*line, last->after);
      out.push_back({"password", last->after, good ? last->after : line_state(line->digest), good, now(), {}, {}});
    }
    const bool is_reset = plan.order.capability == "password.reset";
    const auto secret = plan.secrets.find(is_reset ? "password" : "temporary");
    // Only a reset gives a secret that may open: and not while the account is blocked.
    const auto expected = is_reset && !line->locked ? Trial::Outcome::accepted : Trial::Outcome::refused;
    if (secret != plan.secrets.end())
      for (const auto& door : platform_.setup.doors)
        if (door.state != Door::State::none) {
          out.push_back(probe_of_door(door, account, secret->second, expected, platform_.setup));
          if (!opened_before(plan, door)) {
            out.back().good = false;
            out.back().seen = tr("dovecot.door.proves_nothing") + " " + out.back().seen;
          }
        }
    const bool undone = last != nullptr && last->verb == "passwd.restore";
    if (undone) return out;
    out.push_back(closed_elsewhere(account));
    if (plan.order.capability == "account.block") out.push_back(evidence(account));
    if (is_reset && !line->locked) return out;  // the owner may be in again
    return with_sessions(std::move(out), account);
  }

  Result<void> collect(const Order& order, const Connector::Take& take) override {
    const auto account = platform_.doveadm.account(order.account);
    if (!account) return tl::make_unexpected(account.error());
    const json::Object asked{{"mask", json::Array{json::Value(*account)}}, {"separateConnections", true}};
    const auto rows = platform_.doveadm.rows("who", asked);
    if (!rows) return tl::make_unexpected(rows.error());
    return take({"sessions.json", "log", platform_.doveadm.request("who", asked), json::canonical(*rows) + "\n"});
  }

 private:
  PasswdFile file() const { return {*platform_.host, platform_.setup}; }

  std::vector<std::string> rights(std::initializer_list<std::string_view> verbs) const {
    std::vector<std::string> out{"doveadm: authCacheFlush, kick, who (" + platform_.setup.url + ")"};
    for (const auto verb : verbs) out.push_back("digue-mail-host " + std::string(verb) + " " + platform_.setup.passwd_file);
    return out;
  }

  void add_change(Plan& plan, const std::string& verb, const std::string& before, const std::string& after, std::string_view key) const {
    const auto& account = plan.order.account;
    // What is locked and what the password is are two things: taking the lock off leaves a later password in place.
    const auto object = plan.order.capability == "password.reset" ? account + ": password" : account;
    const auto program = verb == "passwd.set" ? "passwd-set" : verb == "passwd.lock" ? "passwd-lock" : "passwd-restore";
    const std::string request = "digue-mail-host " + std::string(program) + " " + platform_.setup.passwd_file + " " + account + " EXPECT" +
                                (verb == "passwd.set" ? " <<< {SHA512-CRYPT}***" : "");
    plan.steps.push_back({verb, object, Act::change, before, after, request,
                          says(key, {{"account", account}, {"file", platform_.setup.passwd_file}}), plan.undo});
  }

  void add_pulse(Plan& plan, const std::string& verb, const std::string& request, std::string_view key) const {
    const auto& account = plan.order.account;
    plan.steps.push_back({verb, account, Act::pulse, {}, {}, request, says(key, {{"account", account}}), Undo::irreversible});
  }

  void add_cut(Plan& plan) const {
    const auto& account = plan.order.account;
    add_pulse(plan, "access.cut",
              platform_.doveadm.request("authCacheFlush", of_users(account)) + "\n" + platform_.doveadm.request("kick", of_mask(account)),
              "dovecot.step.cut");
  }

  static json::Object of_users(const std::string& account) { return {{"user", json::Array{json::Value(account)}}}; }
  static json::Object of_mask(const std::string& account) { return {{"mask", json::Array{json::Value(account)}}}; }

  /// The order matters: from the first step on nobody but us knows a password that opens, so that a crash between any two steps leaves
  /// the account closed to the intruder, and the trials have a secret of their own.
  Result<Plan> plan_block(Plan plan, const PasswdLine& line) const {
    if (line.locked) {
      plan.notes.push_back(says("dovecot.block.already"));
      // With a step, what is left open is looked at again, and not taken for a block.
      plan.undo = Undo::irreversible;
      plan.rights = rights({"passwd-read"});
      if (tell_other_ways(plan)) add_cut(plan);
      return plan;
    }
    const auto secret = readable_secret(6);
    const auto hash = sha512_crypt(secret);
    if (!hash) return tl::make_unexpected(hash.error());
    const auto field = "{SHA512-CRYPT}" + *hash;
    plan.secrets = {{"temporary", secret}, {"hash", field}};
    const auto temporary = file().digest(field);
    if (!temporary) return tl::make_unexpected(temporary.error());
    add_change(plan, "passwd.set", line_state(line.digest), password_state(*temporary), "dovecot.step.temporary");
    add_cut(plan);
    std::string doors;
    for (const auto& door : platform_.setup.doors)
      if (door.state == Door::State::set)
        doors += (doors.empty() ? "" : "\n") + std::string(door.protocol) + " " + door.host + ":" + std::to_string(door.port) +
                 " AUTH PLAIN " + plan.order.account + " ***";
    add_pulse(plan, "access.control", doors, "dovecot.step.control");
    add_change(plan, "passwd.lock", password_state(*temporary), locked_state(*temporary), "dovecot.step.lock");
    add_cut(plan);
    plan.mail = {says("dovecot.block.mail"), says("dovecot.block.owner")};
    plan.care = {says("dovecot.block.care")};
    for (const auto& door : platform_.setup.doors)
      if (door.state == Door::State::unset) plan.notes.push_back(says("dovecot.door.missing", {{"protocol", std::string(door.protocol)}}));
    plan.rights = rights({"passwd-read", "passwd-digest", "passwd-set", "passwd-lock"});
    tell_other_ways(plan);
    plan.prior = prior_of(plan, line);
    return plan;
  }

  Result<Plan> plan_reset(Plan plan, const PasswdLine& line) const {
    const auto secret = readable_secret(6);
    const auto hash = sha512_crypt(secret);
    if (!hash) return tl::make_unexpected(hash.error());
    const auto field = "{SHA512-CRYPT}" + *hash;
    plan.undo = Undo::irreversible;
    plan.secrets = {{"password", secret}, {"hash", field}};
    const auto fresh = file().digest(field);
    if (!fresh) return tl::make_unexpected(fresh.error());
    add_change(plan, "passwd.set", line_state(line.digest), password_state(*fresh), "dovecot.step.reset");
    if (line.locked) add_change(plan, "passwd.lock", password_state(*fresh), locked_state(*fresh), "dovecot.step.relock");
    add_cut(plan);
    plan.mail = {says("dovecot.reset.mail")};
    plan.care = {says("dovecot.reset.care")};
    if (line.locked) plan.notes.push_back(says("dovecot.reset.locked"));
    plan.rights = rights({"passwd-read", "passwd-digest", "passwd-set", "passwd-lock"});
    tell_other_ways(plan);
    plan.prior = prior_of(plan, line);
    return plan;
  }

  Result<Plan> plan_revoke(Plan plan) const {
    const auto rows = sessions(plan.order.account);
    if (!rows) return tl::make_unexpected(rows.error());
    plan.undo = Undo::irreversible;
    plan.rights = rights({});
    if (rows->empty()) plan.notes.push_back(says("dovecot.revoke.none"));
    // Flushed as well: where passwords are in a directory, what was changed there holds here only once the cache has forgotten.
    add_cut(plan);
    if (!rows->empty()) plan.mail = {says("dovecot.revoke.mail", {{"count", std::to_string(rows->size())}})};
    plan.notes.push_back(says("dovecot.revoke.block_first"));
    plan.prior = json::canonical(json::Object{
        {"schema", "digue.dovecot/1"}, {"capability", plan.order.capability}, {"account", plan.order.account}, {"sessions", *rows}});
    return plan;
  }

  static std::string prior_of(const Plan& plan, const PasswdLine& line) {
    return json::canonical(json::Object{{"schema", "digue.dovecot/1"},
                                        {"capability", plan.order.capability},
                                        {"account", plan.order.account},
                                        {"locked", line.locked},
                                        {"digest", line.digest},
                                        {"password", line.password}});
  }

  Result<json::Array> sessions(const std::string& account) const {
    auto asked = of_mask(account);
    asked["separateConnections"] = true;
    return platform_.doveadm.rows("who", asked);
  }

  Result<std::string> kick(const std::string& account) const {
    const auto reply = platform_.doveadm.call("kick", of_mask(account));
    if (!reply) return tl::make_unexpected(reply.error());
    if (reply->exit == 68) return std::string("kick: none");
    if (reply->exit != 0) return tl::make_unexpected(Doveadm::error_of(reply->exit, "kick", {{"user", account}}));
    return "kick: " + json::canonical(reply->value);
  }

  Result<std::string> cut(const std::string& account) const {
    std::this_thread::sleep_for(seen_by_dovecot);
    const auto flushed = platform_.doveadm.rows("authCacheFlush", of_users(account));
    if (!flushed) return tl::make_unexpected(flushed.error());
    const auto kicked = kick(account);
    if (!kicked) return kicked;
    return "authCacheFlush: " + json::canonical(*flushed) + "; " + *kicked;
  }

  /// Never an error: what cannot be tried is told, and the lock comes all the same.
  /// A refusal proves the block only where the same secret opened before it. True as well where no trial was made before.
  static bool opened_before(const Plan& plan, const Door& door) {
    const auto told = plan.secrets.find("answer.access.control");
    const bool blocks = plan.order.capability == "account.block" && !plan.steps.empty() && plan.steps.front().verb == "passwd.set";
    return !blocks || told == plan.secrets.end() || told->second.find(std::string(door.protocol) + ": accepted") != std::string::npos;
  }

  Result<std::string> control(const Plan& plan) const {
    const auto secret = plan.secrets.find("temporary");
    if (secret == plan.secrets.end()) return tr("dovecot.no_secret");
    std::string out;
    for (const auto& door : platform_.setup.doors) {
      if (door.state != Door::State::set) continue;
      const auto trial = sign_in(door, plan.order.account, secret->second, platform_.setup);
      out += (out.empty() ? "" : "; ") + std::string(door.protocol) + ": " + std::string(name(trial.outcome)) +
             (trial.outcome == Trial::Outcome::accepted ? "" : " (" + trial.seen + ")") + (trial.source.empty() ? "" : " " + trial.source);
    }
    return out;
  }

  /// What else may take the old password, said where the plan is read. False: nothing.
  bool tell_other_ways(Plan& plan) const {
    const auto remark = remark_on(other_ways(*platform_.host, platform_.setup, plan.order.account));
    if (remark) plan.notes.push_back(*remark);
    plan.rights.push_back("digue-mail-host passdbs");
    return remark.has_value();
  }

  /// Nobody knows the old password here to try it: what else Dovecot asks is read instead.
  Probe closed_elsewhere(const std::string& account) const {
    const auto ways = other_ways(*platform_.host, platform_.setup, account);
    Probe out{"passdbs", platform_.setup.passwd_file, platform_.setup.passwd_file, ways && ways->empty(), now(), {}, {}};
    if (!ways) out.seen = to_text(ways.error());
    if (ways)
      for (const auto& one : *ways) out.seen += ", " + one;
    return out;
  }

  /// The investigator still reads the mailbox.
  Probe evidence(const std::string& account) const {
    Probe out{"evidence", "readable", {}, false, now(), {}, {}};
    const auto rows = platform_.doveadm.rows(
        "mailboxStatus", {{"user", account}, {"field", json::Array{"messages"}}, {"mailboxMask", json::Array{"INBOX"}}});
    out.good = rows.has_value();
    out.seen = rows ? "readable: " + json::canonical(*rows) : to_text(rows.error());
    return out;
  }

  Result<std::vector<Probe>> with_sessions(std::vector<Probe> out, const std::string& account) const {
    const auto rows = sessions(account);
    if (!rows) return tl::make_unexpected(rows.error());
    out.push_back({"sessions", "none", rows->empty() ? "none" : json::canonical(*rows), rows->empty(), now(), {}, {}});
    return out;
  }
};

}  // namespace

std::unique_ptr<Group> access_group(Platform& platform) {
  return std::make_unique<Access>(platform);
}

}  // namespace digue::dovecot
