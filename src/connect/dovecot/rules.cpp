#include <algorithm>
#include <array>

#include "base/crypto/hash.hpp"
#include "base/encoding.hpp"
#include "base/quote.hpp"
#include "base/text.hpp"
#include "connect/dovecot/group.hpp"
#include "mail/sieve/verdict.hpp"

/// Sieve scripts of an account.
namespace digue::dovecot {

using namespace containment;

namespace {

constexpr std::size_t max_scripts = 1'000;

struct Script {
  std::string name;
  bool active = false;
};

std::string digest_of(std::string_view text) {
  return to_hex(sha256(text));
}

// doveadm writes JSON: what is no UTF-8 comes as U+FFFD, and nobody can tell which bytes were there.
bool is_exact(std::string_view text) {
  return text.find("\xef\xbf\xbd") == std::string_view::npos;
}

std::string active_state(const std::string& name, const std::string& digest) {
  return json::canonical(json::Object{{"active", name}, {"sha256", digest}});
}

/// What a script does, one line for each effect.
std::vector<Localized> told(const std::string& name, const std::string& text) {
  std::vector<Localized> out;
  const auto verdict = sieve::verdict(text);
  if (verdict.unread) out.push_back(says("dovecot.rule.unread", {{"script", name}, {"why", *verdict.unread}}));
  for (const auto& effect : verdict.effects) {
    const auto key = "dovecot.rule." + std::string(sieve::name(effect.kind));
    auto line = says(key, {{"script", name}, {"line", std::to_string(effect.line)}, {"target", to_utf8_lossy(clip(effect.target, 300))}});
    const auto add = [&](std::string_view more) {
      const auto text_more = says(more);
      line.fr += " " + text_more.fr;
      line.en += " " + text_more.en;
    };
    if (effect.copy) add("dovecot.rule.copy");
    if (effect.conditional) add("dovecot.rule.conditional");
    if (effect.computed) add("dovecot.rule.computed");
    out.push_back(std::move(line));
    if (out.size() == 50) break;
  }
  if (out.empty()) out.push_back(says("dovecot.rule.nothing", {{"script", name}}));
  return out;
}

json::Object described(const Script& script, const std::string& text) {
  const auto verdict = sieve::verdict(text);
  json::Array effects;
  for (const auto& effect : verdict.effects)
    effects.push_back(json::Object{{"kind", sieve::name(effect.kind)},
                                   {"target", to_utf8_lossy(effect.target)},
                                   {"copy", effect.copy},
                                   {"conditional", effect.conditional},
                                   {"computed", effect.computed},
                                   {"line", effect.line}});
  return {{"script", script.name},          {"active", script.active}, {"sha256", digest_of(text)},
          {"exact", is_exact(text)},        {"effects", effects},      {"unread", json::or_null(verdict.unread)},
          {"forwards", verdict.forwards()}, {"hides", verdict.hides()}};
}

class Rules final : public Group {
 public:
  using Group::Group;

  std::span<const Offer> offers() const override {
    static const std::array<Offer, 2> all{{{"rule.list", {}}, {"rule.disable", {{"script", false}}}}};
    return all;
  }

  std::optional<Localized> missing(std::string_view capability, const Health& health) const override {
    if (capability == "rule.list") return lacking(health, {"sieveList", "sieveGet"});
    return lacking(health, {"sieveList", "sieveGet", "sieveDeactivate", "sieveActivate", "sievePut"});
  }

  Result<void> collect(const Order& order, const Connector::Take& take) override {
    const auto account = platform_.doveadm.account(order.account);
    if (!account) return tl::make_unexpected(account.error());
    const auto scripts = list(*account);
    if (!scripts) return tl::make_unexpected(scripts.error());
    json::Array index;
    for (const auto& script : *scripts) {
      const auto text = get(*account, script.name);
      if (!text) return tl::make_unexpected(text.error());
      const auto encoded = quote::url_component(script.name);
      const auto file = "sieve/" + (encoded ? *encoded : digest_of(script.name)) + ".sieve";
      auto line = described(script, *text);
      line["name"] = file;
      index.push_back(std::move(line));
      Collected one{file, {}, platform_.doveadm.request("sieveGet", of(*account, script.name)), *text};
      if (auto taken = take(std::move(one)); !taken) return taken;
    }
    return take({"sieve/scripts.json", "log", platform_.doveadm.request("sieveList", {{"user", *account}}), json::canonical(index) + "\n"});
  }

  Result<Plan> plan(const Order& order) override {
    const auto account = platform_.doveadm.account(order.account);
    if (!account) return tl::make_unexpected(account.error());
    const auto scripts = list(*account);
    if (!scripts) return tl::make_unexpected(scripts.error());
    Plan plan;
    plan.order = order;
    plan.order.account = *account;
    plan.rights = {"doveadm: sieveList, sieveGet, sieveDeactivate (" + platform_.setup.url + ")"};
    plan.notes.push_back(says("dovecot.rule.elsewhere"));
    const auto wanted = order.parameter("script");
    const auto at =
        std::find_if(scripts->begin(), scripts->end(), [&](const auto& one) { return wanted.empty() ? one.active : one.name == wanted; });
    if (at == scripts->end()) {
      if (!wanted.empty()) return fail(ErrorCode::not_found, tr("dovecot.rule.absent"), to_utf8_lossy(clip(wanted, 200)));
      plan.notes.push_back(says("dovecot.rule.none_active"));
      return plan;
    }
    const auto text = get(*account, at->name);
    if (!text) return tl::make_unexpected(text.error());
    for (auto& line : told(at->name, *text)) plan.notes.push_back(std::move(line));
    if (!at->active) {
      plan.notes.push_back(says("dovecot.rule.inactive", {{"script", at->name}}));
      return plan;
    }
    if (!is_exact(*text)) plan.notes.push_back(says("dovecot.rule.inexact", {{"script", at->name}}));
    plan.steps.push_back({"sieve.deactivate", *account + ": " + at->name, Act::change, active_state(at->name, digest_of(*text)),
                          active_state("", digest_of(*text)), platform_.doveadm.request("sieveDeactivate", {{"user", *account}}),
                          says("dovecot.step.deactivate", {{"account", *account}, {"script", at->name}}), Undo::reversible});
    plan.mail = {says("dovecot.rule.mail")};
    plan.care = {says("dovecot.rule.care")};
    plan.prior = json::canonical(json::Object{{"schema", "digue.dovecot/1"},
                                              {"capability", order.capability},
                                              {"account", *account},
                                              {"script", at->name},
                                              {"exact", is_exact(*text)},
                                              {"text", base64(*text)}});
    return plan;
  }

  Result<Plan> plan_undo(const Plan& plan, const json::Value& prior) override {
    const auto& account = plan.order.account;
    const auto name = text_of(prior, "script");
    const auto text = from_base64(text_of(prior, "text"));
    if (text_of(prior, "account") != account || name.empty() || !text) return no_prior();
    const auto scripts = list(account);
    if (!scripts) return tl::make_unexpected(scripts.error());
    Plan undo;
    undo.order = plan.order;
    undo.order.parameters["script"] = name;
    undo.prior = json::canonical(prior);
    undo.secrets["text"] = *text;
    undo.rights = {"doveadm: sieveList, sieveGet, sievePut, sieveActivate (" + platform_.setup.url + ")"};
    undo.mail = {says("dovecot.rule.back_mail")};
    for (auto& line : told(name, *text)) undo.notes.push_back(std::move(line));
    const auto digest = digest_of(*text);
    bool there = false;
    for (const auto& script : *scripts) {
      if (script.active && script.name != name) return conflict(account, script.name);
      if (script.name != name) continue;
      const auto found = get(account, name);
      if (!found) return tl::make_unexpected(found.error());
      if (*found != *text) return conflict(account, name);
      if (script.active) return undo;  // already as it was
      there = true;
    }
    const auto object = account + ": " + name;
    if (!there) {
      const bool exact = is_exact(*text);
      if (!exact) undo.notes.push_back(says("dovecot.rule.inexact", {{"script", name}}));
      undo.undo = exact ? Undo::reversible : Undo::partly;
      undo.steps.push_back({"sieve.put", object, Act::change, "absent", active_state("", digest),
                            platform_.doveadm.request("sievePut", put_of(account, name, *text)),
                            says("dovecot.step.put", {{"account", account}, {"script", name}}), undo.undo});
    }
    undo.steps.push_back({"sieve.activate", object, Act::change, active_state("", digest), active_state(name, digest),
                          platform_.doveadm.request("sieveActivate", of(account, name)),
                          says("dovecot.step.activate", {{"account", account}, {"script", name}}), Undo::reversible});
    return undo;
  }

  Result<Stand> stand(const Plan& plan, const Step& step) override {
    const auto state = state_of(plan, step);
    if (!state) return tl::make_unexpected(state.error());
    return *state == step.after ? Stand::after : *state == step.before ? Stand::before : Stand::other;
  }

  Result<std::string> apply(const Plan& plan, const Step& step) override {
    const auto& account = plan.order.account;
    const auto state = state_of(plan, step);
    if (!state) return tl::make_unexpected(state.error());
    if (*state != step.before) return changed_meanwhile(step);
    const auto name = script_of(plan, step);
    Result<json::Array> done;
    if (step.verb == "sieve.deactivate") {
      done = platform_.doveadm.rows("sieveDeactivate", {{"user", account}});
    } else if (step.verb == "sieve.activate") {
      done = platform_.doveadm.rows("sieveActivate", of(account, name));
    } else if (step.verb == "sieve.put") {
      const auto text = plan.secrets.find("text");
      if (text == plan.secrets.end()) return no_prior();
      done = platform_.doveadm.rows("sievePut", put_of(account, name, text->second));
    } else {
      return Group::apply(plan, step);
    }
    if (!done) return tl::make_unexpected(done.error());
    return json::canonical(*done);
  }

  Result<std::vector<Probe>> verify(const Plan& plan) override {
    std::vector<Probe> out;
    if (plan.steps.empty()) return out;
    const auto& last = plan.steps.back();
    const auto state = state_of(plan, last);
    if (!state) return tl::make_unexpected(state.error());
    out.push_back({"rule", last.after, *state, *state == last.after, now(), {}, {}});
    return out;
  }

 private:
  static json::Object of(const std::string& account, const std::string& name) { return {{"user", account}, {"scriptname", name}}; }
  static json::Object put_of(const std::string& account, const std::string& name, const std::string& text) {
    return {{"user", account}, {"scriptname", name}, {"file", text}};
  }
  static tl::unexpected<Error> conflict(const std::string& account, const std::string& name) {
    return fail(ErrorCode::conflict, tr("dovecot.changed"), account + ": " + to_utf8_lossy(clip(name, 200)), tr("dovecot.changed.help"));
  }
  static std::string script_of(const Plan& plan, const Step& step) { return step.object.substr(plan.order.account.size() + 2); }

  Result<std::vector<Script>> list(const std::string& account) const {
    const auto rows = platform_.doveadm.rows("sieveList", {{"user", account}});
    if (!rows) return tl::make_unexpected(rows.error());
    if (rows->size() > max_scripts) return fail(ErrorCode::limit, tr("dovecot.rule.many"), account);
    std::vector<Script> out;
    for (const auto& row : *rows) out.push_back({text_of(row, "script"), text_of(row, "active") == "ACTIVE"});
    return out;
  }

  Result<std::string> get(const std::string& account, const std::string& name) const {
    const auto rows = platform_.doveadm.rows("sieveGet", of(account, name));
    if (!rows) return tl::make_unexpected(rows.error());
    if (rows->size() != 1 || !rows->front().as_object().contains("sieve script"))
      return fail(ErrorCode::io, tr("dovecot.unreadable"), account);
    return text_of(rows->front(), "sieve script");
  }

  /// Which script is active, and what the step's script holds; "absent" when it is not there.
  Result<std::string> state_of(const Plan& plan, const Step& step) const {
    const auto& account = plan.order.account;
    const auto name = script_of(plan, step);
    const auto scripts = list(account);
    if (!scripts) return tl::make_unexpected(scripts.error());
    std::string active;
    bool there = false;
    for (const auto& script : *scripts) {
      if (script.active) active = script.name;
      there = there || script.name == name;
    }
    if (!there) return active.empty() ? std::string("absent") : active_state(active, "-");
    const auto text = get(account, name);
    if (!text) return text;
    return active_state(active, digest_of(*text));
  }
};

}  // namespace

std::unique_ptr<Group> rules_group(Platform& platform) {
  return std::make_unique<Rules>(platform);
}

}  // namespace digue::dovecot
