#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "people/account.hpp"
#include "people/throttle.hpp"

/// The part of the case store that holds accounts, factors, roles, failed attempts and the security log.
namespace digue::store {

class PeopleReader {
 public:
  virtual ~PeopleReader() = default;
  /// By login.
  virtual Result<std::vector<people::Account>> people() = 0;
  virtual Result<std::vector<people::Membership>> memberships() = 0;
  /// not_found when there is none.
  virtual Result<people::Invitation> invitation(const std::string& token_hash) = 0;
  /// Zero failures when there is none.
  virtual Result<people::Failures> failures(const std::string& key) = 0;
  /// Whether the person signed in from there before.
  virtual Result<bool> knows_source(const std::string& person, const std::string& source) = 0;
  /// Lines behind `after`, by seq.
  virtual Result<std::vector<people::SecurityEvent>> security_events(std::int64_t after, std::int64_t limit) = 0;
};

class PeopleWriter {
 public:
  virtual ~PeopleWriter() = default;
  /// Adds the account or replaces it, but for what use_step() and the recovery codes keep; conflict when another one has the login.
  virtual Result<void> put_person(const people::Account& account) = 0;
  /// False when that step or a later one was taken already.
  virtual Result<bool> use_step(const std::string& person, std::int64_t step) = 0;
  /// Replaces all of them.
  virtual Result<void> set_recovery_codes(const std::string& person, const std::vector<std::string>& hashes) = 0;
  /// False when the person has no such code, or used it.
  virtual Result<bool> use_recovery_code(const std::string& person, const std::string& hash, UtcMicros at) = 0;
  /// Replaces the person's other invitations.
  virtual Result<void> put_invitation(const people::Invitation& invitation) = 0;
  virtual Result<void> remove_invitations(const std::string& person) = 0;
  /// No role takes the person off the incident.
  virtual Result<void> put_membership(const people::Membership& membership) = 0;
  /// No failure: forgets the key.
  virtual Result<void> put_failures(const std::string& key, const people::Failures& failures) = 0;
  virtual Result<void> forget_failures_before(UtcMicros time) = 0;
  virtual Result<void> add_known_source(const std::string& person, const std::string& source, UtcMicros at) = 0;
  /// Gives the line its number.
  virtual Result<std::int64_t> add_security_event(const people::SecurityEvent& event) = 0;
};

}  // namespace digue::store
