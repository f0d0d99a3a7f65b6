#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/time.hpp"
#include "people/roles.hpp"

namespace digue::people {

enum class AccountState : std::uint8_t { invited, active, disabled };

/// A person who may sign in. The roles of each incident stand apart, in Membership.
struct Account {
  std::string id;
  std::string login;  ///< lower case, one of its kind
  std::string name;   ///< author of journal lines
  bool administrator = false;
  AccountState state = AccountState::invited;
  UtcMicros created{};
  std::string created_by;
  std::string password;        ///< Argon2id; empty until set up
  std::string factor;          ///< sealed secret of the one-time codes; empty until set up
  std::int64_t last_step = 0;  ///< of the last one-time code that was taken
  UtcMicros last_sign_in{};    ///< 0: never
  std::int64_t recovery_left = 0;
};

/// A set-up link: good once, until it expires. It never tells the password: its holder chooses that.
struct Invitation {
  std::string token_hash;
  std::string person;
  UtcMicros expires{};
  std::string factor;        ///< sealed secret that the set-up offers
  bool new_password = true;  ///< else the present one must be given
  bool new_factor = true;    ///< else a present code must be given
};

struct Membership {
  std::string incident;
  std::string person;
  std::uint8_t roles = 0;  ///< bit by Role
};

/// A line of the security log.
struct SecurityEvent {
  std::int64_t seq = 0;
  UtcMicros at{};
  std::string kind;      ///< "sign_in", "sign_in_failed" ...
  std::string person;    ///< who did it: the account's id, empty when it is not known
  std::string name;      ///< the same as shown at that time
  std::string source;    ///< IP address; "local": the Unix socket or the terminal
  std::string incident;  ///< id, empty when none is concerned
  std::string detail;
};

}  // namespace digue::people
