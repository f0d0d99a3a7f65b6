#pragma once

#include "service/context.hpp"
#include "service/duty_content.hpp"
#include "service/edits.hpp"
#include "service/establishments.hpp"

/// Declaring: which duties an incident brings to each establishment, their clocks, filings and register.
namespace digue::service {

struct DutyView {
  const incident::Obligation* duty = nullptr;
  incident::Standing standing;
  incident::Filing filing;
  std::vector<Reachable> recipients;
};

struct EntityView {
  incident::Establishment establishment;                   ///< without id when none is recorded
  std::map<std::string, UtcMicros, std::less<>> instants;  ///< those in force for it
  std::vector<DutyView> duties;
};

struct DutiesView {
  UtcMicros now;
  std::vector<incident::Instant> history;
  std::vector<std::string> chosen;  ///< establishments that a person named
  std::vector<EntityView> entities;
};

Result<DutiesView> show_duties(const Context& context, const std::string& incident);

/// Which establishments the incident concerns; none: see entities_of().
Result<DutiesView> choose_establishments(const Context& context, const Caller& caller, const std::string& incident,
                                         const std::vector<std::string>& establishments);

/// A new value of an instant for one establishment (empty: for all). Needs a reason, and not to lie ahead.
Result<DutiesView> record_instant(const Context& context, const Caller& caller, const std::string& incident, incident::Instant instant);

struct NewFiling {
  std::optional<UtcMicros> filed;  ///< nothing: only the reason of the delay, or a filing taken back with its reason
  std::string receipt;
  std::string reason;  ///< why late, or why taken back
};
/// Behind the deadline a reason must be there, unless the deadline is only a recommendation.
Result<DutiesView> record_filing(const Context& context, const Caller& caller, const std::string& incident,
                                 const std::string& establishment, const std::string& duty, const NewFiling& filing);

/// A person's word against the computed one, with its reason; nothing takes it back.
Result<DutiesView> overrule(const Context& context, const Caller& caller, const std::string& incident, const std::string& establishment,
                            const std::string& duty, std::optional<bool> applies, const std::string& reason);

struct DutyDraft {
  std::string subject, body;
};
/// The text to copy, filled from the incident as it stands.
Result<DutyDraft> draft_of(const Context& context, const Caller& caller, const std::string& incident, const std::string& establishment,
                           const std::string& duty, Language language);

/// One line of the answer to "who do I call now".
struct CallView {
  const incident::Call* call = nullptr;
  struct Way {
    std::string contact, by;
    std::vector<Reachable> reached;
  };
  std::vector<Way> ways;
};
struct CallsView {
  UtcMicros now;
  struct Entity {
    incident::Establishment establishment;
    incident::Moment moment;
    std::vector<CallView> calls;
  };
  std::vector<Entity> entities;
};
/// For an incident, or in general (empty) for each establishment known.
Result<CallsView> calls_now(const Context& context, const std::string& incident);

/// The lines of the register of breaches of one incident: one for each entity, empty where nothing was written.
struct BreachView {
  incident::Establishment establishment;
  incident::Breach breach;
  std::optional<UtcMicros> awareness;
  incident::Filing cnil;
};
Result<std::vector<BreachView>> show_breaches(const Context& context, const std::string& incident);
Result<std::vector<BreachView>> write_breach(const Context& context, const Caller& caller, const std::string& incident,
                                             incident::Breach breach, const BasedOn& based_on = {});
/// RFC 4180, one line for each entity, heads in the language given.
Result<std::string> breaches_csv(const Context& context, const std::string& incident, Language language);

}  // namespace digue::service
