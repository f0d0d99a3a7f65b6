#pragma once

#include "service/context.hpp"

namespace digue::service {

struct NewIncident {
  std::string title;
  std::string description;
  bool confirmed = false;
  bool exercise = false;
};

/// What to do now, and why.
struct NextStep {
  enum class Kind { task, review, qualify };
  Kind kind = Kind::task;              ///< review: of a measure in force; qualify: nobody has decided a severity
  std::optional<incident::Task> task;  ///< none to qualify
  std::optional<Localized> reason;     ///< of a task: why it is open again, brought forward, or done at all
};

struct IncidentView {
  incident::Incident incident;
  std::vector<incident::Account> accounts;
  std::int64_t exhibits = 0;
  std::optional<UtcMicros> last_entry;
  std::vector<incident::Workstation> workstations;
  std::optional<NextStep> next;
};

Result<std::vector<incident::Summary>> list_incidents(const Context& context);
Result<IncidentView> show_incident(const Context& context, const std::string& id);
/// Opens it: clock check as the first line, opening line, tasks of the playbook.
Result<IncidentView> create_incident(const Context& context, const Caller& caller, const NewIncident& incident);
/// Adds an account by a person's word; conflict when it has joined already.
Result<IncidentView> add_account(const Context& context, const Caller& caller, const std::string& incident, const std::string& account,
                                 const std::string& reason);

}  // namespace digue::service
