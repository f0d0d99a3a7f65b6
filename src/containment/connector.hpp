#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "containment/plan.hpp"

namespace digue::containment {

/// One parameter of an order, as a platform takes it.
struct Parameter {
  std::string_view name;  ///< "script"
  bool needed = false;
};

/// A capability as a platform offers it.
struct Offer {
  std::string_view capability;
  std::vector<Parameter> parameters{};
};

/// Whether a capability would work here and now.
struct Readiness {
  enum class Way { automatic, guided, impossible };
  std::string capability;
  Way way = Way::automatic;
  Localized why;  ///< not automatic: what is missing; else what stays open
};

/// Where one object of a step stands when it is looked at again.
enum class Stand { before, after, other };

/// One platform as it is set up. Calls block until the platform answers or a timeout passes; one call at a time, any thread. What the
/// platform says is hostile text. Errors: bad_input (the order), not_found (no such account there), conflict (the state is not the one of
/// the plan), forbidden (rights), io (unreachable, cut, half an answer: what was done is unknown until stand() told).
class Connector {
 public:
  virtual ~Connector() = default;
  /// "dovecot"; as in connectors.def.
  virtual std::string_view kind() const = 0;
  virtual std::span<const Offer> offers() const = 0;
  /// One entry for each offer; connects. An io error when nothing answers at all.
  virtual Result<std::vector<Readiness>> test() = 0;

  /// Reads the platform and says exactly what would be done; changes nothing.
  virtual Result<Plan> plan(const Order& order) = 0;
  /// What takes `plan` back, from the bytes that were sealed as its prior state and from what is there now. bad_input when the bytes are
  /// not such a state.
  virtual Result<Plan> plan_undo(const Plan& plan, std::string_view prior) = 0;
  /// Where the object of a change stands. Never called for a pulse.
  virtual Result<Stand> stand(const Plan& plan, const Step& step) = 0;
  /// Makes the change if the object is still as `step.before` says (compared as late as the platform allows), else conflict; sends the
  /// pulse. Gives the platform's answer, secrets masked.
  virtual Result<std::string> apply(const Plan& plan, const Step& step) = 0;
  /// Reads back and tries each protocol once. Not good is a Probe, not an error.
  virtual Result<std::vector<Probe>> verify(const Plan& plan) = 0;

  using Take = std::function<Result<void>(Collected)>;
  /// Carries out an order that only reads, giving its evidence part by part; what `take` answers ends it.
  virtual Result<void> collect(const Order& order, const Take& take) = 0;
};

/// How a platform is reached, as a person set it up.
struct Settings {
  std::string name;  ///< "messagerie"
  std::string kind;
  json::Object values;                         ///< addresses, paths, pins, time limits: no secret
  std::map<std::string, std::string> secrets;  ///< opened
};

/// One setting of a kind of platform, as a form asks for it. Its texts are messages: setting.<kind>.<name>, else setting.<name>; the same
/// with .hint.
struct Setting {
  enum class Type { text, number, flag, list, choice };
  std::string_view name;
  Type type = Type::text;
  bool needed = false;
  std::vector<std::string_view> choices{};  ///< the first one holds unless said otherwise
};

/// A kind of platform: one line of connectors.def. Its texts are messages: connector.<kind>, and .about and .rights (a right a line).
struct Maker {
  std::string_view kind;
  std::vector<std::string_view> secrets;  ///< the names of what must not be stored in clear
  std::vector<Setting> settings;          ///< all that make() reads
  /// bad_input names the setting. Does not connect.
  std::function<Result<std::unique_ptr<Connector>>(const Settings&)> make;
};

}  // namespace digue::containment
