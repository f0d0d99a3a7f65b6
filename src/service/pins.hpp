#pragma once

#include "service/context.hpp"

namespace digue::service {

struct NewPin {
  std::string kind;  ///< session, ip, device, account
  std::string value;
  std::string actor;  ///< attacker, user, known_good
  std::string reason;
};

Result<std::vector<incident::Pin>> list_pins(const Context& context, const std::string& incident);
/// bad_input for an unknown kind or actor, or an address that is none; conflict when the value is pinned already.
Result<incident::Pin> add_pin(const Context& context, const Caller& caller, const std::string& incident, const NewPin& pin);
Result<void> remove_pin(const Context& context, const Caller& caller, const std::string& incident, const std::string& id,
                        const std::string& reason);

}  // namespace digue::service
