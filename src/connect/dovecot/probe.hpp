#pragma once

#include "connect/dovecot/setup.hpp"

namespace digue::dovecot {

/// How one sign-in ended.
struct Trial {
  enum class Outcome { accepted, refused, unknown };
  Outcome outcome = Outcome::unknown;
  std::string seen;    ///< what the server answered, or what went wrong; hostile text
  std::string source;  ///< our own address and port
};

/// Signs in once with a secret (SASL PLAIN) and out again. Unknown: the server could not be asked, or said that it cannot tell now.
Trial sign_in(const Door& door, const std::string& account, const std::string& secret, const Setup& setup);
/// Whether the door can be reached, as far as signing in.
Result<void> reach(const Door& door, const Setup& setup);

/// The same as a Probe: good when it ended as expected.
containment::Probe probe_of_door(const Door& door, const std::string& account, const std::string& secret, Trial::Outcome expected,
                                 const Setup& setup);
std::string_view name(Trial::Outcome outcome);

}  // namespace digue::dovecot
