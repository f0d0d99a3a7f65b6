#include "service/incidents.hpp"

#include <algorithm>

#include "base/crypto/random.hpp"
#include "base/text.hpp"
#include "service/disk.hpp"
#include "service/moving.hpp"
#include "service/notes.hpp"
#include "service/overlays.hpp"
#include "service/platforms.hpp"
#include "service/tasks.hpp"

namespace digue::service {

namespace {

/// P0 comes before everything; then the severity, the reviews that are due, and the other tasks.
std::optional<NextStep> next_step(const Context& context, const std::vector<incident::Task>& tasks,
                                  const std::vector<incident::RaisedAction>& raised, bool graded) {
  std::vector<std::string> actions;
  for (const auto& one : raised) actions.push_back(one.action);
  const auto* task = incident::next_task(context.plan, actions, tasks);
  const auto* planned = task ? incident::action_of(context.plan, task->action) : nullptr;
  if (planned == nullptr || planned->priority > 0) {
    if (!graded) return NextStep{NextStep::Kind::qualify, std::nullopt, std::nullopt};
    const incident::Task* review = nullptr;
    for (const auto& one : tasks)
      if (one.effect == incident::Effect::in_force && one.review && *one.review <= now() && (!review || *one.review < *review->review))
        review = &one;
    if (review) return NextStep{NextStep::Kind::review, *review, std::nullopt};
  }
  if (task == nullptr) return std::nullopt;
  NextStep step{NextStep::Kind::task, *task, std::nullopt};
  const auto view = view_of(context, *task, raised);
  if (const auto* action = context.playbook.action(task->action)) step.reason = Localized{action->why.fr, action->why.en};
  if (view.raised) step.reason = view.raised->why;
  if (view.reopened_why) step.reason = view.reopened_why;
  return step;
}

Result<IncidentView> view(store::CaseReader& reader, const Context& context, const std::string& id) {
  auto incident = reader.incident(id);
  if (!incident) return tl::make_unexpected(incident.error());
  auto accounts = reader.accounts(id);
  if (!accounts) return tl::make_unexpected(accounts.error());
  const auto exhibits = reader.exhibits(id);
  if (!exhibits) return tl::make_unexpected(exhibits.error());
  const auto tasks = reader.tasks(id);
  if (!tasks) return tl::make_unexpected(tasks.error());
  const auto last = reader.last_entry(id);
  if (!last) return tl::make_unexpected(last.error());
  auto workstations = reader.workstations(id);
  if (!workstations) return tl::make_unexpected(workstations.error());
  const auto raised = raised_actions(reader, context, id);
  if (!raised) return tl::make_unexpected(raised.error());
  const auto destroyed = reader.destruction(id);
  if (!destroyed) return tl::make_unexpected(destroyed.error());
  const bool graded = incident->severity.has_value();
  IncidentView out{std::move(*incident),
                   std::move(*accounts),
                   static_cast<std::int64_t>(exhibits->size()),
                   *last,
                   std::move(*workstations),
                   *destroyed ? std::nullopt : next_step(context, *tasks, *raised, graded)};
  return out;
}

}  // namespace

Result<std::vector<incident::Summary>> list_incidents(const Context& context) {
  return store::reading(context.cases, [](store::CaseReader& reader) { return reader.incidents(); });
}

Result<IncidentView> show_incident(const Context& context, const std::string& id) {
  return store::reading(context.cases, [&](store::CaseReader& reader) { return view(reader, context, id); });
}

Result<IncidentView> create_incident(const Context& context, const Caller& caller, const NewIncident& incident) {
  auto machine = clock_note(context);
  auto created = store::writing(context.cases, [&](store::CaseWriter& writer) -> Result<IncidentView> {
    incident::Incident record;
    record.id = random_hex(8);
    record.title = incident.title;
    record.description = incident.description;
    record.created = now();
    record.created_by = caller.name;
    record.confirmed = incident.confirmed;
    record.exercise = incident.exercise;
    auto added = writer.add_incident(std::move(record));
    if (!added) return tl::make_unexpected(added.error());
    const auto disk = disk_words(writer, context);
    if (!disk) return tl::make_unexpected(disk.error());
    if (!disk->empty()) machine.text += ' ' + *disk;
    if (auto line = write_note(writer, context, caller, added->id, machine); !line) return tl::make_unexpected(line.error());
    std::string text = say(context, "note.incident", {{"reference", added->reference}, {"title", added->title}});
    text += ' ' + say(context, added->confirmed ? "note.incident_confirmed" : "note.incident_suspected");
    if (added->exercise) text += ' ' + say(context, "note.incident_exercise");
    if (auto line = write_note(writer, context, caller, added->id, {"incident.created", std::move(text), {}, {}}); !line)
      return tl::make_unexpected(line.error());
    if (auto done = open_tasks(writer, context, added->id); !done) return tl::make_unexpected(done.error());
    if (auto applied = apply_overlays(writer, context, caller, added->id); !applied) return tl::make_unexpected(applied.error());
    if (auto done = first_pilots(writer, caller, added->id); !done) return tl::make_unexpected(done.error());
    return view(writer, context, added->id);
  });
  if (created) context.notify("incident", created->incident.id);
  return created;
}

Result<IncidentView> add_account(const Context& context, const Caller& caller, const std::string& incident, const std::string& account,
                                 const std::string& reason) {
  const std::string given = lower(trim(account));
  if (given.find_first_of(" \t\r\n\f\v") != std::string::npos)
    return fail(ErrorCode::bad_input, tr("account.invalid"), "account", tr("account.invalid_help"));
  auto added = store::writing(context.cases, [&](store::CaseWriter& writer) -> Result<IncidentView> {
    const auto accounts = writer.accounts(incident);
    if (!accounts) return tl::make_unexpected(accounts.error());
    const auto names = known_names(writer);
    if (!names) return tl::make_unexpected(names.error());
    const auto name = names->account_of(given);
    incident::Account record{name, "person", std::nullopt, true};
    const auto known = std::find_if(accounts->begin(), accounts->end(), [&](const auto& one) { return one.account == name; });
    if (known != accounts->end()) {
      if (known->joined) return fail(ErrorCode::conflict, tr("account.exists"), name);
      record = *known;
      record.joined = true;
    }
    if (const auto exists = writer.incident(incident); !exists) return tl::make_unexpected(exists.error());
    auto done = writer.put_account(incident, record, now());
    if (done) done = open_account_tasks(writer, context, incident, name);
    if (!done) return tl::make_unexpected(done.error());
    std::string text = say(context, "note.account", {{"account", name == given ? name : name + " (" + given + ")"}});
    if (!reason.empty()) text += ' ' + say(context, "note.task_reason", {{"reason", reason}});
    if (auto line = write_note(writer, context, caller, incident, {"account.added", std::move(text), {name}, {}}); !line)
      return tl::make_unexpected(line.error());
    if (auto applied = apply_overlays(writer, context, caller, incident); !applied) return tl::make_unexpected(applied.error());
    return view(writer, context, incident);
  });
  if (added)
    for (const auto* kind : {"incident", "task", "journal"}) context.notify(kind, incident);
  return added;
}

}  // namespace digue::service
