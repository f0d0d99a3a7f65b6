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

/// What a finished task left in force. Containment is not meant to last: a measure in force is reviewed, lifted or made permanent.
enum class Effect { none, in_force, lifted, permanent };

std::string_view name(Effect effect);
std::optional<Effect> effect_named(std::string_view name);

/// Another action found something that opens a task again.
struct Reopening {
  std::string action;
  std::string outcome;
  bool operator==(const Reopening&) const = default;
};

/// An action of the playbook in one incident on one target.
struct Task {
  std::string id;
  std::string action;
  std::string target;  ///< an account or a workstation; empty: the incident as a whole
  TaskState state = TaskState::todo;
  std::string owner;
  std::string reason;
  std::optional<UtcMicros> changed;  ///< by a person; nothing: as the plan and the establishment's overlay have it
  std::string by;
  std::optional<UtcMicros> due;
  bool due_set = false;               ///< by a person: a new severity leaves it alone
  std::string proof;                  ///< text or link: what shows that it is done
  std::vector<std::string> outcomes;  ///< what doing it brought to light
  Effect effect = Effect::none;
  std::optional<UtcMicros> review;  ///< of a measure in force: looked at again or lifted then
  Reopening reopened;               ///< why it is open again; empty action: it is not
};

/// What the tasks of an incident need to know about an action; the playbook tells it.
struct PlanAction {
  std::string id;
  bool per_account = false;               ///< one task for each compromised account
  std::vector<std::string> needs;         ///< actions that should be closed before
  bool per_workstation = false;           ///< one task for each workstation that a person named
  std::size_t priority = 0;               ///< 0..3
  std::vector<std::string> lift_needs{};  ///< actions that should be closed before its effect is lifted
  std::vector<std::string> finds{};       ///< outcomes that may be recorded
  std::vector<Reopening> reopen_on{};
  std::optional<int> review_days{};  ///< its effect stays in force
};

/// All actions in the order of priority.
using Plan = std::vector<PlanAction>;

/// The plan's action; null when the playbook no longer has it.
const PlanAction* action_of(const Plan& plan, std::string_view id);

/// The actions needed by `task` that are still open: neither done nor not applicable for the same target, or, when the action has no task
/// there, for any.
std::vector<std::string> open_needs(const Plan& plan, const Task& task, const std::vector<Task>& tasks);
/// The same for those needed before what `task` left in force is lifted.
std::vector<std::string> open_lift_needs(const Plan& plan, const Task& task, const std::vector<Task>& tasks);

/// Whether a person may make `before` into `after`. A reason is needed for not applicable and refused, for starting or ending a task
/// against `needs`, for ending it without a proof, for lifting or making permanent what is in force, and for opening what the
/// establishment's overlay calls not applicable. Outcomes must be among those that the action finds; what is in force has a review date,
/// and nothing else has one. Errors: bad_input.
Result<void> check_change(const PlanAction* action, const Task& before, const Task& after, const std::vector<std::string>& needs);

/// The tasks (positions in `tasks`) that are closed and that `outcomes`, newly recorded by `source`, open again: those on the same target,
/// or all when the action has none there.
std::vector<std::size_t> reopened_by(const Plan& plan, const Task& source, const std::vector<std::string>& outcomes,
                                     const std::vector<Task>& tasks);

/// Sorts by priority; inside a priority actions in `raised` come first, else the plan's order holds.
void sort_tasks(const Plan& plan, const std::vector<std::string>& raised, std::vector<Task>& tasks);

/// The first open task in the order of sort_tasks() whose needs are closed, else the first open one; null when all is closed.
const Task* next_task(const Plan& plan, const std::vector<std::string>& raised, const std::vector<Task>& tasks);

}  // namespace digue::incident
