#include "connect/postfix/tables.hpp"

#include <algorithm>
#include <tuple>

#include "base/crypto/hash.hpp"
#include "base/domain.hpp"
#include "base/encoding.hpp"
#include "base/quote.hpp"
#include "base/text.hpp"
#include "connect/postfix/smtp.hpp"
#include "connect/postfix/uses.hpp"

namespace digue::connect::mta {

namespace {

using namespace containment;

constexpr std::string_view account_block = "account.block", sender_block = "sender.block", domain_block = "domain.block";
constexpr std::int64_t longest_block = 31 * micros_per_day;
constexpr std::string_view absent = "-";  ///< the state of a key that is not in the table
constexpr std::string_view set = "map.set", put_back = "map.delete";
const std::string as_it_is = "line";  ///< of a plan without steps, beside its secrets: the state that it found as wanted

/// Tells the attacker nothing of the incident, and us that it was this line which refused.
std::string value_of(std::string_view capability) {
  return capability == account_block ? "REJECT 5.7.1 Sending is closed for this account"
                                     : "REJECT 5.7.1 Mail from this sender is not taken here";
}

/// What an answer by "REJECT 5.7.1 text" holds: the text.
std::string text_of(std::string_view value) {
  auto text = trim(value.substr(std::min(value.size(), std::string_view("REJECT").size())));
  if (const auto code = text.substr(0, text.find(' ')); code.find_first_not_of("0123456789.") == std::string_view::npos)
    text.remove_prefix(code.size());
  return std::string(trim(text));
}

std::string mark_of(const Order& order) {
  return order.mark + (order.until ? " until " + to_iso8601({order.until->value / micros_per_second * micros_per_second}) : "");
}

/// The line's state as digue-mail-host tells it.
struct Line {
  bool found = false, ours = false, pending = false, stale = false;
  /// Postfix reads what the text says.
  bool settled() const { return !pending && !stale; }
  std::string digest, block;

  /// Of one of ours: the end in its mark, where it has one.
  std::string until() const {
    constexpr std::string_view begins = " until ", ends = " by digue";
    const auto mark = std::string_view(block).substr(0, block.find('\n'));
    const auto at = mark.find(begins);
    if (!ours || at == std::string_view::npos || !mark.ends_with(ends)) return {};
    return std::string(mark.substr(at + begins.size(), mark.size() - at - begins.size() - ends.size()));
  }

  /// The value behind the key, where it is one plain line.
  bool refuses() const {
    std::string_view text = block;
    if (ours) text.remove_prefix(std::min(text.size(), text.find('\n') + 1));
    const auto at = text.find_first_of(" \t");
    return at != std::string_view::npos && lower(trim(text.substr(at))).starts_with("reject");
  }
};

Result<Line> read_line(const Site& site, const std::string& table, const std::string& key) {
  const auto value = site.helper.ask_json({"map-read", table, key});
  if (!value) return tl::make_unexpected(value.error());
  json::Fields fields(*value);
  Line out;
  out.found = fields.flag_or("found", false);
  out.ours = fields.flag_or("ours", false);
  out.pending = fields.flag_or("pending", false);
  out.stale = fields.flag_or("stale", false);
  out.digest = fields.text("digest", 64);
  const auto block = from_base64(fields.text_or("block", std::size_t{1} << 20, ""));
  if (!fields.done() || !block || out.found != (out.digest != absent) || (out.found && to_hex(sha256(*block)) != out.digest))
    return odd_answer(helper_name, "map-read");
  out.block = *block;
  return out;
}

Result<std::string> key_of(const Site& site, const Order& order) {
  if (order.capability == account_block) return quote::postfix_key(order.account);
  const bool whole = order.capability == domain_block;
  const auto given = order.parameters.find(whole ? "domain" : "sender");
  const auto key = quote::postfix_key(given == order.parameters.end() ? "" : lower(given->second));
  if (!key) return key;
  const auto at = key->find('@');
  const bool good = whole ? is_domain(*key) : at != std::string::npos && at > 0 && is_domain(std::string_view(*key).substr(at + 1));
  if (!good || key->find_first_of("<>") != std::string::npos)
    return fail(ErrorCode::bad_input, tr(whole ? "postfix.no_domain" : "postfix.no_sender"), whole ? "domain" : "sender");
  const auto own = [&](const std::string& one) { return one == *key || one.ends_with("." + *key); };
  if (whole && std::any_of(site.domains.begin(), site.domains.end(), own))
    return fail(ErrorCode::forbidden, tr("postfix.own_domain", {{"domain", *key}}), "domain");
  return key;
}

Result<void> check_until(const Order& order) {
  if (order.capability == account_block) return {};
  const auto left = order.until ? order.until->value - now().value : -1;
  if (left <= 0 || left > longest_block) return fail(ErrorCode::bad_input, tr("postfix.until"), "until");
  return {};
}

/// "TABLE KEY" of a step; neither holds a blank.
std::pair<std::string, std::string> object_of(const Step& step) {
  const auto at = step.object.find(' ');
  return {step.object.substr(0, at), at == std::string::npos ? "" : step.object.substr(at + 1)};
}

std::vector<std::string> words_of(const Order& order, const Step& step) {
  const auto [table, key] = object_of(step);
  if (step.verb == put_back) return {"map-delete", table, key, step.before};
  return {"map-set", table, key, step.before, value_of(order.capability), mark_of(order)};
}

Step step_of(const Order& order, std::string_view verb, const std::string& table, const std::string& key, std::string before,
             std::string after) {
  Step out;
  out.verb = verb;
  out.object = table + " " + key;
  out.before = std::move(before);
  out.after = std::move(after);
  out.request = shown(helper_name, words_of(order, out));
  out.says = says(verb == set ? "postfix.step.set" : "postfix.step.put_back", {{"key", key}, {"table", table}});
  return out;
}

/// Where the mail of a trial claims to come from.
std::string sender_of(const Site& site, const Order& order, const std::string& key) {
  if (order.capability == domain_block) return "digue-probe@" + key;
  return key.find('@') != std::string::npos || site.domains.empty() ? key : key + "@" + site.domains.front();
}

/// Named as what it is: no trial. What was read back stands beside it.
Probe not_tried(const std::string& what, std::string_view why) {
  return {tr("postfix.probe.not_tried", {{"what", what}}), tr("postfix.probe.none"), tr(why), true, now(), {}, {}};
}

/// One attempt to send. `refused`: whether the table's line, whose value is `value`, should refuse it.
Probe try_sending(const Site& site, const Plan& plan, const std::string& key, bool refused, std::string_view value) {
  const bool user = plan.order.capability == account_block;
  const std::string what = user ? "submission" : "smtp";
  const auto& at = user ? site.submission : site.smtp;
  if (!at) return not_tried(what, "postfix.probe.no_address");
  if (site.domains.empty()) return not_tried(what, "postfix.probe.no_own_domain");
  SmtpTrial trial{*at, site.trust, user, {}, {}, sender_of(site, plan.order, key), "postmaster@" + site.domains.front()};
  if (user) {
    const auto secret = plan.secrets.find("password");
    if (secret == plan.secrets.end()) return not_tried(what, "postfix.probe.no_secret");
    trial.user = key;
    trial.password = secret->second;
  }
  Probe out{what, tr(refused ? "postfix.probe.refused" : "postfix.probe.not_refused"), {}, false, now(), {}, {}};
  const auto answer = try_smtp(trial, site.limit);
  if (!answer) {
    out.seen = to_text(answer.error());
    return out;
  }
  out.source = answer->source;
  out.seen = answer->stage + ": " + answer->text;
  // A colleague's line may say nothing of its own.
  const auto text = refused ? text_of(value) : text_of(value_of(plan.order.capability));
  const bool by_us = answer->code >= 500 && answer->text.find(text) != std::string::npos;
  // Refused at the sign-in is refused, too; anything else would not be this line's doing.
  out.good = refused ? by_us || (answer->stage == "AUTH" && answer->code >= 500) : !by_us;
  return out;
}

}  // namespace

const std::string& table_of(const Site& site, std::string_view capability) {
  return capability == account_block ? site.sasl_block : site.sender_block;
}

Result<Plan> plan_block(const Site& site, const Order& order) {
  const auto& table = table_of(site, order.capability);
  if (table.empty()) return fail(ErrorCode::bad_input, tr("postfix.no_table", {{"capability", order.capability}}));
  const auto key = key_of(site, order);
  if (!key) return tl::make_unexpected(key.error());
  if (auto good = check_until(order); !good) return tl::make_unexpected(good.error());
  const auto mark = mark_of(order);
  if (order.mark.empty() || mark.size() > 120 ||
      mark.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 .:+_/-") != std::string::npos)
    return fail(ErrorCode::bad_input, tr("postfix.mark"), "mark");
  const auto line = read_line(site, table, *key);
  if (!line) return tl::make_unexpected(line.error());

  Plan out;
  out.order = order;
  out.rights = {"sudo digue-mail-host map-read, map-set, map-delete, map-query, map-uses " + table};
  if (line->stale) out.notes.push_back(says("postfix.note.stale", {{"table", table}}));
  if (line->refuses() && line->settled()) {
    const auto until = line->until();
    out.notes.push_back(until.empty() ? says("postfix.note.already", {{"key", *key}, {"table", table}})
                                      : says("postfix.note.already_until", {{"key", *key}, {"table", table}, {"until", until}}));
    out.secrets[as_it_is] = line->digest;
    return out;
  }
  if (line->found) out.notes.push_back(says("postfix.note.replaces", {{"line", std::string(trim(to_utf8_lossy(line->block)))}}));
  const auto block = "# " + mark + " by digue\n" + *key + " " + value_of(order.capability) + "\n";
  out.steps.push_back(step_of(order, set, table, *key, line->digest, to_hex(sha256(block))));
  const std::string topic = order.capability == account_block ? "account" : order.capability == domain_block ? "domain" : "sender";
  out.mail.push_back(says("postfix.mail." + topic, {{"key", *key}}));
  out.care.push_back(says("postfix.care." + topic, {{"key", *key}}));
  out.notes.push_back(says("postfix.note.open_sessions"));
  if (order.capability == account_block) out.notes.push_back(says("postfix.note.reading_open"));
  out.prior = json::canonical(json::Value{{"table", table}, {"key", *key}, {"digest", line->digest}, {"block", base64(line->block)}});
  return out;
}

Result<Plan> undo_block(const Site& site, const Plan& plan, std::string_view prior) {
  const auto value = json::parse(prior, {std::size_t{2} << 20, 4});
  if (!value) return fail(ErrorCode::bad_input, tr("postfix.prior"));
  json::Fields fields(*value);
  const auto table = fields.text("table", 1024), key = fields.text("key", 400), digest = fields.text("digest", 64);
  const auto block = from_base64(fields.text_or("block", std::size_t{1} << 20, ""));
  const auto* done = plan.steps.empty() ? nullptr : &plan.steps.front();
  if (!fields.done() || !block || done == nullptr || done->object != table + " " + key || done->before != digest ||
      (digest != absent && to_hex(sha256(*block)) != digest))
    return fail(ErrorCode::bad_input, tr("postfix.prior"));
  const auto line = read_line(site, table, key);
  if (!line) return tl::make_unexpected(line.error());
  Plan out;
  out.order = plan.order;
  out.rights = {"sudo digue-mail-host map-read, map-delete, map-query " + table};
  if (line->digest == digest && !line->pending) {
    out.notes.push_back(says("postfix.note.as_before", {{"key", key}, {"table", table}}));
    out.secrets[as_it_is] = digest;
    return out;
  }
  if (line->digest != done->after)
    return fail(ErrorCode::conflict, tr("postfix.line_changed", {{"key", key}, {"table", table}}), {}, tr("host.helper.changed.help"));
  out.steps.push_back(step_of(plan.order, put_back, table, key, done->after, digest));
  out.mail.push_back(says("postfix.mail.open_again", {{"key", key}}));
  out.prior = json::canonical(json::Value{{"table", table}, {"key", key}, {"digest", line->digest}, {"block", base64(line->block)}});
  return out;
}

Result<Stand> stand_of_line(const Site& site, const Step& step) {
  const auto [table, key] = object_of(step);
  const auto line = read_line(site, table, key);
  if (!line) return tl::make_unexpected(line.error());
  // In the text, but Postfix was not told: sending it again finishes that.
  if (line->digest == step.after) return line->settled() ? Stand::after : Stand::before;
  return line->digest == step.before ? Stand::before : Stand::other;
}

Result<std::string> apply_line(const Site& site, const Plan& plan, const Step& step) {
  const auto answer = site.helper.ask_json(words_of(plan.order, step));
  if (!answer) return tl::make_unexpected(answer.error());
  json::Fields fields(*answer);
  const auto digest = fields.text("digest", 64);
  if (digest != step.after)
    return fail(ErrorCode::conflict, tr("postfix.other_line", {{"object", step.object}}), {}, tr("host.helper.changed.help"));
  return json::canonical(*answer);
}

Result<std::vector<Probe>> verify_block(const Site& site, const Plan& plan) {
  const auto kept = plan.secrets.find(as_it_is);
  if (plan.steps.empty() && kept == plan.secrets.end()) return fail(ErrorCode::bad_input, tr("postfix.prior"));
  std::string table = table_of(site, plan.order.capability), key;
  if (plan.steps.empty()) {
    const auto named = key_of(site, plan.order);
    if (!named) return tl::make_unexpected(named.error());
    key = *named;
  } else {
    std::tie(table, key) = object_of(plan.steps.front());
  }
  const auto wanted = plan.steps.empty() ? kept->second : plan.steps.front().after;
  const auto line = read_line(site, table, key);
  if (!line) return tl::make_unexpected(line.error());
  const bool blocks = plan.steps.empty() ? line->refuses() : plan.steps.front().verb == set;
  std::vector<Probe> out;
  out.push_back({"line", wanted, line->digest, line->digest == wanted && line->settled(), now(), {}, {}});

  const auto found = site.helper.ask({"map-query", table, key});
  if (!found && found.error().code != ErrorCode::not_found) return tl::make_unexpected(found.error());
  const auto seen = found ? std::string(trim(to_utf8_lossy(clip(*found, 1000)))) : "";
  const auto value = value_of(plan.order.capability);
  const bool refuses = plan.steps.empty() ? lower(seen).starts_with("reject") : seen == value;
  out.push_back({"table",
                 blocks ? value : tr("postfix.probe.not_ours"),
                 found ? seen : tr("postfix.probe.nothing"),
                 blocks ? refuses : seen != value,
                 now(),
                 {},
                 {}});

  if (blocks) {
    const auto text = site.helper.ask({"map-uses", table});
    if (!text) return tl::make_unexpected(text.error());
    const auto uses = uses_of(*text, table, plan.order.capability == account_block);
    out.push_back({"restrictions", tr("postfix.probe.asked"), to_utf8_lossy(clip(trim(uses.told), 2000)), uses.asked, now(), {}, {}});
  }
  out.push_back(try_sending(site, plan, key, blocks, seen));
  return out;
}

}  // namespace digue::connect::mta
