#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json/value.hpp"
#include "base/localized.hpp"
#include "base/time.hpp"
#include "containment/capability.hpp"

namespace digue::containment {

/// What is wanted of a platform.
struct Order {
  std::string capability;
  std::string account;                              ///< as the platform names it; empty where the aim is no account
  std::map<std::string, std::string> parameters{};  ///< a connector says which it takes
  std::optional<UtcMicros> until{};                 ///< of what is lifted again
  std::string mark{};                               ///< of the incident ("IR-2026-003"): written into what is left on the platform

  /// Empty when it is not given.
  std::string parameter(std::string_view name) const;
};

/// What a step does when it is sent again. A change is compared before it is made and can be read back; a pulse has no state (flush a
/// cache, end sessions) and may be sent twice without harm.
enum class Act { change, pulse };

/// One exact change.
struct Step {
  std::string verb;    ///< the connector's own: "sieve.deactivate"
  std::string object;  ///< what it concerns, as the platform names it; hostile text
  Act act = Act::change;
  /// The object's state as the plan read it, and as it will be: canonical text without secrets (a digest stands for one). Empty for a
  /// pulse.
  std::string before, after;
  std::string request;  ///< what will be sent, exactly, secrets masked
  Localized says;       ///< for a person, object included
  Undo undo = Undo::reversible;
};

/// What a plan would touch beyond its target: refused, or asks for a second person (see rules.hpp).
enum class Risk {
  break_glass,         ///< an emergency account of the establishment
  last_administrator,  ///< nobody could administrate any more
  locks_everyone_out,  ///< a policy without a trial in report-only mode
  deletes_account,
  wipes_device,
  mass_purge,  ///< more messages than the limit
};

/// A value: what the platform was like and what would be done. Nothing happened yet.
struct Plan {
  Order order;
  std::vector<Step> steps;      ///< none: the platform is already as wanted
  std::vector<Localized> mail;  ///< effects on mail flow and on the account's owner
  std::vector<Localized> care;  ///< effects on care
  std::vector<Localized> notes;
  std::vector<std::string> rights;  ///< needed on the platform
  std::vector<Risk> risks;
  std::int64_t messages = 0;  ///< that would be purged
  bool two_persons = false;   ///< whatever the capability asks: what it takes back holds up an operation that asked for two
  Undo undo = Undo::reversible;
  /// Prior state of all that the steps change or destroy, as bytes that undo needs: sealed as an exhibit before the first step.
  std::string prior;
  /// Temporary secrets (passwords, their hashes) by name, and whatever else apply(), stand() and verify() need that is not in the steps
  /// (the bytes that an undo puts back): any bytes. Never in `steps`, journal or exhibits; kept sealed, and there again after a restart,
  /// when `prior` is not. "password" is shown once; "answer.<verb>" is there once a pulse was sent: what it answered.
  std::map<std::string, std::string> secrets;
};

/// A trial of one protocol, or something read back.
struct Probe {
  std::string what;      ///< protocol or state: "imap", "managesieve", "submission", "sessions"
  std::string expected;  ///< "refused"
  std::string seen;      ///< what the platform answered; hostile text
  bool good = false;
  UtcMicros at;
  std::string source;   ///< our own address and port; empty when nothing signed in
  std::string session;  ///< the platform's identifier of our session, where it told one
};

/// Evidence that a platform gave out.
struct Collected {
  std::string name;     ///< of the exhibit: "sieve/phish.sieve"
  std::string content;  ///< mail or log, as exhibits say; empty: told by its bytes
  std::string query;    ///< what was asked of the platform
  std::string bytes;
};

std::string_view name(Act act);
std::string_view name(Risk risk);

/// Without secrets and prior bytes.
json::Value to_json(const Plan& plan);
/// bad_input for what to_json() did not write.
Result<Plan> plan_of(const json::Value& value);
json::Value to_json(const Probe& probe);
Result<Probe> probe_of(const json::Value& value);

}  // namespace digue::containment
