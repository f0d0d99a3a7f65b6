#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "connect/lemonldap/setup.hpp"

/// What digue-sso-host (packaging/host) tells of a portal. Every text is hostile.
namespace digue::lemonldap {

/// One session, told without its identifier, which whoever holds it could use.
struct Session {
  std::string digest, kind, from;     ///< kind: "sso"; "kept": a browser that stays signed in; "offline": a refresh token
  std::optional<std::int64_t> began;  ///< seconds, by the portal's clock
};

/// The sessions of an account.
struct Sessions {
  std::vector<std::string> names;  ///< what the portal calls the account, one a way of writing it; empty: it knows nobody of that name
  std::vector<std::string> also;   ///< other accounts that have this name in one of their keys
  std::vector<Session> sessions;
  std::int64_t now = 0;
  std::int64_t damaged = 0;  ///< records of the portal that could not be read, of whatever account
  std::int64_t more = 0;     ///< of the account, beside those that are listed
  json::Value told;          ///< all of it, as an exhibit holds it
};

/// One second factor, told without its secret.
struct Method {
  std::string of, digest, type, name, epoch;
};

struct Methods {
  std::vector<std::string> names, also;
  std::vector<Method> methods;
  std::int64_t open = 0, damaged = 0, unreadable = 0;  ///< sessions of the account; records; lists of the account
  json::Value told;
};

/// What the program can do where it runs.
struct Abilities {
  std::string lacks;  ///< why nothing; empty: nothing lacks
  bool writable = false, methods = false;
};

/// How the portal took the sessions that ended: seen to work before, refused after.
struct Ended {
  std::int64_t now = 0;                               ///< when the last one was gone, the portal's clock, seconds
  std::int64_t tried_at = 0, tried = 0, refused = 0;  ///< shown to the portal once its processes had forgotten them
  std::string seen;                                   ///< its last answer
  std::vector<Session> sessions;
};

Result<Abilities> read_abilities(const Setup& setup);
Result<Sessions> read_sessions(const Setup& setup, const std::string& account);
Result<Methods> read_methods(const Setup& setup, const std::string& account);
Result<Ended> end_sessions(const Setup& setup, const std::string& account);
/// conflict when it is not there any more.
Result<void> remove_method(const Setup& setup, const Method& method);

/// The program's words, as a plan shows them and as they are sent.
std::vector<std::string> words_of(const Setup& setup, std::string_view verb, const std::string& account);
std::vector<std::string> words_of(const Method& method);

}  // namespace digue::lemonldap
