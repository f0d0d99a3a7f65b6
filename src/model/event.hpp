#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "base/crypto/hash.hpp"
#include "base/ip.hpp"

namespace digue {

/// What happened, whatever the platform. The OCSF class and activity follow from it (model/ocsf.hpp).
/// A new value is added before `other` with its line in model/activity.cpp.
enum class Activity : std::uint8_t {
  sign_in,        ///< an authentication, with its outcome (web, IMAP, POP, SMTP AUTH, token)
  sign_out,       ///< end of a session; volumes when the source tells them
  mfa_challenge,  ///< a second-factor step told on its own
  mail_read,      ///< messages opened one by one (bind)
  mail_sync,      ///< a whole folder downloaded
  mail_search,    ///< a search in mail or files
  mail_send,      ///< a message submitted by the account
  mail_receive,   ///< a message delivered to the account
  mail_create,    ///< a draft or item created
  mail_update,
  mail_move,
  mail_delete,  ///< to the trash, or soft
  mail_purge,   ///< beyond the trash
  rule_create,
  rule_change,
  rule_remove,
  rule_effect,  ///< a filter acted on a message (Sieve forward, discard, file)
  forwarding_set,
  forwarding_remove,
  delegation_add,
  delegation_remove,
  protocol_enable,  ///< POP, IMAP, EWS ... switched on or off for a mailbox
  consent,          ///< an application was granted rights
  app_create,
  app_credential_add,
  app_remove,
  mfa_add,
  mfa_remove,
  mfa_disable,
  device_add,
  password_change,
  password_reset,
  account_create,
  account_enable,
  account_disable,
  account_delete,
  account_change,
  role_add,
  role_remove,
  policy_change,  ///< tenant-wide settings, conditional access, transport rules
  audit_disable,
  file_access,
  file_download,
  file_upload,
  file_delete,
  file_share,
  export_content,  ///< eDiscovery, mailbox export
  own_probe,       ///< a responder's own trial of a door, as the profile tells
  other,
};
inline constexpr std::size_t activity_count = static_cast<std::size_t>(Activity::other) + 1;

enum class Outcome : std::uint8_t { unknown, success, failure, interrupted };

/// Details of an event, by id. Name/Value bags are folded into these once, by the format.
enum class Field : std::uint8_t {
  user_agent,
  client,  ///< the source's own client name (ClientInfoString, clientAppUsed, imap, submission ...)
  app_id,
  app_name,
  session,  ///< the platform's own session id
  token,    ///< unique token id
  target,   ///< account or mailbox acted upon, lower-case
  rule_name,
  rule_condition,  ///< what the rule looks for, as text
  rule_action,     ///< comma-separated of: forward, redirect, delete, move, copy, mark_read, stop, discard, reply
  forward_to,      ///< addresses, `;` separated, lower-case, without smtp:
  keep_copy,       ///< "true" or "false"
  folder,
  dest_folder,
  subject,
  message_id,  ///< with its angle brackets; several are separated by a blank
  sender,
  recipients,  ///< addresses, `;` separated, lower-case
  count,       ///< how many items or messages this record stands for, decimal
  bytes,       ///< volume, decimal
  scopes,      ///< granted rights, blank separated
  consent_type,
  role,
  access_rights,
  trustee,     ///< who was given the rights, lower-case
  error_code,  ///< native
  error_text,
  mfa_detail,
  auth_protocol,
  auth_method,
  device_id,
  device_name,
  os,
  browser,
  country,  ///< ISO 3166-1 alpha-2, as the source tells it
  city,
  latitude,
  longitude,
  asn,
  risk,
  host,  ///< the machine that wrote the log
  queue_id,
  status,  ///< of a delivery
  relay,
  file_name,
  site,
  property,  ///< the changed property's name
  old_value,
  new_value,
  access_type,   ///< of mail access: bind or sync
  throttled,     ///< "true": the source stopped recording
  attempts,      ///< how many attempts one record stands for, decimal
  external,      ///< "true"/"false": done by the provider's own staff or service
  logon_type,    ///< owner, admin, delegate
  system_actor,  ///< "true": a service of the platform itself
};
inline constexpr std::size_t field_count = static_cast<std::size_t>(Field::system_actor) + 1;

/// How much the source told about the time; what is missing is filled in when all inputs have been read.
enum class TimeBasis : std::uint8_t {
  utc,      ///< an instant
  no_zone,  ///< clock value of an unnamed zone
  no_year,  ///< clock value in year 2000 plus `year_wraps` turns of the year since the start of the input; unnamed zone
};

/// Where an event's bytes stand: offset and length in the exhibit as stored (in the decoded member when compressed or UTF-16).
struct Place {
  std::uint32_t input = 0;
  std::uint32_t length = 0;
  std::uint64_t offset = 0;
  bool operator==(const Place&) const = default;
  /// In the order of the bytes.
  auto operator<=>(const Place& other) const {
    return std::tie(input, offset, length) <=> std::tie(other.input, other.offset, other.length);
  }
};

/// One normalised record. Texts are views into the parser's buffers, valid until the sink returns.
struct Event {
  static constexpr std::size_t max_fields = 28;

  std::int64_t time = 0;  ///< microseconds; what they mean is told by `basis`
  TimeBasis basis = TimeBasis::utc;
  std::uint16_t year_wraps = 0;
  Activity activity = Activity::other;
  Outcome outcome = Outcome::unknown;
  bool own_id = false;        ///< `id` comes from the record's own identifier
  Id128 id;                   ///< identity; without own_id that of (host, time as written, text)
  std::uint32_t repeats = 1;  ///< "last message repeated N times" folded in
  std::optional<IpAddress> ip;
  Place place;
  std::string_view account;    ///< whose account acted, lower-case; empty: none
  std::string_view operation;  ///< native name
  std::string_view uid;        ///< the record's own identifier as written; empty: none

  std::size_t fields_used = 0;
  std::array<std::pair<Field, std::string_view>, max_fields> fields;

  /// Adds a detail; empty values and what exceeds max_fields are dropped (a format sets far fewer).
  void set(Field field, std::string_view value) {
    if (!value.empty() && fields_used < max_fields) fields[fields_used++] = {field, value};
  }
  /// The first value of a detail, empty when there is none.
  std::string_view get(Field field) const {
    for (std::size_t i = 0; i < fields_used; ++i)
      if (fields[i].first == field) return fields[i].second;
    return {};
  }
};

/// snake_case names as used in rules and output.
std::string_view name(Activity activity);
std::string_view name(Field field);
std::string_view name(Outcome outcome);

/// OCSF 1.8.0 class_uid and activity_id of an activity.
struct OcsfClass {
  std::uint16_t class_uid;
  std::uint8_t activity_id;
};
OcsfClass ocsf(Activity activity);

}  // namespace digue
