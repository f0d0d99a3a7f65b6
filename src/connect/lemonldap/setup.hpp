#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "connect/host/helper.hpp"
#include "containment/connector.hpp"

namespace digue::lemonldap {

inline constexpr std::string_view helper_name = "digue-sso-host";

/// A portal as it was set up:
/// - `account_attributes`: the session keys that hold a name of the account, beside those of the portal itself;
/// - `domains`: where the name before the @ of an address is the account's at the portal, for addresses that no session tells;
/// - `host` and what belongs to it: see host_of(); `seconds`.
struct Setup {
  std::string keys;                  ///< "uid,mail"
  std::vector<std::string> domains;  ///< lower case
  connect::Helper helper;
};

/// bad_input names the setting.
Result<Setup> setup_of(const containment::Settings& settings);

}  // namespace digue::lemonldap
