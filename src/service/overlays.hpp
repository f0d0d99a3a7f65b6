#pragma once

#include "incident/establishment.hpp"
#include "playbook/overlay.hpp"
#include "service/context.hpp"

/// What establishments add to the playbook, and what that does to the tasks of their incidents.
namespace digue::service {

/// Empty when the establishment wrote none. Errors: not_found.
Result<playbook::Overlay> show_overlay(const Context& context, const std::string& establishment);

/// A new version from a text that load_overlay() reads; `file` names it in refusals, after which the version before stays in use. The tasks
/// of every incident that it concerns follow, each told in its journal.
Result<playbook::Overlay> save_overlay(const Context& context, const Caller& caller, const std::string& establishment,
                                       std::string_view text, const std::string& file);

struct EntityOverlay {
  incident::Establishment establishment;
  playbook::Overlay overlay;
};

/// Of the establishments that an incident concerns, those without one included.
Result<std::vector<EntityOverlay>> overlays_of(store::CaseReader& reader, const Context& context, const std::string& incident);
Result<std::vector<EntityOverlay>> list_overlays(const Context& context, const std::string& incident);

/// Makes the tasks that nobody has changed follow the overlays: not applicable with the reasons when every establishment says so, open
/// again when one no longer does. Changes are told in one line. True when there was one.
Result<bool> apply_overlays(store::CaseWriter& writer, const Context& context, const Caller& caller, const std::string& incident);
/// The same for every incident. The incidents that changed.
Result<std::vector<std::string>> apply_overlays_everywhere(store::CaseWriter& writer, const Context& context, const Caller& caller);

}  // namespace digue::service
