#include "incident/task.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <tuple>

#include "base/messages.hpp"
#include "base/text.hpp"

namespace digue::incident {

namespace {

constexpr std::array<std::string_view, 6> states{"todo", "in_progress", "waiting", "done", "not_applicable", "refused"};

constexpr std::array<std::string_view, 4> effects{"none", "in_force", "lifted", "permanent"};

bool still_open(const Task& task) {
  return task.state != TaskState::done && task.state != TaskState::not_applicable;
}

std::vector<std::string> open_among(const std::vector<std::string>& needs, const Task& task, const std::vector<Task>& tasks) {
  std::vector<std::string> open;
  for (const auto& need : needs) {
    const auto here = [&](const Task& one) { return one.action == need && one.target == task.target; };
    const bool same_target = std::any_of(tasks.begin(), tasks.end(), here);
    if (std::any_of(tasks.begin(), tasks.end(),
                    [&](const Task& one) { return (same_target ? here(one) : one.action == need) && still_open(one); }))
      open.push_back(need);
  }
  return open;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string out;
  for (const auto& part : parts) out += (out.empty() ? "" : ", ") + part;
  return out;
}

}  // namespace

std::string_view name(TaskState state) {
  return states[static_cast<std::size_t>(state)];
}

std::optional<TaskState> task_state_named(std::string_view name) {
  for (std::size_t i = 0; i < states.size(); ++i)
    if (states[i] == name) return static_cast<TaskState>(i);
  return std::nullopt;
}

bool is_closed(TaskState state) {
  return state == TaskState::done || state == TaskState::not_applicable || state == TaskState::refused;
}

std::string_view name(Effect effect) {
  return effects[static_cast<std::size_t>(effect)];
}

std::optional<Effect> effect_named(std::string_view name) {
  for (std::size_t i = 0; i < effects.size(); ++i)
    if (effects[i] == name) return static_cast<Effect>(i);
  return std::nullopt;
}

const PlanAction* action_of(const Plan& plan, std::string_view id) {
  const auto at = std::find_if(plan.begin(), plan.end(), [&](const PlanAction& one) { return one.id == id; });
  return at == plan.end() ? nullptr : &*at;
}

std::vector<std::string> open_needs(const Plan& plan, const Task& task, const std::vector<Task>& tasks) {
  const auto* action = action_of(plan, task.action);
  return action == nullptr ? std::vector<std::string>{} : open_among(action->needs, task, tasks);
}

std::vector<std::string> open_lift_needs(const Plan& plan, const Task& task, const std::vector<Task>& tasks) {
  const auto* action = action_of(plan, task.action);
  return action == nullptr ? std::vector<std::string>{} : open_among(action->lift_needs, task, tasks);
}

Result<void> check_change(const PlanAction* action, const Task& before, const Task& after, const std::vector<std::string>& needs) {
  for (const auto& outcome : after.outcomes)
    if (action == nullptr || std::find(action->finds.begin(), action->finds.end(), outcome) == action->finds.end())
      return fail(ErrorCode::bad_input, tr("task.not_found_by", {{"action", after.action}, {"outcome", outcome}}), "outcomes");
  if (after.review && after.effect != Effect::in_force) return fail(ErrorCode::bad_input, tr("task.no_review"), "review");
  if (after.effect == Effect::in_force && !after.review) return fail(ErrorCode::bad_input, tr("task.review_needed"), "review");
  if (after.effect != before.effect && after.effect != Effect::in_force &&
      (before.effect != Effect::in_force || after.effect == Effect::none))
    return fail(ErrorCode::bad_input, tr("task.nothing_in_force"), "effect");
  if (!trim(after.reason).empty()) return {};
  if (after.effect != before.effect && after.effect != Effect::in_force)
    return fail(ErrorCode::bad_input, tr("task.lift_reason"), "reason", tr("task.lift_help"));
  if (after.state == before.state) return {};
  if (before.state == TaskState::not_applicable && !before.changed)
    return fail(ErrorCode::bad_input, tr("task.overlay_reason"), "reason", tr("task.overlay_help"));
  if (after.state == TaskState::not_applicable || after.state == TaskState::refused)
    return fail(ErrorCode::bad_input, tr("task.reason_needed"), "reason", tr("task.reason_help"));
  if ((after.state == TaskState::in_progress || after.state == TaskState::done) && !needs.empty())
    return fail(ErrorCode::bad_input, tr("task.needs_open", {{"action", after.action}, {"needs", joined(needs)}}), "reason",
                tr("task.needs_help"));
  if (after.state == TaskState::done && trim(after.proof).empty())
    return fail(ErrorCode::bad_input, tr("task.proof_needed"), "proof", tr("task.proof_help"));
  return {};
}

std::vector<std::size_t> reopened_by(const Plan& plan, const Task& source, const std::vector<std::string>& outcomes,
                                     const std::vector<Task>& tasks) {
  std::vector<std::size_t> out;
  for (const auto& action : plan) {
    if (std::none_of(action.reopen_on.begin(), action.reopen_on.end(), [&](const Reopening& one) {
          return one.action == source.action && std::find(outcomes.begin(), outcomes.end(), one.outcome) != outcomes.end();
        }))
      continue;
    const bool same_target =
        std::any_of(tasks.begin(), tasks.end(), [&](const Task& one) { return one.action == action.id && one.target == source.target; });
    for (std::size_t i = 0; i < tasks.size(); ++i)
      if (tasks[i].action == action.id && is_closed(tasks[i].state) && (!same_target || tasks[i].target == source.target)) out.push_back(i);
  }
  return out;
}

void sort_tasks(const Plan& plan, const std::vector<std::string>& raised, std::vector<Task>& tasks) {
  const auto rank = [&](const Task& task) {
    const auto* action = action_of(plan, task.action);
    if (action == nullptr) return std::tuple{std::numeric_limits<std::size_t>::max(), true, std::ptrdiff_t{0}};
    const bool front = std::find(raised.begin(), raised.end(), task.action) != raised.end();
    return std::tuple{action->priority, !front, action - plan.data()};
  };
  std::stable_sort(tasks.begin(), tasks.end(), [&](const Task& a, const Task& b) { return rank(a) < rank(b); });
}

const Task* next_task(const Plan& plan, const std::vector<std::string>& raised, const std::vector<Task>& tasks) {
  auto sorted = tasks;
  sort_tasks(plan, raised, sorted);
  std::string first, fallback;
  for (const auto& task : sorted) {
    if (is_closed(task.state) || action_of(plan, task.action) == nullptr) continue;
    if (fallback.empty()) fallback = task.id;
    if (!open_needs(plan, task, tasks).empty()) continue;
    first = task.id;
    break;
  }
  const auto& wanted = first.empty() ? fallback : first;
  const auto at = std::find_if(tasks.begin(), tasks.end(), [&](const Task& one) { return one.id == wanted; });
  return wanted.empty() || at == tasks.end() ? nullptr : &*at;
}

}  // namespace digue::incident
