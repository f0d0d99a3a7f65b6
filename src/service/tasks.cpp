#include "service/tasks.hpp"

#include <algorithm>

#include "base/crypto/random.hpp"
#include "base/text.hpp"
#include "service/notes.hpp"
#include "service/overlays.hpp"

namespace digue::service {

namespace {

using incident::Effect;
using incident::Task;
using incident::TaskState;

constexpr std::size_t max_workstations = 500;
constexpr std::size_t max_workstation = 200;

std::string title_of(const Context& context, const std::string& action) {
  const auto* found = context.playbook.action(action);
  if (found == nullptr) return action;
  return context.settings.language == Language::fr ? found->title.fr : found->title.en;
}

std::string outcome_label(const Context& context, const std::string& outcome) {
  for (const auto& term : context.playbook.outcomes)
    if (term.id == outcome) return context.settings.language == Language::fr ? term.label.fr : term.label.en;
  return outcome;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string out;
  for (const auto& part : parts) out += (out.empty() ? "" : ", ") + part;
  return out;
}

bool holds(const std::vector<std::string>& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

std::vector<std::string> ids_of(const std::vector<incident::RaisedAction>& raised) {
  std::vector<std::string> ids;
  for (const auto& one : raised)
    if (!holds(ids, one.action)) ids.push_back(one.action);
  return ids;
}

/// What due times follow from.
struct Situation {
  std::optional<std::string> severity;
  std::vector<std::string> raised;
};

Result<Situation> situation_of(store::CaseReader& reader, const Context& context, const std::string& incident) {
  const auto record = reader.incident(incident);
  if (!record) return tl::make_unexpected(record.error());
  const auto raised = raised_actions(reader, context, incident);
  if (!raised) return tl::make_unexpected(raised.error());
  return Situation{record->severity, ids_of(*raised)};
}

/// A raised action is due when its neighbour of the next higher priority is.
std::optional<UtcMicros> proposed_due(const Context& context, const Situation& situation, const std::string& action, UtcMicros from) {
  const auto* planned = incident::action_of(context.plan, action);
  if (planned == nullptr) return std::nullopt;
  const bool raised = holds(situation.raised, action);
  const auto minutes = context.questions.due(situation.severity, planned->priority - (raised && planned->priority > 0 ? 1 : 0));
  if (minutes == 0) return std::nullopt;
  return UtcMicros{from.value + minutes * micros_per_minute};
}

Task new_task(const Context& context, const Situation& situation, std::string action, std::string target) {
  Task task;
  task.id = random_hex(8);
  task.due = proposed_due(context, situation, action, now());
  task.action = std::move(action);
  task.target = std::move(target);
  return task;
}

std::string local(const Context& context, UtcMicros time) {
  const auto zone = Zone::named(context.settings.zone);
  return zone ? to_local(time, *zone) : to_iso8601(time);
}

/// What a change goes against, or is begun without.
struct Circumstances {
  std::vector<std::string> needs;
  std::vector<std::string> lift_needs;
  bool on_suspicion = false;
};

std::string note_text(const Context& context, const Task& before, const Task& after, const Circumstances& around) {
  const auto state = [&](const Task& task) { return say(context, "state." + std::string(incident::name(task.state))); };
  const std::string key = std::string(after.state == before.state ? "note.task_same" : "note.task") + (after.target.empty() ? "" : "_of");
  std::string text = say(context, key,
                         {{"action", after.action},
                          {"title", title_of(context, after.action)},
                          {"target", after.target},
                          {"from", state(before)},
                          {"to", state(after)},
                          {"state", state(after)}});
  const auto add = [&](std::string_view message, MessageValues values) { text += ' ' + say(context, message, values); };
  if (after.owner != before.owner) add("note.task_owner", {{"owner", after.owner.empty() ? "-" : after.owner}});
  if (after.due != before.due) add("note.task_due", {{"due", after.due ? local(context, *after.due) : "-"}});
  if (after.proof != before.proof) add("note.task_proof", {{"proof", after.proof.empty() ? "-" : after.proof}});
  if (after.outcomes != before.outcomes) {
    std::vector<std::string> labels;
    for (const auto& outcome : after.outcomes) labels.push_back(outcome_label(context, outcome));
    add("note.task_outcomes", {{"outcomes", labels.empty() ? "-" : joined(labels)}});
  }
  if (after.effect == Effect::in_force && (before.effect != Effect::in_force || before.review != after.review))
    add("note.task_in_force", {{"review", after.review ? local(context, *after.review) : "-"}});
  if (after.effect != before.effect && after.effect == Effect::permanent) add("note.task_permanent", {});
  if (after.effect != before.effect && after.effect == Effect::lifted)
    around.lift_needs.empty() ? add("note.task_lifted", {}) : add("note.task_lifted_early", {{"needs", joined(around.lift_needs)}});
  if (!after.reason.empty() && (after.reason != before.reason || after.state != before.state))
    add("note.task_reason", {{"reason", after.reason}});
  if (!around.needs.empty()) add("note.task_override", {{"needs", joined(around.needs)}});
  if (after.state == TaskState::done && before.state != TaskState::done && trim(after.proof).empty()) add("note.task_no_proof", {});
  if (around.on_suspicion) add("note.task_on_suspicion", {});
  return text;
}

Note note_about(const Context& context, const Task& task, std::string text) {
  Note note{"task.changed", std::move(text), {}, {{"task", task.id}}};
  const auto* action = incident::action_of(context.plan, task.action);
  if (!task.target.empty()) (action != nullptr && action->per_workstation ? note.machines : note.accounts).push_back(task.target);
  return note;
}

/// The tasks of one account or workstation.
Result<void> open_target_tasks(store::CaseWriter& writer, const Context& context, const std::string& incident, const std::string& target,
                               bool incident::PlanAction::* per) {
  auto tasks = writer.tasks(incident);
  if (!tasks) return tl::make_unexpected(tasks.error());
  const auto situation = situation_of(writer, context, incident);
  if (!situation) return tl::make_unexpected(situation.error());
  for (const auto& action : context.plan) {
    if (!(action.*per)) continue;
    const auto has = [&](const std::string& name) {
      return std::find_if(tasks->begin(), tasks->end(), [&](const Task& task) { return task.action == action.id && task.target == name; });
    };
    if (has(target) != tasks->end()) continue;
    const auto open = has("");
    Result<void> done;
    if (open != tasks->end() && !open->changed) {
      open->target = target;
      done = writer.set_task(incident, *open);
    } else {
      done = writer.add_task(incident, new_task(context, *situation, action.id, target));
    }
    if (!done) return done;
  }
  return {};
}

/// `before` as the person wants it.
Task changed_task(const Context& context, const Task& before, const TaskChange& change, const Situation& situation, const Caller& caller) {
  Task task = before;
  const auto time = now();
  task.state = change.state.value_or(before.state);
  if (task.state != before.state || !change.reason.empty()) task.reason = change.reason;
  task.owner = change.owner.value_or(before.owner);
  task.proof = change.proof.value_or(before.proof);
  task.outcomes = change.outcomes.value_or(before.outcomes);
  if (change.due) {
    task.due_set = change.due->has_value();
    task.due = task.due_set ? *change.due : proposed_due(context, situation, task.action, time);
  }
  const auto* action = incident::action_of(context.plan, task.action);
  if (task.state == TaskState::done && before.state != TaskState::done && action != nullptr && action->review_days) {
    task.effect = Effect::in_force;
    task.review = UtcMicros{time.value + *action->review_days * micros_per_day};
  }
  task.effect = change.effect.value_or(task.effect);
  if (task.effect != Effect::in_force) task.review.reset();
  if (change.review) task.review = change.review;
  if (incident::is_closed(task.state)) task.reopened = {};
  task.changed = time;
  task.by = caller.name;
  return task;
}

/// Opens again what rests on `outcomes`, with a line for each.
Result<void> reopen(store::CaseWriter& writer, const Context& context, const Caller& caller, const std::string& incident,
                    const Task& source, const std::vector<std::string>& outcomes, const std::vector<Task>& tasks) {
  for (const auto index : incident::reopened_by(context.plan, source, outcomes, tasks)) {
    const Task& before = tasks[index];
    Task task = before;
    const auto* action = incident::action_of(context.plan, task.action);
    for (const auto& one : action->reopen_on)
      if (one.action == source.action && holds(outcomes, one.outcome)) task.reopened = one;
    task.state = TaskState::todo;
    task.reason.clear();
    task.changed = now();
    task.by = caller.name;
    if (auto done = writer.set_task(incident, task); !done) return done;
    auto text = note_text(context, before, task, {});
    text +=
        ' ' + say(context, "note.task_reopened", {{"action", source.action}, {"outcome", outcome_label(context, task.reopened.outcome)}});
    if (auto line = write_note(writer, context, caller, incident, note_about(context, task, std::move(text))); !line)
      return tl::make_unexpected(line.error());
  }
  return {};
}

}  // namespace

incident::Plan plan_of(const playbook::Playbook& playbook) {
  incident::Plan plan;
  for (const auto& section : playbook.by_priority()) {
    for (const auto& entry : section.measures) {
      for (const auto& action : entry.measure->actions) {
        incident::PlanAction one;
        one.id = action.id;
        one.per_account = action.scope == playbook::Scope::account;
        one.per_workstation = action.scope == playbook::Scope::workstation;
        one.priority = static_cast<std::size_t>(action.priority);
        one.finds = action.finds;
        one.review_days = action.review_days;
        for (const auto& requirement : action.requirements)
          (requirement.before == playbook::Gate::start ? one.needs : one.lift_needs).push_back(requirement.action);
        for (const auto& reopening : action.reopenings) one.reopen_on.push_back({reopening.action, reopening.outcome});
        plan.push_back(std::move(one));
      }
    }
  }
  return plan;
}

Result<std::vector<incident::RaisedAction>> raised_actions(store::CaseReader& reader, const Context& context, const std::string& incident) {
  const auto versions = reader.qualifications(incident);
  if (!versions) return tl::make_unexpected(versions.error());
  if (versions->empty()) return std::vector<incident::RaisedAction>{};
  return incident::suggest(context.questions, versions->back().answers, versions->back().judged).raised;
}

Result<void> open_tasks(store::CaseWriter& writer, const Context& context, const std::string& incident) {
  const auto situation = situation_of(writer, context, incident);
  if (!situation) return tl::make_unexpected(situation.error());
  for (const auto& action : context.plan)
    if (auto added = writer.add_task(incident, new_task(context, *situation, action.id, "")); !added) return added;
  return {};
}

Result<void> open_account_tasks(store::CaseWriter& writer, const Context& context, const std::string& incident,
                                const std::string& account) {
  return open_target_tasks(writer, context, incident, account, &incident::PlanAction::per_account);
}

Result<void> refresh_tasks(store::CaseWriter& writer, const Context& context, const std::string& incident,
                           const std::optional<std::string>& severity_before) {
  const auto accounts = writer.accounts(incident);
  if (!accounts) return tl::make_unexpected(accounts.error());
  for (const auto& account : *accounts)
    if (account.joined)
      if (auto done = open_account_tasks(writer, context, incident, account.account); !done) return done;
  const auto situation = situation_of(writer, context, incident);
  if (!situation) return tl::make_unexpected(situation.error());
  // An incident that nobody has graded yet is hurried like a major one.
  const auto rank = [](const std::optional<std::string>& severity) { return incident::severity_rank(severity.value_or("major")); };
  const bool lower = rank(situation->severity) < rank(severity_before);
  const auto tasks = writer.tasks(incident);
  if (!tasks) return tl::make_unexpected(tasks.error());
  const auto time = now();
  for (Task task : *tasks) {
    if (incident::is_closed(task.state) || task.due_set) continue;
    if (situation->severity == severity_before && !holds(situation->raised, task.action)) continue;
    const auto due = proposed_due(context, *situation, task.action, time);
    const auto before = task.due;
    task.due = due && before && !lower ? std::min(*due, *before) : due;
    if (task.due == before) continue;
    if (auto done = writer.set_task(incident, task); !done) return done;
  }
  return {};
}

TaskView view_of(const Context& context, const Task& task, const std::vector<incident::RaisedAction>& raised) {
  TaskView view{task, std::nullopt, std::nullopt};
  const auto at = std::find_if(raised.begin(), raised.end(), [&](const auto& one) { return one.action == task.action; });
  if (at != raised.end()) view.raised = *at;
  if (const auto* action = context.playbook.action(task.action))
    for (const auto& one : action->reopenings)
      if (one.action == task.reopened.action && one.outcome == task.reopened.outcome) view.reopened_why = {one.reason.fr, one.reason.en};
  return view;
}

Result<std::vector<TaskView>> list_tasks(const Context& context, const std::string& incident) {
  return store::reading(context.cases, [&](store::CaseReader& reader) -> Result<std::vector<TaskView>> {
    if (const auto known = reader.incident(incident); !known) return tl::make_unexpected(known.error());
    auto tasks = reader.tasks(incident);
    if (!tasks) return tl::make_unexpected(tasks.error());
    const auto raised = raised_actions(reader, context, incident);
    if (!raised) return tl::make_unexpected(raised.error());
    incident::sort_tasks(context.plan, ids_of(*raised), *tasks);
    std::vector<TaskView> out;
    for (const auto& task : *tasks) out.push_back(view_of(context, task, *raised));
    return out;
  });
}

Result<TaskView> change_task(const Context& context, const Caller& caller, const std::string& incident, const std::string& id,
                             const TaskChange& change) {
  auto changed = store::writing(context.cases, [&](store::CaseWriter& writer) -> Result<TaskView> {
    const auto record = writer.incident(incident);
    if (!record) return tl::make_unexpected(record.error());
    const auto tasks = writer.tasks(incident);
    if (!tasks) return tl::make_unexpected(tasks.error());
    const auto at = std::find_if(tasks->begin(), tasks->end(), [&](const Task& task) { return task.id == id; });
    if (at == tasks->end()) return fail(ErrorCode::not_found, tr("task.absent"), id);
    if (auto fresh = check_based_on(change.based_on, at->changed, at->by); !fresh) return tl::make_unexpected(fresh.error());
    const auto raised = raised_actions(writer, context, incident);
    if (!raised) return tl::make_unexpected(raised.error());
    const Task task = changed_task(context, *at, change, {record->severity, ids_of(*raised)}, caller);
    Circumstances around;
    const bool moves = task.state != at->state && (task.state == TaskState::in_progress || task.state == TaskState::done);
    if (moves) around.needs = incident::open_needs(context.plan, *at, *tasks);
    around.on_suspicion = moves && !record->confirmed;
    if (task.effect == Effect::lifted && at->effect != Effect::lifted)
      around.lift_needs = incident::open_lift_needs(context.plan, *at, *tasks);
    // The reason is asked for now: one given for an earlier change does not count.
    Task asked = task;
    asked.reason = change.reason;
    if (auto good = incident::check_change(incident::action_of(context.plan, task.action), *at, asked, around.needs); !good) {
      if (!around.lift_needs.empty() && good.error().where == "reason")
        return fail(ErrorCode::bad_input, tr("task.lift_needs", {{"needs", joined(around.lift_needs)}}), "reason", tr("task.needs_help"));
      return tl::make_unexpected(good.error());
    }
    if (auto done = writer.set_task(incident, task); !done) return tl::make_unexpected(done.error());
    if (auto line = write_note(writer, context, caller, incident, note_about(context, task, note_text(context, *at, task, around))); !line)
      return tl::make_unexpected(line.error());
    std::vector<std::string> found;
    for (const auto& outcome : task.outcomes)
      if (!holds(at->outcomes, outcome)) found.push_back(outcome);
    if (auto done = reopen(writer, context, caller, incident, task, found, *tasks); !done) return tl::make_unexpected(done.error());
    return view_of(context, task, *raised);
  });
  if (changed) {
    context.notify("task", incident);
    context.notify("journal", incident);
  }
  return changed;
}

Result<void> add_workstation(const Context& context, const Caller& caller, const std::string& incident, const std::string& name,
                             const std::string& account) {
  const incident::Workstation record{std::string(trim(name)), lower(trim(account)), now(), caller.name};
  if (record.name.empty() || record.name.size() > max_workstation || record.name.find_first_of("\r\n\t") != std::string::npos)
    return fail(ErrorCode::bad_input, tr("workstation.invalid"), "name");
  auto added = context.cases.write([&](store::CaseWriter& writer) -> Result<void> {
    if (const auto known = writer.incident(incident); !known) return tl::make_unexpected(known.error());
    const auto all = writer.workstations(incident);
    if (!all) return tl::make_unexpected(all.error());
    if (all->size() >= max_workstations)
      return fail(ErrorCode::limit, tr("workstation.too_many", {{"count", std::to_string(max_workstations)}}), "name");
    if (auto done = writer.add_workstation(incident, record); !done) return done;
    if (auto done = open_target_tasks(writer, context, incident, record.name, &incident::PlanAction::per_workstation); !done) return done;
    if (auto applied = apply_overlays(writer, context, caller, incident); !applied) return tl::make_unexpected(applied.error());
    Note note{"workstation.added",
              say(context, record.account.empty() ? "note.workstation" : "note.workstation_of",
                  {{"name", record.name}, {"account", record.account}}),
              {},
              {},
              {record.name}};
    if (!record.account.empty()) note.accounts.push_back(record.account);
    const auto line = write_note(writer, context, caller, incident, std::move(note));
    if (!line) return tl::make_unexpected(line.error());
    return {};
  });
  if (added)
    for (const auto* kind : {"incident", "task", "journal"}) context.notify(kind, incident);
  return added;
}

}  // namespace digue::service
