#pragma once

#include "incident/qualification.hpp"
#include "service/context.hpp"
#include "service/edits.hpp"

namespace digue::service {

/// Actions in the order of the playbook's priorities.
incident::Plan plan_of(const playbook::Playbook& playbook);

/// The tasks of a new incident: one per action.
Result<void> open_tasks(store::CaseWriter& writer, const Context& context, const std::string& incident);

/// Gives an account its tasks: those of per-account actions that nobody has touched yet and that have no target become its own, the
/// others are added.
Result<void> open_account_tasks(store::CaseWriter& writer, const Context& context, const std::string& incident, const std::string& account);

/// After a qualification: every account that joined and every workstation has its tasks, and due times that no person set follow the
/// severity (a higher one never gives more time) and the actions now raised.
Result<void> refresh_tasks(store::CaseWriter& writer, const Context& context, const std::string& incident,
                           const std::optional<std::string>& severity_before);

/// What the last qualification brings forward; empty before the first.
Result<std::vector<incident::RaisedAction>> raised_actions(store::CaseReader& reader, const Context& context, const std::string& incident);

/// A task with why it is where it is.
struct TaskView {
  incident::Task task;
  std::optional<incident::RaisedAction> raised;
  std::optional<Localized> reopened_why;
};

TaskView view_of(const Context& context, const incident::Task& task, const std::vector<incident::RaisedAction>& raised);

/// Nothing: as it was.
struct TaskChange {
  std::optional<incident::TaskState> state;
  std::string reason;
  std::optional<std::string> owner;
  std::optional<std::string> proof;
  std::optional<std::vector<std::string>> outcomes;
  std::optional<std::optional<UtcMicros>> due;  ///< an empty one goes back to the proposal
  std::optional<incident::Effect> effect;
  std::optional<UtcMicros> review;
  BasedOn based_on;
};

/// In the order of priority, raised actions first inside theirs.
Result<std::vector<TaskView>> list_tasks(const Context& context, const std::string& incident);
/// Outcomes recorded for the first time open again the tasks that rest on them, in the same transaction.
Result<TaskView> change_task(const Context& context, const Caller& caller, const std::string& incident, const std::string& id,
                             const TaskChange& change);

/// A workstation of a compromised user (`account` may be empty) and its tasks. Errors: bad_input, conflict, limit.
Result<void> add_workstation(const Context& context, const Caller& caller, const std::string& incident, const std::string& name,
                             const std::string& account);

}  // namespace digue::service
