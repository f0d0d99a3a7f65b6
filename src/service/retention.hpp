#pragma once

#include "service/context.hpp"

/// How long an incident is kept, what forbids to destroy it, and its destruction (docs/keeping.md). Nothing is destroyed by itself.
namespace digue::service {

/// What an incident is on its way to the end.
enum class Keeping { open, kept, due, held, destroyed };
std::string_view name(Keeping state);

struct RetentionView {
  incident::Incident incident;
  Keeping state = Keeping::open;
  std::string proposed;                               ///< type of case that the facts suggest
  std::vector<incident::Closing> history;             ///< the last one holds
  std::optional<UtcMicros> until;                     ///< when closed: not destroyed before
  const incident::RetentionPeriod* period = nullptr;  ///< when closed: what says so
  std::vector<incident::Hold> holds;
  std::optional<incident::Destruction> destroyed;

  const incident::Closing* closed() const { return history.empty() || !history.back().closed ? nullptr : &history.back(); }
};

Result<RetentionView> show_retention(const Context& context, const std::string& incident);
/// Of all incidents, those that are due first, then by date.
Result<std::vector<RetentionView>> list_retention(const Context& context);

/// Starts the period of the type of case. conflict when it is closed, bad_input for a type that the content does not have.
Result<RetentionView> close_incident(const Context& context, const Caller& caller, const std::string& incident, const std::string& type,
                                     const std::string& reason);
Result<RetentionView> reopen_incident(const Context& context, const Caller& caller, const std::string& incident, const std::string& reason);
Result<RetentionView> set_hold(const Context& context, const Caller& caller, const std::string& incident, const std::string& reason);
Result<RetentionView> lift_hold(const Context& context, const Caller& caller, const std::string& incident, const std::string& hold,
                                const std::string& reason);

/// Destroys words and bytes; what proves that they stood there stays. conflict unless the incident is due, its jobs have ended and
/// `reference` is its own (what a person typed to confirm). On return they are gone from database, vault and documents.
Result<RetentionView> destroy_incident(const Context& context, const Caller& caller, const std::string& incident,
                                       const std::string& reference, const std::string& reason);
/// Ends what a crash cut: words and bytes of destroyed incidents that still stand in files.
Result<void> finish_destructions(const Context& context);

/// conflict when the incident was destroyed: nothing is added to it any more.
Result<void> still_there(const Context& context, const std::string& incident);

}  // namespace digue::service
