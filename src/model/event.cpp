#include "model/event.hpp"

namespace digue {

namespace {

struct ActivityRow {
  std::string_view name;
  OcsfClass ocsf;
};

// Class and activity numbers: OCSF 1.8.0 (Authentication 3002, Account Change 3001, User Access Management 3005, Entity Management 3004,
// Email Activity 4009, Web Resources Activity 6001, API Activity 6003); 99 is "Other" there.
constexpr std::array<ActivityRow, activity_count> rows{{
    {"sign_in", {3002, 1}},
    {"sign_out", {3002, 2}},
    {"mfa_challenge", {3002, 99}},
    {"mail_read", {6001, 2}},
    {"mail_sync", {6001, 7}},
    {"mail_search", {6001, 5}},
    {"mail_send", {4009, 1}},
    {"mail_receive", {4009, 2}},
    {"mail_create", {6001, 1}},
    {"mail_update", {6001, 3}},
    {"mail_move", {6001, 3}},
    {"mail_delete", {6001, 4}},
    {"mail_purge", {6001, 4}},
    {"rule_create", {3004, 1}},
    {"rule_change", {3004, 3}},
    {"rule_remove", {3004, 4}},
    {"rule_effect", {4009, 99}},
    {"forwarding_set", {3004, 3}},
    {"forwarding_remove", {3004, 3}},
    {"delegation_add", {3005, 1}},
    {"delegation_remove", {3005, 2}},
    {"protocol_enable", {3004, 3}},
    {"consent", {3005, 1}},
    {"app_create", {3004, 1}},
    {"app_credential_add", {3004, 3}},
    {"app_remove", {3004, 4}},
    {"mfa_add", {3001, 10}},
    {"mfa_remove", {3001, 11}},
    {"mfa_disable", {3001, 11}},
    {"device_add", {3004, 1}},
    {"password_change", {3001, 3}},
    {"password_reset", {3001, 4}},
    {"account_create", {3001, 1}},
    {"account_enable", {3001, 2}},
    {"account_disable", {3001, 5}},
    {"account_delete", {3001, 6}},
    {"account_change", {3001, 99}},
    {"role_add", {3005, 1}},
    {"role_remove", {3005, 2}},
    {"policy_change", {3004, 3}},
    {"audit_disable", {3004, 3}},
    {"file_access", {6001, 2}},
    {"file_download", {6001, 7}},
    {"file_upload", {6001, 1}},
    {"file_delete", {6001, 4}},
    {"file_share", {6001, 8}},
    {"export_content", {6003, 99}},
    {"own_probe", {3002, 99}},
    {"other", {6003, 99}},
}};

constexpr std::array<std::string_view, field_count> field_names{
    "user_agent",    "client",         "app_id",        "app_name",    "session",    "token",       "target",
    "rule_name",     "rule_condition", "rule_action",   "forward_to",  "keep_copy",  "folder",      "dest_folder",
    "subject",       "message_id",     "sender",        "recipients",  "count",      "bytes",       "scopes",
    "consent_type",  "role",           "access_rights", "trustee",     "error_code", "error_text",  "mfa_detail",
    "auth_protocol", "auth_method",    "device_id",     "device_name", "os",         "browser",     "country",
    "city",          "latitude",       "longitude",     "asn",         "risk",       "host",        "queue_id",
    "status",        "relay",          "file_name",     "site",        "property",   "old_value",   "new_value",
    "access_type",   "throttled",      "attempts",      "external",    "logon_type", "system_actor"};

}  // namespace

std::string_view name(Activity activity) {
  return rows[static_cast<std::size_t>(activity)].name;
}
OcsfClass ocsf(Activity activity) {
  return rows[static_cast<std::size_t>(activity)].ocsf;
}
std::string_view name(Field field) {
  return field_names[static_cast<std::size_t>(field)];
}

std::string_view name(Outcome outcome) {
  switch (outcome) {
    case Outcome::success:
      return "success";
    case Outcome::failure:
      return "failure";
    case Outcome::interrupted:
      return "interrupted";
    case Outcome::unknown:
      break;
  }
  return "unknown";
}

}  // namespace digue
