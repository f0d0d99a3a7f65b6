#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

#include "formats/entra/directory.hpp"
#include "formats/format.hpp"
#include "formats/microsoft365/json_walk.hpp"

/// One record of the Microsoft 365 unified audit log (AuditData), folded flat: Name/Value bags and nested objects by the names that matter.
namespace digue::formats::microsoft365 {

enum class Text : std::uint8_t {
  creation_time,
  time_generated,  ///< Sentinel's name for it
  id,
  operation,
  record_type,
  result_status,
  user_type,
  user_id,
  workload,
  client_ip,
  client_ip_address,
  actor_ip_address,
  object_id,
  session,
  context_session,  ///< AppAccessContext.AADSessionId
  device_session,   ///< DeviceProperties[SessionId]
  token,
  app_id,
  client_app_id,
  application_id,
  app_name,
  user_agent,
  client_info,
  external_access,
  logon_type,
  owner,
  operation_count,
  error_number,
  logon_error,
  query,
  site,
  file_name,
  file_bytes,
  shared_with,
  event_data,
  send_as,
  send_on_behalf,
  parameters_text,
  item_subject,
  item_message_id,
  item_bytes,
  item_folder,
  member_upn,
  member_rights,
  folder,
  dest_folder,
  extended_user_agent,
  extended_details,  ///< additionalDetails: JSON as text
  request_type,
  auth_method,
  os,
  browser,
  device_id,
  device_name,
  access_type,
  throttled,
  rule_operation,
  rule_name,
  rule_condition,
  rule_actions,
  changed_names,  ///< ModifiedProperties of item records: names only
};
inline constexpr std::size_t text_count = static_cast<std::size_t>(Text::changed_names) + 1;

/// Cmdlet parameters with a meaning of their own.
enum class Parameter : std::uint8_t {
  identity,
  mailbox,
  name,
  forward_to,
  forward_as_attachment,
  redirect_to,
  move_to,
  copy_to,
  delete_message,
  soft_delete,
  mark_read,
  stop,
  forwarding_smtp,
  forwarding_address,
  keep_copy,
  send_on_behalf,
  audit_enabled,
  audit_age,
  audit_bypass,
  ingestion,
  admin_audit,
  audit_disabled,
  user,
  trustee,
  member,
  access_rights,
  role,
  security_group,
  pop,
  imap,
  ews,
  active_sync,
  mapi,
  owa,
  smtp_auth_disabled,
  blind_copy,
  redirect_message,
  copy_message,
  add_recipients,
  transport_delete,
  noise,  ///< switches without meaning for the story
};
inline constexpr std::size_t parameter_count = static_cast<std::size_t>(Parameter::noise) + 1;

struct Record {
  static constexpr std::size_t max_others = 64;
  static constexpr std::size_t max_unread = 8;
  enum class Bag : std::uint8_t {
    parameters,
    extended,
    device,
    operation,
    modified,
    folders,
    affected,
    item,
    target,
    context,
    folder,
    dest_folder
  };

  std::array<std::string_view, text_count> texts{};
  std::array<std::string_view, parameter_count> parameters{};  ///< null data(): not given; empty: given empty
  /// Parameters without a meaning of their own, in order: conditions of a rule, settings of a mailbox. No cmdlet has more.
  std::array<std::pair<std::string_view, std::string_view>, max_others> others;
  std::size_t others_used = 0;
  entra::Directory directory;
  std::string_view message_ids;  ///< blank separated
  std::string_view subjects;     ///< line feed separated, each once
  std::string_view folders;      ///< `;` separated, each once
  std::uint64_t items = 0;
  std::uint64_t item_bytes = 0;
  /// Bags that came as JSON text (Sentinel): walked after the record.
  std::array<std::pair<Bag, std::string_view>, max_unread> unread;
  std::size_t unread_used = 0;

  bool wrapped = false;         ///< has AuditData, or columns of Search-UnifiedAuditLog or of a Graph audit query
  std::string_view wrapper_id;  ///< its own identifier, for want of AuditData's

  std::string_view operator[](Text text) const { return texts[static_cast<std::size_t>(text)]; }
  std::string_view operator[](Parameter parameter) const { return parameters[static_cast<std::size_t>(parameter)]; }
  bool given(Parameter parameter) const { return (*this)[parameter].data() != nullptr; }
};

/// Folds one record, unwrapping AuditData. The texts are views into `text` and the arena.
JsonError read_record(std::string_view text, Context& context, Record& record);

/// Whether the record is one of the unified audit log.
bool is_audit_record(const Record& record);

/// A record as event; malformed when it lacks a readable time.
Parsed to_event(const Record& record, std::string_view text, const Place& place, Context& context, Event& event);

/// Activity and details of an Exchange cmdlet or of an Outlook rule change. False when the operation is not one of these.
bool describe_exchange(const Record& record, std::string_view plain, Arena& arena, Event& event);
/// The same for items: mails read, sent, moved, deleted, folders' rights, searches.
bool describe_items(const Record& record, std::string_view plain, Arena& arena, Event& event);
/// The same for files, sharing, eDiscovery.
bool describe_files(const Record& record, std::string_view plain, Arena& arena, Event& event);

/// A yes or no as Exchange writes it: "True", "true", "$true", "1".
bool is_true(std::string_view text);
bool is_false(std::string_view text);
/// Mail addresses of a text, lower-case, `;` separated, each once; without any, the text itself in lower case. Empty for "" and "$null".
std::string_view addresses_in(std::string_view text, Arena& arena);

}  // namespace digue::formats::microsoft365
