#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

/// Who may do what. The table in roles.cpp is the rule; docs/security.md shows it.
namespace digue::people {

/// Given to a person on one incident; several may be held at once. Being administrator belongs to the account, not to an incident.
enum class Role : std::uint8_t { pilot, responder, reader, dpo, direction };

enum class Right : std::uint8_t {
  none,               ///< any signed-in person
  read_situation,     ///< the incident, its plan, qualification and stages
  read_mail,          ///< what mailboxes and logs hold: story, events, records, exhibits, proofs
  read_journal,       ///< the main courante
  read_declarations,  ///< duties, drafts, register of breaches
  write_journal,
  work,          ///< tasks, stages, accounts, workstations, guided commands
  contain,       ///< plan, approve and undo operations on platforms
  qualify,       ///< answers and severity
  pin,           ///< say whose a session is
  add_evidence,  ///< exhibits and analyses
  declare,       ///< establishments concerned, instants, filings, register
  export_evidence,
  retain,          ///< close, open again, legal hold
  destroy,         ///< end of retention
  manage_team,     ///< roles of people on the incident
  edit_directory,  ///< establishments and contacts, shared by all incidents
  administrate,    ///< accounts, login sessions, security log
};

struct RightRow {
  Right right;
  std::string_view name;
  std::uint8_t roles;  ///< bit by Role
  bool administrator;  ///< held by administrators, too
};

/// One row for each right, in the order of Right.
std::span<const RightRow> right_table();
/// Whether the roles (bit by Role), or being administrator, give the right. `none` is always given.
bool gives(std::uint8_t roles, bool administrator, Right right);

constexpr std::uint8_t bit(Role role) {
  return static_cast<std::uint8_t>(1U << static_cast<unsigned>(role));
}

/// "pilot", "responder" ... in the order of Role.
std::span<const std::string_view> role_names();
std::optional<Role> role_named(std::string_view name);
std::string_view name(Right right);

}  // namespace digue::people
