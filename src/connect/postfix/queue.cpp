#include "connect/postfix/queue.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <span>

#include "base/crypto/hash.hpp"
#include "base/encoding.hpp"
#include "base/text.hpp"

namespace digue::connect::mta {

namespace {

using namespace containment;

constexpr std::size_t max_messages = 10'000;                ///< of one operation: what digue-mail-host takes at once
constexpr std::size_t max_deleted = 2'000;                  ///< their contents are sealed
constexpr std::size_t max_asked = 2'000;                    ///< whose owners one call tells: each takes it a moment
constexpr std::size_t max_content = std::size_t{48} << 20;  ///< bytes of all contents
constexpr std::size_t max_recipients = 10'000;              ///< of one message
constexpr std::size_t max_shown = 100;                      ///< ids in a step's object
const std::string nothing_back = "nothing_back";            ///< beside the secrets of an undo without steps
constexpr std::string_view hold = "queue.hold", release = "queue.release", destroy = "queue.delete";

bool is_id(std::string_view text) {
  return text.size() >= 5 && text.size() <= 40 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
         });
}

Result<std::vector<Queued>> list(const Site& site) {
  const auto text = site.helper.ask({"queue-list"});
  if (!text) return tl::make_unexpected(text.error());
  return read_queue(*text);
}

std::string lines_of(std::span<const Queued> messages) {
  std::string out;
  for (const auto& one : messages) out += one.id + "\n";
  return out;
}

/// Who signed in to send each; the sender may be forged, this is not.
Result<void> read_owners(const Site& site, std::span<Queued> messages) {
  while (!messages.empty()) {
    const auto some = messages.first(std::min(messages.size(), max_asked));
    messages = messages.subspan(some.size());
    const auto text = site.helper.ask({"queue-owners"}, lines_of(some));
    if (!text) return tl::make_unexpected(text.error());
    std::map<std::string, std::string, std::less<>> owners;
    for (std::string_view rest = *text; !rest.empty();) {
      const auto end = rest.find('\n');
      const auto line = rest.substr(0, end);
      const auto tab = line.find('\t');
      if (end == std::string_view::npos || tab == std::string_view::npos) return odd_answer(helper_name, "queue-owners");
      owners.emplace(line.substr(0, tab), to_utf8_lossy(line.substr(tab + 1)));
      rest.remove_prefix(end + 1);
    }
    for (auto& one : some) {
      const auto found = owners.find(one.id);
      if (found == owners.end()) return odd_answer(helper_name, "queue-owners");
      one.sasl_username = found->second;
    }
  }
  return {};
}

/// Those that left the queue meanwhile are dropped.
Result<void> read_contents(const Site& site, std::vector<Queued>& messages) {
  std::size_t size = 0;
  std::vector<Queued> kept;
  for (auto& one : messages) {
    auto content = site.helper.ask({"queue-show", one.id});
    if (!content) {
      const auto again = list(site);
      if (!again) return tl::make_unexpected(again.error());
      if (std::none_of(again->begin(), again->end(), [&](const auto& other) { return other.id == one.id; })) continue;
      return tl::make_unexpected(content.error());
    }
    size += content->size();
    if (size > max_content)
      return fail(ErrorCode::limit, tr("postfix.queue.large", {{"limit", std::to_string(max_content >> 20)}}), {},
                  tr("postfix.queue.narrow"));
    one.content = std::move(*content);
    kept.push_back(std::move(one));
  }
  messages = std::move(kept);
  return {};
}

/// The messages that the order names: by id, or by sender and by who signed in (both when both are given).
Result<std::vector<Queued>> chosen(const Site& site, const Order& order) {
  const auto sender = order.parameter("sender"), user = order.parameter("sasl_username"), named = order.parameter("ids");
  std::set<std::string, std::less<>> ids;
  for (std::string_view rest = named; !rest.empty();) {
    const auto end = std::min(rest.find_first_of(" ,\n"), rest.size());
    if (end > 0 && !is_id(rest.substr(0, end)))
      return fail(ErrorCode::bad_input, tr("postfix.queue.no_id", {{"id", std::string(rest.substr(0, end))}}), "ids");
    if (end > 0) ids.emplace(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (sender.empty() && user.empty() && ids.empty()) return fail(ErrorCode::bad_input, tr("postfix.queue.whose"), "sasl_username");
  auto all = list(site);
  if (!all) return all;
  const bool held = order.capability != hold;
  std::erase_if(*all, [&](const Queued& one) {
    return (one.queue == "hold") != held || (!ids.empty() && !ids.contains(one.id)) || (!sender.empty() && !iequals(one.sender, sender));
  });
  const auto most = order.capability == destroy ? max_deleted : max_messages;
  const auto too_many = [](std::size_t count) {
    return fail(ErrorCode::limit, tr("postfix.queue.many", {{"count", std::to_string(count)}}), {}, tr("postfix.queue.narrow"));
  };
  if (all->size() > (user.empty() ? most : 2 * max_messages)) return too_many(all->size());
  if (auto read = read_owners(site, *all); !read) return tl::make_unexpected(read.error());
  if (!user.empty()) std::erase_if(*all, [&](const Queued& one) { return !iequals(one.sasl_username, user); });
  if (all->size() > most) return too_many(all->size());
  return all;
}

/// What tells a message from a later one with its id. Short: 10,000 stand in one text of a stored plan, whose senders are anybody's.
std::string identity(std::string_view id, std::int64_t arrival, std::string_view sender) {
  return std::string(id) + " " + std::to_string(arrival) + " " + to_hex(id_of({sender}), 6);
}
std::string identity(const Queued& one) {
  return identity(one.id, one.arrival, one.sender);
}

std::string members(const std::vector<Queued>& messages) {
  json::Array out;
  for (const auto& one : messages) out.emplace_back(identity(one));
  return json::canonical(out);
}

/// The first ones where they are many, then how many all are.
std::string ids_of(std::span<const Queued> messages) {
  std::string out;
  for (const auto& one : messages.first(std::min(messages.size(), max_shown))) out += (out.empty() ? "" : " ") + one.id;
  return messages.size() > max_shown ? out + " ... (" + std::to_string(messages.size()) + ")" : out;
}

std::string helper_verb(std::string_view verb) {
  return verb == hold ? "queue-hold" : verb == release ? "queue-release" : "queue-delete";
}

/// One step for all: a message that leaves the queue meanwhile must not keep the others from being held.
Result<Plan> plan_of_messages(const Site& site, const Order& order, std::string_view verb, std::vector<Queued> messages) {
  Plan out;
  out.order = order;
  out.rights = {std::string("sudo digue-mail-host queue-list, queue-owners, ") + (verb == destroy ? "queue-show, " : "") +
                helper_verb(verb)};
  // What can be taken back must not wait until thousands of messages are read.
  if (verb == destroy)
    if (auto read = read_contents(site, messages); !read) return tl::make_unexpected(read.error());
  if (messages.empty()) {
    out.notes.push_back(says(verb == hold ? "postfix.queue.none" : "postfix.queue.none_held"));
    return out;
  }
  const auto count = std::to_string(messages.size());
  std::set<std::string> senders, users;
  std::size_t recipients = 0;
  json::Array sealed;
  for (const auto& one : messages) {
    senders.insert(one.sender);
    users.insert(one.sasl_username.empty() ? "-" : one.sasl_username);
    recipients += one.recipients.size();
    json::Object record{{"id", one.id},
                        {"arrival", one.arrival},
                        {"queue", one.queue},
                        {"sender", one.sender},
                        {"sasl_username", one.sasl_username},
                        {"recipients", json::array_of(one.recipients)}};
    if (verb == destroy) record["content"] = base64(one.content);
    sealed.emplace_back(std::move(record));
  }
  const auto join = [](const std::set<std::string>& names) {
    std::string text;
    for (const auto& one : names) text += (text.empty() ? "" : ", ") + one;
    return std::string(clip(text, 2000));
  };
  out.prior = json::canonical(json::Value{{"messages", std::move(sealed)}});
  Step step;
  step.verb = verb;
  step.object = ids_of(messages);
  step.before = members(messages);
  step.after = verb == hold ? "hold" : verb == release ? "queued" : "gone";
  step.request = shown(helper_name, {helper_verb(verb)}) + " <<< '" + lines_of(messages) + "'";
  step.undo = verb == hold ? Undo::reversible : verb == release ? Undo::partly : Undo::irreversible;
  const std::string topic = verb == hold ? "hold" : verb == release ? "release" : "delete";
  step.says = says("postfix.queue.step." + topic, {{"count", count}, {"senders", join(senders)}, {"users", join(users)}});
  out.undo = step.undo;
  out.mail.push_back(says("postfix.queue.mail." + topic, {{"count", count}, {"recipients", std::to_string(recipients)}}));
  out.care.push_back(says("postfix.queue.care." + topic));
  if (verb == destroy) out.messages = static_cast<std::int64_t>(messages.size());
  out.steps.push_back(std::move(step));
  return out;
}

/// Where the messages of a step are now.
struct Whereabouts {
  std::vector<Queued> queued, held;
  std::vector<std::string> gone;  ///< ids
};

Result<Whereabouts> look(const Site& site, const Step& step) {
  const auto wanted = json::parse(step.before, {std::size_t{4} << 20, 3});
  if (!wanted || !wanted->is_array()) return fail(ErrorCode::bad_input, tr("postfix.prior"));
  auto all = list(site);
  if (!all) return tl::make_unexpected(all.error());
  std::map<std::string, Queued> now;
  for (auto& one : *all) now.emplace(identity(one), std::move(one));
  Whereabouts out;
  for (const auto& one : wanted->as_array()) {
    const auto* text = one.if_string();
    if (text == nullptr) return fail(ErrorCode::bad_input, tr("postfix.prior"));
    const std::string key(text->data(), text->size());
    const auto found = now.find(key);
    if (found == now.end())
      out.gone.push_back(key.substr(0, key.find(' ')));
    else
      (found->second.queue == "hold" ? out.held : out.queued).push_back(found->second);
  }
  return out;
}

/// What a sealed prior state names: the messages that stood as the step found them when it began.
Result<std::set<std::string, std::less<>>> members_of(std::string_view prior) {
  const auto value = json::parse(prior, {std::size_t{256} << 20, 6});
  const auto* object = value ? value->if_object() : nullptr;
  const auto* list = object == nullptr ? nullptr : object->if_contains("messages");
  if (list == nullptr || !list->is_array()) return fail(ErrorCode::bad_input, tr("postfix.prior"));
  std::set<std::string, std::less<>> out;
  for (const auto& entry : list->get_array()) {
    json::Fields fields(entry);
    const auto id = fields.text("id", 40), sender = fields.text_or("sender", 4096, "");
    out.insert(identity(id, fields.integer("arrival", 0, INT64_MAX), sender));
    if (!fields.done()) return fail(ErrorCode::bad_input, tr("postfix.prior"));
  }
  return out;
}

std::string text_of(const Whereabouts& at) {
  return tr(
      "postfix.queue.seen",
      {{"held", std::to_string(at.held.size())}, {"queued", std::to_string(at.queued.size())}, {"gone", std::to_string(at.gone.size())}});
}

}  // namespace

Result<std::vector<Queued>> read_queue(std::string_view text) {
  std::vector<Queued> out;
  while (!text.empty()) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) return odd_answer(helper_name, "queue-list");
    const auto value = json::parse(to_utf8_lossy(text.substr(0, end)), {std::size_t{16} << 20, 8});
    text.remove_prefix(end + 1);
    if (!value) return odd_answer(helper_name, "queue-list");
    json::Fields fields(*value);
    Queued one;
    one.id = fields.text("queue_id", 40);
    one.queue = fields.text("queue_name", 40);
    one.sender = fields.text_or("sender", 4096, "");
    one.arrival = fields.integer("arrival_time", 0, INT64_MAX);
    if (!fields.done() || !is_id(one.id)) return odd_answer(helper_name, "queue-list");
    const auto* recipients = value->as_object().if_contains("recipients");
    if (recipients != nullptr && recipients->is_array()) {
      for (const auto& entry : recipients->as_array()) {
        json::Fields recipient(entry);
        one.recipients.push_back(recipient.text_or("address", 4096, ""));
        if (!recipient.done() || one.recipients.size() > max_recipients) return odd_answer(helper_name, "queue-list");
      }
    }
    out.push_back(std::move(one));
  }
  return out;
}

Result<Plan> plan_queue(const Site& site, const Order& order) {
  auto messages = chosen(site, order);
  if (!messages) return tl::make_unexpected(messages.error());
  return plan_of_messages(site, order, order.capability, std::move(*messages));
}

Result<Plan> undo_queue(const Site& site, const Plan& plan, std::string_view prior) {
  if (plan.steps.empty()) return fail(ErrorCode::bad_input, tr("postfix.prior"));
  const auto& step = plan.steps.front();
  if (step.verb == destroy) return fail(ErrorCode::bad_input, tr("postfix.queue.no_undo"));
  auto at = look(site, step);
  if (!at) return tl::make_unexpected(at.error());
  const auto concerned = members_of(prior);
  if (!concerned) return tl::make_unexpected(concerned.error());
  auto& still = step.verb == hold ? at->held : at->queued;
  // What somebody else had held (or released) before the step began stays theirs.
  std::erase_if(still, [&](const Queued& one) { return !concerned->contains(identity(one)); });
  if (auto read = read_owners(site, still); !read) return tl::make_unexpected(read.error());
  auto out = plan_of_messages(site, plan.order, step.verb == hold ? release : hold, std::move(still));
  if (out && out->steps.empty()) out->secrets[nothing_back] = "yes";
  return out;
}

Result<Stand> stand_of_queue(const Site& site, const Step& step) {
  const auto at = look(site, step);
  if (!at) return tl::make_unexpected(at.error());
  if (step.verb == hold) return !at->queued.empty() ? Stand::before : at->held.empty() ? Stand::other : Stand::after;
  if (step.verb == release) return at->held.empty() ? Stand::after : Stand::before;
  return at->held.empty() && at->queued.empty() ? Stand::after : at->held.empty() ? Stand::other : Stand::before;
}

Result<std::string> apply_queue(const Site& site, const Step& step) {
  const auto at = look(site, step);
  if (!at) return tl::make_unexpected(at.error());
  const auto& concerned = step.verb == hold ? at->queued : at->held;
  if (concerned.empty() && (step.verb != hold || at->held.empty()))
    return fail(ErrorCode::conflict, tr("postfix.queue.left"), {}, text_of(*at));
  std::string told;
  if (!concerned.empty()) {
    if (auto done = site.helper.ask({helper_verb(step.verb)}, lines_of(concerned), &told); !done) return tl::make_unexpected(done.error());
  }
  std::string out = to_utf8_lossy(clip(trim(told), 4000));
  if (!at->gone.empty()) {
    std::string gone;
    for (const auto& one : at->gone) gone += " " + one;
    out += "\n" + tr("postfix.queue.gone", {{"ids", std::string(clip(gone, 4000))}});
  }
  return out;
}

Result<std::vector<Probe>> verify_queue(const Site& site, const Plan& plan) {
  std::vector<Probe> out;
  if (plan.steps.empty()) {  // there was nothing to do; of a hold, whether something came since
    const auto more = plan.order.capability == hold && !plan.secrets.contains(nothing_back)
                          ? chosen(site, plan.order)
                          : Result<std::vector<Queued>>(std::vector<Queued>());
    if (!more) return tl::make_unexpected(more.error());
    out.push_back({"queue", tr("postfix.queue.none"), ids_of(*more), more->empty(), now(), {}, {}});
  }
  for (const auto& step : plan.steps) {
    const auto at = look(site, step);
    if (!at) return tl::make_unexpected(at.error());
    // Of a hold, what was released and sent, or deleted, later on by others is gone, not back.
    const bool good = step.verb == hold      ? at->queued.empty()
                      : step.verb == release ? at->held.empty()
                                             : at->held.empty() && at->queued.empty();
    out.push_back({"queue", step.after, text_of(*at), good, now(), {}, {}});
  }
  return out;
}

}  // namespace digue::connect::mta
