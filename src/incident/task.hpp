#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"

namespace digue::incident {

enum class TaskState { todo, in_progress, waiting, done, not_applicable, refused };

std::string_view name(TaskState state);
std::optional<TaskState> task_state_named(std::string_view name);
/// Nothing is left to do: done, not applicable or refused.
bool is_closed(TaskState state);

/// An action of the playbook in one incident on one target.
struct Task {
  std::string id;
  std::string action;
  std::string target;  ///< an account; empty: the incident as a whole
  TaskState state = TaskState::todo;
  std::string owner;
  std::string reason;
  std::optional<UtcMicros> changed;
  std::string by;
};

/// What the tasks of an incident need to know about an action; the playbook tells it.
struct PlanAction {
  std::string id;
  bool per_account = false;        ///< one task for each compromised account
  std::vector<std::string> needs;  ///< actions that should be closed before
};

/// All actions in the order of priority.
using Plan = std::vector<PlanAction>;

/// The actions needed by `task` that are still open: neither done nor not applicable for the same target, or, when the action has no task
/// there, for any.
std::vector<std::string> open_needs(const Plan& plan, const Task& task, const std::vector<Task>& tasks);

/// Whether a person may put `task` into `state`: not applicable and refused need a reason, and so does starting or ending a task whose
/// needs are open. Errors: bad_input.
Result<void> check_change(const Task& task, TaskState state, std::string_view reason, const std::vector<std::string>& needs);

/// The first open task in the order of priority (needs before what needs them, then in the order of `tasks`); null when all is closed.
const Task* next_task(const Plan& plan, const std::vector<Task>& tasks);

}  // namespace digue::incident
