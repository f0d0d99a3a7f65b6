#pragma once

#include <span>

#include "base/localized.hpp"
#include "base/messages.hpp"
#include "connect/ldap/session.hpp"
#include "containment/connector.hpp"

namespace digue::ldap {

/// A directory as it was set up:
/// - `url` (see Server), `ca_file`, `pin`, `connect_seconds`, `seconds`; `replicas`: URLs of its other servers, where a change is looked
/// for
///   too;
/// - `bind`: the name that Digue signs in with, secret `password`; `base`: below which accounts and groups are;
/// - `account_attributes`: those that hold an account's names, unless the kind's own; `admin_groups`: names of groups whose members
///   administrate, beyond those that the kind knows; `policy`: the name of the password policy that holds where an account names none
///   (ppolicy_default).
struct Setup {
  Server server;
  std::vector<Server> replicas;
  std::string bind, password, base, policy;
  std::vector<std::string> account_attributes, admin_groups;
  std::vector<std::string> emergency_accounts;  ///< a setting of every kind: any of an account's names, lower case
};

/// bad_input names the setting.
Result<Setup> setup_of(const containment::Settings& settings);

}  // namespace digue::ldap
