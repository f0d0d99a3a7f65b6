#include "service/tasks.hpp"

#include <algorithm>

#include "base/crypto/random.hpp"
#include "service/notes.hpp"

namespace digue::service {

namespace {

using incident::Task;

std::string title_of(const Context& context, const std::string& action) {
  const auto* found = context.playbook.action(action);
  if (found == nullptr) return action;
  return context.settings.language == Language::fr ? found->title.fr : found->title.en;
}

Task new_task(std::string action, std::string target) {
  Task task;
  task.id = random_hex(8);
  task.action = std::move(action);
  task.target = std::move(target);
  return task;
}

void sort_by_plan(const incident::Plan& plan, std::vector<Task>& tasks) {
  const auto rank = [&](const Task& task) {
    return std::find_if(plan.begin(), plan.end(), [&](const auto& action) { return action.id == task.action; }) - plan.begin();
  };
  std::stable_sort(tasks.begin(), tasks.end(), [&](const Task& a, const Task& b) { return rank(a) < rank(b); });
}

std::string note_text(const Context& context, const Task& before, const Task& after, const std::vector<std::string>& needs) {
  const auto state = [&](const Task& task) { return say(context, "state." + std::string(incident::name(task.state))); };
  std::string text = say(context, after.target.empty() ? "note.task" : "note.task_of",
                         {{"action", after.action},
                          {"title", title_of(context, after.action)},
                          {"target", after.target},
                          {"from", state(before)},
                          {"to", state(after)}});
  const auto add = [&](std::string_view key, MessageValues values) { text += ' ' + say(context, key, values); };
  if (after.owner != before.owner) add("note.task_owner", {{"owner", after.owner.empty() ? "-" : after.owner}});
  if (!after.reason.empty()) add("note.task_reason", {{"reason", after.reason}});
  if (!needs.empty()) {
    std::string list;
    for (const auto& need : needs) list += (list.empty() ? "" : ", ") + need;
    add("note.task_override", {{"needs", list}});
  }
  return text;
}

}  // namespace

incident::Plan plan_of(const playbook::Playbook& playbook) {
  incident::Plan plan;
  for (const auto& section : playbook.by_priority()) {
    for (const auto& entry : section.measures) {
      for (const auto& action : entry.measure->actions) {
        incident::PlanAction one{action.id, action.scope == playbook::Scope::account, {}};
        for (const auto& requirement : action.requirements)
          if (requirement.before == playbook::Gate::start) one.needs.push_back(requirement.action);
        plan.push_back(std::move(one));
      }
    }
  }
  return plan;
}

Result<void> open_tasks(store::CaseWriter& writer, const Context& context, const std::string& incident) {
  for (const auto& action : context.plan)
    if (auto added = writer.add_task(incident, new_task(action.id, "")); !added) return added;
  return {};
}

Result<void> open_account_tasks(store::CaseWriter& writer, const Context& context, const std::string& incident,
                                const std::string& account) {
  auto tasks = writer.tasks(incident);
  if (!tasks) return tl::make_unexpected(tasks.error());
  for (const auto& action : context.plan) {
    if (!action.per_account) continue;
    const auto has = [&](const std::string& target) {
      return std::find_if(tasks->begin(), tasks->end(),
                          [&](const Task& task) { return task.action == action.id && task.target == target; });
    };
    if (has(account) != tasks->end()) continue;
    const auto open = has("");
    Result<void> done;
    if (open != tasks->end() && !open->changed) {
      open->target = account;
      done = writer.set_task(incident, *open);
    } else {
      done = writer.add_task(incident, new_task(action.id, account));
    }
    if (!done) return done;
  }
  return {};
}

Result<std::vector<Task>> list_tasks(const Context& context, const std::string& incident) {
  return store::reading(context.cases, [&](store::CaseReader& reader) -> Result<std::vector<Task>> {
    if (const auto known = reader.incident(incident); !known) return tl::make_unexpected(known.error());
    auto tasks = reader.tasks(incident);
    if (tasks) sort_by_plan(context.plan, *tasks);
    return tasks;
  });
}

Result<Task> change_task(const Context& context, const Caller& caller, const std::string& incident, const std::string& id,
                         const TaskChange& change) {
  auto changed = store::writing(context.cases, [&](store::CaseWriter& writer) -> Result<Task> {
    const auto tasks = writer.tasks(incident);
    if (!tasks) return tl::make_unexpected(tasks.error());
    const auto at = std::find_if(tasks->begin(), tasks->end(), [&](const Task& task) { return task.id == id; });
    if (at == tasks->end()) return fail(ErrorCode::not_found, tr("task.absent"), id);
    const bool moves = change.state == incident::TaskState::in_progress || change.state == incident::TaskState::done;
    const auto needs = moves && change.state != at->state ? incident::open_needs(context.plan, *at, *tasks) : std::vector<std::string>{};
    if (auto good = incident::check_change(*at, change.state, change.reason, needs); !good) return tl::make_unexpected(good.error());
    Task task = *at;
    task.state = change.state;
    task.reason = change.reason;
    task.owner = change.owner.value_or(at->owner);
    task.changed = now();
    task.by = caller.name;
    if (auto done = writer.set_task(incident, task); !done) return tl::make_unexpected(done.error());
    Note note{"task.changed", note_text(context, *at, task, needs), {}, {{"task", task.id}}};
    if (!task.target.empty()) note.accounts.push_back(task.target);
    if (auto line = write_note(writer, context, caller, incident, std::move(note)); !line) return tl::make_unexpected(line.error());
    return task;
  });
  if (changed) {
    context.notify("task", incident);
    context.notify("journal", incident);
  }
  return changed;
}

}  // namespace digue::service
