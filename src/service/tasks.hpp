#pragma once

#include "service/context.hpp"

namespace digue::service {

/// Actions in the order of the playbook's priorities.
incident::Plan plan_of(const playbook::Playbook& playbook);

/// The tasks of a new incident: one per action.
Result<void> open_tasks(store::CaseWriter& writer, const Context& context, const std::string& incident);

/// Gives an account its tasks: those of per-account actions that nobody has touched yet and that have no target become its own, the
/// others are added.
Result<void> open_account_tasks(store::CaseWriter& writer, const Context& context, const std::string& incident, const std::string& account);

struct TaskChange {
  incident::TaskState state = incident::TaskState::todo;
  std::string reason;
  std::optional<std::string> owner;  ///< nothing: as it was
};

/// In the order of priority.
Result<std::vector<incident::Task>> list_tasks(const Context& context, const std::string& incident);
Result<incident::Task> change_task(const Context& context, const Caller& caller, const std::string& incident, const std::string& id,
                                   const TaskChange& change);

}  // namespace digue::service
