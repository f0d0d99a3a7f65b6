#include "incident/task.hpp"

#include <algorithm>
#include <array>

#include "base/messages.hpp"
#include "base/text.hpp"

namespace digue::incident {

namespace {

constexpr std::array<std::string_view, 6> states{"todo", "in_progress", "waiting", "done", "not_applicable", "refused"};

bool still_open(const Task& task) {
  return task.state != TaskState::done && task.state != TaskState::not_applicable;
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

std::vector<std::string> open_needs(const Plan& plan, const Task& task, const std::vector<Task>& tasks) {
  std::vector<std::string> open;
  const auto action = std::find_if(plan.begin(), plan.end(), [&](const PlanAction& one) { return one.id == task.action; });
  if (action == plan.end()) return open;
  for (const auto& need : action->needs) {
    const auto here = [&](const Task& one) { return one.action == need && one.target == task.target; };
    const bool same_target = std::any_of(tasks.begin(), tasks.end(), here);
    if (std::any_of(tasks.begin(), tasks.end(),
                    [&](const Task& one) { return (same_target ? here(one) : one.action == need) && still_open(one); }))
      open.push_back(need);
  }
  return open;
}

Result<void> check_change(const Task& task, TaskState state, std::string_view reason, const std::vector<std::string>& needs) {
  if (!trim(reason).empty() || state == task.state) return {};
  if (state == TaskState::not_applicable || state == TaskState::refused)
    return fail(ErrorCode::bad_input, tr("task.reason_needed"), "reason", tr("task.reason_help"));
  if ((state == TaskState::in_progress || state == TaskState::done) && !needs.empty()) {
    std::string list;
    for (const auto& need : needs) list += (list.empty() ? "" : ", ") + need;
    return fail(ErrorCode::bad_input, tr("task.needs_open", {{"action", task.action}, {"needs", list}}), "reason", tr("task.needs_help"));
  }
  return {};
}

const Task* next_task(const Plan& plan, const std::vector<Task>& tasks) {
  const Task* fallback = nullptr;
  for (const auto& action : plan) {
    for (const auto& task : tasks) {
      if (task.action != action.id || is_closed(task.state)) continue;
      if (open_needs(plan, task, tasks).empty()) return &task;
      if (fallback == nullptr) fallback = &task;
    }
  }
  return fallback;
}

}  // namespace digue::incident
