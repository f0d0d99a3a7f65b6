#pragma once

#include <string>
#include <string_view>

/// Whether a lookup table is asked before a message is let through.
namespace digue::connect::mta {

struct Uses {
  bool asked = false;
  std::string told;  ///< service by service: the list that asks it, or "-"
};

/// From what digue-mail-host map-uses printed: services of smtpd, parameters of main.cf, and those of master.cf that stand in their place.
/// `users`: a table of who signed in, which each service that takes a sign-in must ask; else of senders, where one service is enough.
Uses uses_of(std::string_view configuration, std::string_view table, bool users);

}  // namespace digue::connect::mta
