#pragma once

#include "service/context.hpp"
#include "service/duty_content.hpp"
#include "service/edits.hpp"

namespace digue::service {

Result<std::vector<incident::Establishment>> list_establishments(const Context& context);
/// Adds one (empty id) or replaces it; a change is noted in every incident that concerns it. not_found, bad_input (calendar).
Result<incident::Establishment> save_establishment(const Context& context, const Caller& caller, incident::Establishment establishment,
                                                   const BasedOn& based_on = {});

Result<std::vector<incident::LocalContact>> list_contacts(const Context& context);
/// Adds one (empty id) or replaces it. not_found (id, establishment, replaced row), conflict when the row is already replaced there.
Result<incident::LocalContact> save_contact(const Context& context, const Caller& caller, incident::LocalContact contact,
                                            const BasedOn& based_on = {});
Result<void> remove_contact(const Context& context, const Caller& caller, const std::string& id);

/// The entities that declare for an incident: those chosen; else the only one known; else one without a name, so that duties and clocks
/// are shown all the same.
Result<std::vector<incident::Establishment>> entities_of(store::CaseReader& reader, const Context& context, const std::string& incident);

/// Own domains, own ranges and zone for an analysis of the incident: all establishments known are inside, the zone is that of the first
/// entity that is known.
Result<Settings> settings_for(store::CaseReader& reader, const Context& context, const std::string& incident);

/// A means to reach somebody, as shown.
struct Reachable {
  std::string id;  ///< of the directory's row, empty for an establishment's own people
  std::string name, phone, mail, site, hours;
  bool local = false;  ///< written by the establishment
  bool to_verify = false;
};

/// Those who stand behind a contact of the content or a "role:..." for an establishment. Lines of the establishment come first and hide
/// the content's row that they replace. Names of services are in the language of the request.
std::vector<Reachable> reach(const Context& context, std::string_view contact, const incident::Establishment& establishment,
                             const std::vector<incident::LocalContact>& local);

}  // namespace digue::service
