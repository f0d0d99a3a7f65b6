#include "service/guided.hpp"

#include <algorithm>
#include <set>

#include "base/crypto/random.hpp"
#include "base/ip.hpp"
#include "base/json/value.hpp"
#include "base/text.hpp"
#include "service/analysis_json.hpp"
#include "service/exhibits.hpp"
#include "service/notes.hpp"
#include "service/overlays.hpp"
#include "service/story.hpp"

namespace digue::service {

namespace {

constexpr std::int64_t day = 86'400'000'000;
constexpr std::int64_t minute = 60'000'000;
constexpr std::size_t max_suggestions = 50;

const guided::Platform* platform_named(const Context& context, const std::string& id) {
  const auto found = std::find_if(context.platforms.begin(), context.platforms.end(), [&](const auto& one) { return one.id == id; });
  return found == context.platforms.end() ? nullptr : &*found;
}

Result<incident::Task> task_of(store::CaseReader& reader, const std::string& incident, const std::string& id) {
  const auto tasks = reader.tasks(incident);
  if (!tasks) return tl::make_unexpected(tasks.error());
  for (const auto& task : *tasks)
    if (task.id == id) return task;
  return fail(ErrorCode::not_found, tr("task.absent"), id);
}

/// The first of the establishments' platforms that knows the action; empty: none does.
Result<std::string> preselected(store::CaseReader& reader, const Context& context, const std::string& incident, const std::string& action) {
  const auto overlays = overlays_of(reader, context, incident);
  if (!overlays) return tl::make_unexpected(overlays.error());
  for (const auto& entity : *overlays)
    for (const auto& id : entity.overlay.platforms)
      if (const auto* platform = platform_named(context, id); platform != nullptr && platform->procedure(action) != nullptr) return id;
  return std::string();
}

/// The attacker's addresses and span on these accounts, and names worth suggesting.
void read_story_facts(const std::string& analysis, TaskCommands& out) {
  const auto root = json::parse(analysis, {.bytes = max_analysis, .depth = 24});
  if (!root || !root->is_object()) return;
  auto& facts = out.facts;
  const std::set<std::string> accounts(facts.accounts.begin(), facts.accounts.end());
  std::set<std::string> ips;
  each_of(root->get_object(), "sessions", [&](const json::Object& session) {
    if (text_of(session, "actor") != "attacker" || !accounts.contains(text_of(session, "account"))) return;
    for (auto& ip : texts_of(session, "ips"))
      if (parse_ip(ip)) ips.insert(std::move(ip));
    const auto first = parse_iso8601(text_of(session, "first"));
    if (first && (!facts.since || first->civil < facts.since->value)) facts.since = UtcMicros{first->civil};
  });
  facts.ips.assign(ips.begin(), ips.end());
  // A day before the first access: what let the intruder in came earlier.
  if (facts.since) facts.since->value -= day;
  static const std::map<std::string, std::string> named{{"sender", "sender"}, {"domain", "block_domain"},
                                                        {"url", "url"},       {"message-id", "message_id"},
                                                        {"rule", "rule"},     {"application", "application"}};
  each_of(root->get_object(), "indicators", [&](const json::Object& indicator) {
    const auto at = named.find(text_of(indicator, "type"));
    if (at == named.end()) return;
    auto& list = out.suggestions[at->second];
    const auto value = text_of(indicator, "value");
    if (list.size() < max_suggestions && guided::check_value(at->second, value)) list.push_back(value);
  });
}

}  // namespace

Result<TaskCommands> task_commands(const Context& context, const std::string& incident, const std::string& task,
                                   const std::string& platform, const std::map<std::string, std::string>& asked) {
  for (const auto& [name, value] : asked)
    if (auto good = guided::check_value(name, value); !good) return tl::make_unexpected(good.error());
  return store::reading(context.cases, [&](store::CaseReader& reader) -> Result<TaskCommands> {
    const auto record = reader.incident(incident);
    if (!record) return tl::make_unexpected(record.error());
    const auto found = task_of(reader, incident, task);
    if (!found) return tl::make_unexpected(found.error());
    auto chosen = reader.platform(incident);
    if (!chosen) return tl::make_unexpected(chosen.error());
    TaskCommands out;
    out.chosen = std::move(*chosen);
    std::string wanted = platform.empty() ? out.chosen.value_or("") : platform;
    if (wanted.empty()) {
      auto own = preselected(reader, context, incident, found->action);
      if (!own) return tl::make_unexpected(own.error());
      wanted = std::move(*own);
    }
    if (wanted.empty()) return out;
    out.platform = platform_named(context, wanted);
    if (out.platform == nullptr) return fail(ErrorCode::bad_input, tr("guided.no_platform"), "platform");
    out.procedure = out.platform->procedure(found->action);
    if (out.procedure == nullptr) return fail(ErrorCode::not_found, tr("guided.no_procedure"), found->action);

    if (!found->target.empty()) {
      out.facts.accounts = {found->target};
    } else {
      const auto accounts = reader.accounts(incident);
      if (!accounts) return tl::make_unexpected(accounts.error());
      for (const auto& account : *accounts)
        if (account.joined) out.facts.accounts.push_back(account.account);
    }
    const auto story = reader.story(incident);
    if (!story && story.error().code != ErrorCode::not_found) return tl::make_unexpected(story.error());
    if (story) read_story_facts(story->analysis, out);
    // Whole minutes: a command read again a moment later is the same.
    const std::int64_t present = now().value - now().value % minute;
    if (!out.facts.since) out.facts.since = UtcMicros{record->created.value - record->created.value % minute - 30 * day};
    out.facts.until = UtcMicros{present};
    out.facts.expiry = UtcMicros{present + 7 * day};
    out.facts.reference = record->reference;
    out.facts.asked = asked;
    out.connect = guided::fill(out.platform->connect, out.facts);
    out.steps = guided::fill(out.procedure->steps, out.facts);
    out.asked = guided::asked_of(out.platform->connect);
    for (auto& name : guided::asked_of(out.procedure->steps))
      if (std::find(out.asked.begin(), out.asked.end(), name) == out.asked.end()) out.asked.push_back(std::move(name));
    return out;
  });
}

Result<void> choose_platform(const Context& context, const Caller& caller, const std::string& incident, const std::string& platform) {
  const auto* found = platform_named(context, platform);
  if (found == nullptr) return fail(ErrorCode::bad_input, tr("guided.no_platform"), "platform");
  bool changed = false;
  auto done = context.cases.write([&](store::CaseWriter& writer) -> Result<void> {
    if (const auto known = writer.incident(incident); !known) return tl::make_unexpected(known.error());
    const auto before = writer.platform(incident);
    if (!before) return tl::make_unexpected(before.error());
    changed = *before != platform;
    if (!changed) return {};
    if (auto set = writer.set_platform(incident, platform); !set) return set;
    const auto line = write_note(writer, context, caller, incident,
                                 {"platform.chosen", say(context, "note.platform", {{"platform", found->name}}), {}, {}});
    return line ? Result<void>() : tl::make_unexpected(line.error());
  });
  if (done && changed) context.notify("journal", incident);
  return done;
}

Result<incident::Proof> add_proof(const Context& context, const Caller& caller, const std::string& incident, const std::string& task,
                                  const NewProof& given) {
  const auto* platform = platform_named(context, given.platform);
  if (platform == nullptr) return fail(ErrorCode::bad_input, tr("guided.no_platform"), "platform");
  if (const auto known = store::reading(context.cases, [&](store::CaseReader& reader) { return task_of(reader, incident, task); }); !known)
    return tl::make_unexpected(known.error());
  auto incoming = context.vault.receive();
  if (!incoming) return tl::make_unexpected(incoming.error());
  if (auto written = incoming->write(given.answer); !written) return tl::make_unexpected(written.error());
  const auto sealed = context.vault.seal(std::move(*incoming));
  if (!sealed) return tl::make_unexpected(sealed.error());
  incident::Proof proof;
  const auto added = record_sealed(context, *sealed, [&](store::CaseWriter& writer) -> Result<void> {
    const auto found = task_of(writer, incident, task);
    if (!found) return tl::make_unexpected(found.error());
    const auto before = writer.proofs(incident, task);
    if (!before) return tl::make_unexpected(before.error());
    const auto record = writer.incident(incident);
    if (!record) return tl::make_unexpected(record.error());
    std::string text = say(context, "note.proof",
                           {{"action", found->action},
                            {"platform", platform->name},
                            {"bytes", std::to_string(sealed->bytes)},
                            {"sha256", sealed->sha256},
                            {"command", std::string(clip(given.command, 4000))}});
    if (!given.note.empty()) text += ' ' + say(context, "note.proof_note", {{"note", given.note}});
    Note note{"proof.pasted", std::move(text), {}, {{"task", task}}};
    if (!found->target.empty()) note.accounts.push_back(found->target);
    Arrival arrival;
    arrival.acquisition.source = platform->name;
    arrival.acquisition.authority = say(context, "acquisition.response", {{"reference", record->reference}});
    arrival.acquisition.tool = platform->name;
    arrival.acquisition.query = std::string(clip(given.command, 4000));
    arrival.acquisition.note = std::string(clip(given.note, 4000));
    const auto name = say(context, "guided.proof_name",
                          {{"action", found->action}, {"platform", platform->id}, {"number", std::to_string(before->size() + 1)}});
    auto exhibit = take_in(writer, context, caller, incident, *sealed, given.answer, {name, "pasted", std::move(arrival), std::move(note)});
    if (!exhibit) return tl::make_unexpected(exhibit.error());
    proof = {random_hex(8), task,          exhibit->id, sealed->sha256,    sealed->bytes,
             platform->id,  given.command, given.note,  exhibit->received, caller.name};
    auto done = writer.add_proof(incident, proof);
    if (done && trim(found->proof).empty()) {
      // What was shown is the task's proof until a person says it otherwise.
      auto shown = *found;
      shown.proof = say(context, "guided.task_proof", {{"name", name}, {"sha256", sealed->sha256}});
      done = writer.set_task(incident, shown);
    }
    return done;
  });
  if (!added) return tl::make_unexpected(added.error());
  for (const auto* kind : {"exhibit", "task", "journal"}) context.notify(kind, incident);
  return proof;
}

Result<std::vector<incident::Proof>> list_proofs(const Context& context, const std::string& incident, const std::string& task) {
  return store::reading(context.cases, [&](store::CaseReader& reader) -> Result<std::vector<incident::Proof>> {
    if (const auto known = task_of(reader, incident, task); !known) return tl::make_unexpected(known.error());
    return reader.proofs(incident, task);
  });
}

}  // namespace digue::service
