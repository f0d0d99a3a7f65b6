#include "connect/ldap/directory.hpp"

#include <algorithm>
#include <array>
#include <mutex>

#include "base/crypto/readable_secret.hpp"
#include "base/encoding.hpp"
#include "base/text.hpp"

/// What is planned, done, proven and taken back is the same for every directory.
namespace digue::ldap {

using namespace containment;

namespace {

constexpr std::string_view schema = "digue.directory/1";
constexpr std::string_view fresh_password = "a new password";
constexpr std::string_view look = "account.look", blocked = "blocked";  // a step, and its answer

// The state of an attribute that has one value at most.
std::string state_of(std::string_view attribute, const std::optional<std::string>& value) {
  return std::string(attribute) + (value ? ": " + *value : " absent");
}
std::optional<std::string> value_in(std::string_view attribute, std::string_view state) {
  const auto start = std::string(attribute) + ": ";
  return state.starts_with(start) ? std::optional<std::string>(state.substr(start.size())) : std::nullopt;
}
std::optional<std::string> value_of(const Entry& entry, std::string_view attribute) {
  const auto& values = entry.all(attribute);
  return values.empty() ? std::nullopt : std::optional(values.front());
}

tl::unexpected<Error> changed(const std::string& object) {
  return fail(ErrorCode::conflict, tr("ldap.changed_meanwhile"), object, tr("ldap.changed_meanwhile.help"));
}
tl::unexpected<Error> no_prior() {
  return fail(ErrorCode::bad_input, tr("ldap.no_prior"));
}

/// Old value against new one: the directory itself refuses when another came between (RFC 4511, 4.6).
std::vector<Change> swap_of(std::string_view attribute, const Step& step) {
  std::vector<Change> out;
  if (const auto old = value_in(attribute, step.before)) out.push_back({Change::Op::remove, std::string(attribute), {*old}});
  if (const auto next = value_in(attribute, step.after)) out.push_back({Change::Op::add, std::string(attribute), {*next}});
  return out;
}

class DirectoryConnector final : public Connector {
 public:
  DirectoryConnector(Setup setup, std::unique_ptr<Kind> kind) : setup_(std::move(setup)), kind_(std::move(kind)) {
    if (setup_.account_attributes.empty()) setup_.account_attributes = kind_->names();
  }

  std::string_view kind() const override { return kind_->name(); }

  std::span<const Offer> offers() const override {
    static const std::array<Offer, 7> all{{{"account.block", {}},
                                           {"password.reset", {}},
                                           {"account.disable", {}},
                                           {"privilege.list", {}},
                                           {"privilege.remove", {{"group", false}}},
                                           {"account.list", {{"since", false}}},
                                           {"policy.read", {}}}};
    return all;
  }

  Result<std::vector<Readiness>> test() override {
    const std::lock_guard lock(mutex_);
    auto session = open();
    if (!session && session.error().code == ErrorCode::io) return tl::make_unexpected(session.error());
    std::vector<Readiness> out;
    for (const auto& offer : offers()) {
      auto one = session ? ready_for(*session, offer.capability) : tl::make_unexpected(session.error());
      if (!one && one.error().code == ErrorCode::io) return tl::make_unexpected(one.error());
      if (!one) {
        const auto text = to_text(one.error());
        one = guided({text, text});
      }
      one->capability = offer.capability;
      out.push_back(std::move(*one));
    }
    return out;
  }

  Result<Plan> plan(const Order& order) override {
    const std::lock_guard lock(mutex_);
    auto session = open();
    if (!session) return tl::make_unexpected(session.error());
    const auto account = find_account(*session, setup_, *kind_, order.account);
    if (!account) return tl::make_unexpected(account.error());
    if (auto good = not_ours(*session, setup_, *kind_, *account); !good) return tl::make_unexpected(good.error());
    if (order.capability != "privilege.remove")
      if (auto good = kind_->is_a_person(*account); !good) return tl::make_unexpected(good.error());
    Plan plan;
    plan.order = order;
    plan.order.account = account->dn;
    remember(plan, *account);
    if (is_emergency(setup_, *kind_, *account)) plan.risks.push_back(Risk::break_glass);
    if (order.capability == "account.block" || order.capability == "account.disable")
      return plan_block(*session, std::move(plan), *account);
    if (order.capability == "password.reset") return plan_reset(*session, std::move(plan), *account);
    if (order.capability == "privilege.remove") return plan_removal(*session, std::move(plan), *account);
    return not_offered(order.capability);
  }

  Result<Plan> plan_undo(const Plan& plan, std::string_view prior) override {
    const std::lock_guard lock(mutex_);
    const auto value = json::parse(prior, {std::size_t{16} << 20, 16});
    if (!value || !value->is_object() || text_in(*value, "schema") != schema || text_in(*value, "capability") != plan.order.capability ||
        text_in(*value, "identity").empty())
      return no_prior();
    auto session = open();
    if (!session) return tl::make_unexpected(session.error());
    const auto account = by_identity(*session, from_hex_or_text(text_in(*value, "identity")));
    if (!account) return tl::make_unexpected(account.error());
    Plan undo;
    undo.order = plan.order;
    undo.order.account = account->dn;
    remember(undo, *account);
    undo.undo = Undo::irreversible;
    undo.rights = rights({kind_->lock()});
    const auto& object = value->get_object();
    if (plan.order.capability == "privilege.remove") return undo_removal(*session, std::move(undo), object, *account);
    if (plan.order.capability != "account.block" && plan.order.capability != "account.disable")
      return fail(ErrorCode::bad_input, tr("ldap.no_undo"), plan.order.capability);
    if (!kind_->is_locked(*account)) return undo;
    std::optional<std::string> before;
    if (const auto* kept = object.if_contains("value"); kept != nullptr && kept->is_string()) before = std::string(kept->get_string());
    add_swap(undo, "account.unlock", kind_->lock(), value_of(*account, kind_->lock()), kind_->unlocked(*account, before),
             "ldap.step.unlock");
    undo.mail.push_back(says("ldap.unblock.mail"));
    undo.care.push_back(kind_->care(false));
    undo.notes.push_back(says("ldap.unblock.password"));
    return undo;
  }

  Result<Stand> stand(const Plan& plan, const Step& step) override {
    const std::lock_guard lock(mutex_);
    auto session = open();
    if (!session) return tl::make_unexpected(session.error());
    return stand_in(*session, plan, step);
  }

  Result<std::string> apply(const Plan& plan, const Step& step) override {
    const std::lock_guard lock(mutex_);
    auto session = open();
    if (!session) return tl::make_unexpected(session.error());
    const auto account = same_account(*session, plan);
    if (!account) return tl::make_unexpected(account.error());
    if (step.verb == look) return std::string(kind_->is_locked(*account) ? blocked : "open");
    const auto there = stand_in(*session, plan, step);
    if (!there) return tl::make_unexpected(there.error());
    // A reset sets by itself, on many servers, what a later step of the same plan asks for; what was not blocked needs no block again.
    if (*there == Stand::after && (step.verb == "password.must_change" || step.verb == "account.relock"))
      return std::string("nothing to do");
    if (*there != Stand::before) return changed(step.object);
    Result<void> done;
    if (step.verb == "password.set") {
      const auto secret = plan.secrets.find("password");
      if (secret == plan.secrets.end()) return fail(ErrorCode::bad_input, tr("ldap.no_secret"), account->dn);
      done = kind_->set_password(*session, account->dn, secret->second);
    } else {
      const auto [dn, changes] = changes_of(*account, step);
      done = session->modify(dn, changes);
    }
    if (!done && done.error().code == ErrorCode::conflict) return changed(step.object);
    if (!done) return tl::make_unexpected(done.error());
    return session->source() + ": success (0)";
  }

  Result<std::vector<Probe>> verify(const Plan& plan) override {
    const std::lock_guard lock(mutex_);
    std::vector<Probe> out;
    auto session = open();
    if (!session) return tl::make_unexpected(session.error());
    const auto account = by_identity(*session, identity_in(plan));
    if (!account) return tl::make_unexpected(account.error());
    if (auto done = probe_state(out, *session, setup_.server.url, plan, *account); !done) return tl::make_unexpected(done.error());
    for (const auto& replica : setup_.replicas) {
      auto other = Session::open(replica, setup_.bind, setup_.password);
      if (!other) {
        out.push_back({"state " + replica.url, "as planned", to_text(other.error()), false, now(), {}, {}});
        continue;
      }
      const auto there = by_identity(*other, identity_in(plan));
      if (!there)
        out.push_back({"state " + replica.url, "as planned", to_text(there.error()), false, now(), {}, {}});
      else if (auto done = probe_state(out, *other, replica.url, plan, *there); !done)
        return tl::make_unexpected(done.error());
    }
    const auto& verb = plan.steps.empty() ? std::string() : plan.steps.front().verb;
    if (verb == "account.lock") {
      auto more = kind_->lock_probes(*session, setup_, *account);
      out.insert(out.end(), more.begin(), more.end());
    }
    if (verb == "member.remove")
      if (auto done = probe_groups(out, *session, plan, *account); !done) return tl::make_unexpected(done.error());
    // A later block or its undo is looked at by itself; until then the account has to stay as the reset found it.
    if (was_blocked(plan)) {
      const bool locked = kind_->is_locked(*account);
      out.push_back({"lock", "locked", locked ? "locked" : "open", locked, now(), {}, {}});
    }
    for (const auto& step : plan.steps) {
      if (step.verb != "password.set") continue;
      const auto probe = probe_password(*session, plan, step, *account);
      if (!probe) return tl::make_unexpected(probe.error());
      out.push_back(*probe);
    }
    return out;
  }

  Result<void> collect(const Order& order, const Take& take) override {
    const std::lock_guard lock(mutex_);
    auto session = open();
    return session ? read_out(*session, setup_, *kind_, order, take) : tl::make_unexpected(session.error());
  }

 private:
  Result<Session> open() const { return Session::open(setup_.server, setup_.bind, setup_.password); }

  static std::string text_in(const json::Value& value, std::string_view key) {
    const auto* object = value.if_object();
    const auto* found = object == nullptr ? nullptr : object->if_contains(key);
    return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string();
  }
  // entryUUID is text, objectGUID is bytes.
  static std::string from_hex_or_text(const std::string& text) {
    const auto bytes = text.starts_with("base64:") ? from_base64(std::string_view(text).substr(7)) : std::nullopt;
    return bytes ? *bytes : text;
  }
  static std::string as_text(const std::string& identity) { return is_utf8(identity) ? identity : "base64:" + base64(identity); }

  tl::unexpected<Error> not_offered(const std::string& capability) const {
    return fail(ErrorCode::bad_input, tr("ldap.not_offered", {{"capability", capability}}), "capability");
  }

  Result<Readiness> ready_for(Session& session, std::string_view capability) const {
    const auto base = session.read(setup_.base, {"1.1"});
    if (!base) return tl::make_unexpected(base.error());
    if (!*base) return guided(says("ldap.no_base", {{"base", setup_.base}}));
    return kind_->ready(session, setup_, capability);
  }

  /// What stays when the account is renamed, and its name as this plan saw it: an undo's order names it as the first plan did.
  void remember(Plan& plan, const Entry& account) const {
    plan.secrets["identity"] = account.first(kind_->identity());
    plan.secrets["name"] = account.dn;
  }
  static std::string remembered(const Plan& plan, const std::string& what) {
    const auto at = plan.secrets.find(what);
    return at == plan.secrets.end() ? std::string() : at->second;
  }
  /// When it was reset: a block may have come between the plan and then.
  static bool was_blocked(const Plan& plan) {
    const auto seen = remembered(plan, "answer." + std::string(look));
    return seen.empty() ? remembered(plan, "locked") == "yes" : seen == blocked;
  }
  static std::string identity_in(const Plan& plan) { return remembered(plan, "identity"); }

  Result<Entry> by_identity(Session& session, const std::string& identity) const {
    return account_by_identity(session, setup_, *kind_, identity);
  }

  /// The account of the plan, still under the name that was planned.
  Result<Entry> same_account(Session& session, const Plan& plan) const {
    auto out = by_identity(session, identity_in(plan));
    const auto name = remembered(plan, "name");
    if (out && !same_name(out->dn, name))
      return fail(ErrorCode::conflict, tr("ldap.renamed", {{"name", out->dn}}), name, tr("ldap.changed_meanwhile.help"));
    return out;
  }

  std::vector<std::string> rights(std::initializer_list<std::string_view> attributes) const {
    std::vector<std::string> out;
    for (const auto name : attributes) out.push_back(setup_.bind + ": write " + std::string(name));
    return out;
  }

  void add_swap(Plan& plan, const std::string& verb, std::string_view attribute, const std::optional<std::string>& before,
                const std::optional<std::string>& after, std::string_view key, std::string object = {}) const {
    Step step{verb,
              object.empty() ? plan.order.account : std::move(object),
              Act::change,
              state_of(attribute, before),
              state_of(attribute, after),
              {},
              says(key, {{"account", plan.order.account}}),
              plan.undo};
    step.request = ldif_of(plan.order.account, swap_of(attribute, step));
    plan.steps.push_back(std::move(step));
  }

  json::Object prior_of(const Plan& plan, const Entry& account) const {
    return {{"schema", schema},
            {"capability", plan.order.capability},
            {"account", account.dn},
            {"identity", as_text(account.first(kind_->identity()))},
            {"entry", ldif_of(account, secret_attributes())}};
  }

  Result<void> add_administrator_risk(Session& session, Plan& plan, const Entry& account) const {
    const auto others = kind_->administrators(session, setup_, 1'000);
    if (!others && others.error().code == ErrorCode::not_found) {
      // A group that is misspelt in the settings must not keep an account open.
      const auto text = to_text(others.error());
      plan.notes.push_back({text, text});
      return {};
    }
    if (!others) return tl::make_unexpected(others.error());
    const auto is_this = [&](const Entry& one) { return same_name(one.dn, account.dn); };
    if (std::any_of(others->begin(), others->end(), is_this) && others->size() == 1) plan.risks.push_back(Risk::last_administrator);
    return {};
  }

  Result<Plan> plan_block(Session& session, Plan plan, const Entry& account) const {
    const auto holds = kind_->lock_holds(session, setup_, account);
    if (!holds) return tl::make_unexpected(holds.error());
    plan.notes = *holds;
    plan.rights = rights({kind_->lock()});
    if (kind_->is_locked(account)) {
      plan.notes.push_back(says("ldap.block.already"));
      return plan;
    }
    if (auto done = add_administrator_risk(session, plan, account); !done) return tl::make_unexpected(done.error());
    add_swap(plan, "account.lock", kind_->lock(), value_of(account, kind_->lock()), kind_->locked(account), "ldap.step.lock");
    plan.mail = {says("ldap.block.mail"), says("ldap.block.owner")};
    plan.care = {kind_->care(true)};
    for (auto& note : kind_->block_notes()) plan.notes.push_back(std::move(note));
    auto prior = prior_of(plan, account);
    prior["value"] = json::or_null(value_of(account, kind_->lock()));
    plan.prior = json::canonical(prior);
    return plan;
  }

  Result<Plan> plan_reset(Session& session, Plan plan, const Entry& account) const {
    plan.undo = Undo::irreversible;
    plan.secrets["password"] = readable_secret(6);
    const auto change = kind_->must_change(session);
    if (!change) return tl::make_unexpected(change.error());
    // What holds against sign-ins has to be there again before the new password is told to anybody. A block may come after this plan, so
    // the steps are the same with and without. Where there are no rules for passwords, nothing blocks an account.
    const bool relocks = *change && kind_->reset_unlocks();
    if (relocks)
      plan.steps.push_back({std::string(look),
                            account.dn,
                            Act::pulse,
                            {},
                            {},
                            "read " + account.dn + " " + std::string(kind_->lock()) + "\n",
                            says("ldap.step.look", {{"account", account.dn}}),
                            Undo::irreversible});
    const auto object = account.dn + ": password";
    plan.steps.push_back({"password.set", object, Act::change, state_of(kind_->password_time(), value_of(account, kind_->password_time())),
                          std::string(fresh_password), kind_->password_request(account.dn),
                          says("ldap.step.reset", {{"account", account.dn}}), Undo::irreversible});
    if (*change)
      add_swap(plan, "password.must_change", (*change)->first, std::nullopt, (*change)->second,  // a reset takes it off
               "ldap.step.must_change", object);
    if (relocks) add_swap(plan, "account.relock", kind_->lock(), std::nullopt, kind_->locked(account), "ldap.step.relock", object);
    if (kind_->is_locked(account)) {
      plan.notes.push_back(says("ldap.reset.locked"));
      plan.secrets["locked"] = "yes";
    }
    plan.mail = {says("ldap.reset.mail")};
    plan.care = {says("ldap.reset.care")};
    plan.notes.push_back(says("ldap.reset.sessions"));
    plan.rights = rights({"userPassword / unicodePwd", kind_->password_time(), kind_->lock()});
    plan.prior = json::canonical(prior_of(plan, account));
    return plan;
  }

  Result<Plan> plan_removal(Session& session, Plan plan, const Entry& account) const {
    const auto wanted = plan.order.parameter("group");
    const auto all = kind_->memberships(session, setup_, account);
    if (!all) return tl::make_unexpected(all.error());
    json::Array kept;
    bool found = false, administrates = false;
    std::vector<Localized> through;
    for (const auto& one : *all) {
      if (wanted.empty() ? !one.administrates : !is_named(one.group, wanted)) continue;
      found = true;
      if (!one.direct) {
        through.push_back(says(one.primary ? "ldap.group.primary" : "ldap.group.through", {{"group", one.group}}));
        continue;
      }
      if (one.only_member) return fail(ErrorCode::conflict, tr("ldap.group.only"), one.group, tr("ldap.group.only.help"));
      administrates |= one.administrates;
      add_member_step(plan, "member.remove", one.group, one.attribute, one.value);
      kept.push_back(json::Object{{"group", one.group}, {"attribute", one.attribute}, {"value", one.value}});
    }
    if (!wanted.empty() && !found) return fail(ErrorCode::not_found, tr("ldap.group.not_in"), to_utf8_lossy(clip(wanted, 300)));
    plan.rights = rights({"member"});
    for (const auto& mark : kind_->marks(account)) plan.notes.push_back(says("ldap.mark", {{"mark", mark}}));
    // Nothing that could be removed here, and rights all the same: not "nothing to do".
    if (plan.steps.empty() && !through.empty()) {
      const auto& why = current_language() == Language::fr ? through.front().fr : through.front().en;
      return fail(ErrorCode::conflict, why, account.dn, tr("ldap.group.through.help"));
    }
    plan.notes.insert(plan.notes.end(), through.begin(), through.end());
    if (plan.steps.empty()) {
      plan.notes.push_back(says("ldap.group.none"));
      return plan;
    }
    if (administrates)
      if (auto done = add_administrator_risk(session, plan, account); !done) return tl::make_unexpected(done.error());
    plan.mail = {says("ldap.group.mail")};
    plan.care = {says("ldap.group.care")};
    plan.notes.push_back(says("ldap.group.tokens"));
    auto prior = prior_of(plan, account);
    prior["groups"] = std::move(kept);
    plan.prior = json::canonical(prior);
    return plan;
  }

  /// A group's whole name, or its first part.
  static bool is_named(const std::string& group, const std::string& wanted) {
    const auto comma = group.find(','), equals = group.find('=');
    return same_name(group, wanted) || (equals != std::string::npos && same_name(group.substr(equals + 1, comma - equals - 1), wanted));
  }

  void add_member_step(Plan& plan, const std::string& verb, const std::string& group, const std::string& attribute,
                       const std::string& value) const {
    const bool removes = verb == "member.remove";
    const auto in = attribute + ": " + value, out = attribute + " without " + value;
    plan.steps.push_back({verb, group, Act::change, removes ? in : out, removes ? out : in,
                          ldif_of(group, {{removes ? Change::Op::remove : Change::Op::add, attribute, {value}}}),
                          says(removes ? "ldap.step.leave" : "ldap.step.join", {{"account", plan.order.account}, {"group", group}}),
                          plan.undo});
  }

  Result<Plan> undo_removal(Session& session, Plan undo, const json::Object& prior, const Entry& account) const {
    const auto* list = prior.if_contains("groups");
    if (list == nullptr || !list->is_array()) return no_prior();
    undo.rights = rights({"member"});
    for (const auto& one : list->get_array()) {
      const auto group = text_in(one, "group"), attribute = text_in(one, "attribute"), value = text_in(one, "value");
      if (group.empty() || attribute.empty() || value.empty()) return no_prior();
      const auto member = member_again(account, attribute, value);
      const auto in = session.compare(group, attribute, member);
      if (!in && in.error().code == ErrorCode::not_found) {
        undo.notes.push_back(says("ldap.group.gone", {{"group", group}}));
        continue;
      }
      if (!in) return tl::make_unexpected(in.error());
      if (!*in) add_member_step(undo, "member.add", group, attribute, member);
    }
    undo.care.push_back(says("ldap.group.back"));
    return undo;
  }

  struct Member {
    std::string attribute, value;
  };
  static Member member_in(const Step& step) {
    const auto& text = step.verb == "member.remove" ? step.before : step.after;
    const auto colon = text.find(": ");
    return colon == std::string::npos ? Member{} : Member{text.substr(0, colon), text.substr(colon + 2)};
  }

  std::string_view attribute_of(const Step& step) const {
    const auto& text = step.after;
    return std::string_view(text).substr(0, text.find_first_of(": "));
  }

  std::pair<std::string, std::vector<Change>> changes_of(const Entry& account, const Step& step) const {
    if (step.verb.starts_with("member.")) {
      const auto member = member_in(step);
      return {step.object, {{step.verb == "member.remove" ? Change::Op::remove : Change::Op::add, member.attribute, {member.value}}}};
    }
    return {account.dn, swap_of(attribute_of(step), step)};
  }

  Result<Stand> stand_in(Session& session, const Plan& plan, const Step& step) const {
    if (step.verb.starts_with("member.")) {
      const auto member = member_in(step);
      const auto in = session.compare(step.object, member.attribute, member.value);
      if (!in) return tl::make_unexpected(in.error());
      return *in == (step.verb == "member.add") ? Stand::after : Stand::before;
    }
    if (step.verb == "account.relock" && !was_blocked(plan)) return Stand::after;
    const auto account = by_identity(session, identity_in(plan));
    if (!account) return tl::make_unexpected(account.error());
    if (step.verb == "password.set") {
      const auto since = value_of(*account, kind_->password_time());
      const bool is_before = state_of(kind_->password_time(), since) == step.before;
      if (is_before && since && !kind_->has_to_change(*account)) return Stand::before;
      const auto secret = plan.secrets.find("password");
      if (secret == plan.secrets.end()) return Stand::other;
      const auto answer = sign_in(setup_.server, account->dn, secret->second);
      if (!answer) return tl::make_unexpected(answer.error());
      // Where no time of the password tells it, the new one does.
      return kind_->knows_password(*answer) ? Stand::after : is_before ? Stand::before : Stand::other;
    }
    const auto there = state_of(attribute_of(step), value_of(*account, attribute_of(step)));
    return there == step.after ? Stand::after : there == step.before ? Stand::before : Stand::other;
  }

  /// What each step led to, read on one server; the last step on an attribute counts.
  Result<void> probe_state(std::vector<Probe>& out, Session& session, const std::string& url, const Plan& plan,
                           const Entry& account) const {
    for (const auto& step : plan.steps) {
      if (step.verb.starts_with("password.") || step.verb == look || (step.verb == "account.relock" && !was_blocked(plan))) continue;
      if (step.verb.starts_with("member.")) {
        const auto there = stand_in(session, plan, step);
        if (!there) return tl::make_unexpected(there.error());
        const bool good = *there == Stand::after;
        out.push_back({"group " + step.object + " " + url, step.after, good ? step.after : step.before, good, now(), {}, {}});
        continue;
      }
      // Other bits of the same attribute are others' to change.
      const bool good = kind_->is_locked(account) == (step.verb != "account.unlock");
      out.push_back({"state " + url, step.after, state_of(attribute_of(step), value_of(account, attribute_of(step))), good, now(), {}, {}});
    }
    return {};
  }

  /// Whether what was to be taken away is given by another way.
  Result<void> probe_groups(std::vector<Probe>& out, Session& session, const Plan& plan, const Entry& account) const {
    const auto wanted = plan.order.parameter("group");
    const auto all = kind_->memberships(session, setup_, account);
    if (!all) return tl::make_unexpected(all.error());
    std::string left;
    for (const auto& one : *all)
      if (wanted.empty() ? one.administrates : is_named(one.group, wanted)) left += (left.empty() ? "" : "; ") + one.group;
    out.push_back({"groups", "none", left.empty() ? "none" : left, left.empty(), now(), {}, {}});
    return {};
  }

  Result<Probe> probe_password(Session& session, const Plan& plan, const Step& set, const Entry& account) const {
    const auto at = now();
    const bool locked = kind_->is_locked(account);
    Probe out{"sign-in", locked ? "refused: locked" : "the new password is known", {}, false, at, {}, {}};
    const auto since = state_of(kind_->password_time(), value_of(account, kind_->password_time()));
    const bool is_new = since != set.before;
    const auto secret = plan.secrets.find("password");
    if (secret == plan.secrets.end()) {
      out.seen = since;
      out.good = is_new || kind_->has_to_change(account);
      if (!out.good && !value_of(account, kind_->password_time())) {
        out.expected = out.seen = "not tried: the password was told, and the directory keeps no time of it";
        out.good = true;
      }
      return out;
    }
    // Who had to choose another and does not have to any more has done it: ours opens nothing any more, nor does the one from before.
    const bool asked = kind_->reset_asks_change() || std::any_of(plan.steps.begin(), plan.steps.end(),
                                                                 [](const auto& step) { return step.verb == "password.must_change"; });
    const bool by_owner = asked && !kind_->has_to_change(account);
    if (by_owner && !locked) out.expected = "known, or changed by its owner since";
    const auto answer = sign_in(setup_.server, account.dn, secret->second);
    if (!answer) return tl::make_unexpected(answer.error());
    out.source = answer->source;
    out.seen = std::to_string(answer->code) + (answer->said.empty() ? "" : " " + answer->said) +
               (answer->policy ? ", policy " + std::to_string(*answer->policy) : "") + "; " + since;
    const bool known = kind_->knows_password(*answer);
    out.good = locked ? (known || is_new) && is_held(session, *answer, account) : known || (by_owner && is_new);
    return out;
  }

  /// Whether the answer is that of a lock. A server that does not say why it refuses is believed where its lock is proven without that.
  bool is_held(Session& session, const SignIn& answer, const Entry& account) const {
    if (kind_->is_refused_as_locked(answer)) return true;
    if (answer.code != 49) return false;
    const auto probes = kind_->lock_probes(session, setup_, account);
    return !probes.empty() && std::all_of(probes.begin(), probes.end(), [](const auto& one) { return one.good; });
  }

  Setup setup_;
  std::unique_ptr<Kind> kind_;
  std::mutex mutex_;
};

}  // namespace

Result<std::unique_ptr<Connector>> connector_of(const Settings& settings, std::unique_ptr<Kind> kind) {
  auto setup = setup_of(settings);
  if (!setup) return tl::make_unexpected(setup.error());
  return std::make_unique<DirectoryConnector>(std::move(*setup), std::move(kind));
}

std::vector<Setting> directory_settings(std::vector<Setting> more) {
  using Type = Setting::Type;
  std::vector<Setting> out{{"url", Type::text, true}, {"bind", Type::text, true},         {"base", Type::text, true},  {"ca_file"}, {"pin"},
                           {"replicas", Type::list},  {"account_attributes", Type::list}, {"admin_groups", Type::list}};
  out.insert(out.end(), more.begin(), more.end());
  out.insert(out.end(), {{"connect_seconds", Type::number}, {"seconds", Type::number}});
  return out;
}

}  // namespace digue::ldap
