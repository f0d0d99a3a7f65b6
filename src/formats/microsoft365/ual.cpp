#include "formats/microsoft365/ual.hpp"

#include "base/text.hpp"
#include "base/time.hpp"
#include "formats/entra/error_codes.hpp"
#include "formats/entra/json_text.hpp"
#include "formats/microsoft365/limits.hpp"

namespace digue::formats::microsoft365 {

namespace {

/// Values of LogonError that name an interruption, for records without a number.
bool is_interruption_name(std::string_view name) {
  return name.ends_with("Interrupt") || name == "UserInformationNotProvided" || name == "InvalidPasswordExpiredPassword" ||
         name == "UserStrongAuthClientAuthNRequired" || name == "UserStrongAuthEnrollmentRequired" || name == "UserStrongAuthExpired" ||
         name == "DeviceAuthenticationRequired" || name == "SelectUserAccount" || name == "DelegationDoesNotExist" ||
         name == "SsoArtifactInvalidOrExpired";
}

/// Outcome from operation and error, never from ResultStatus.
Outcome sign_in_outcome(const Record& r, bool failed) {
  const std::string_view code = r[Text::error_number];
  const std::string_view error = r[Text::logon_error];
  if (!code.empty() && code != "0") return entra::outcome_of_code(code);
  if (!error.empty() && is_interruption_name(error)) return Outcome::interrupted;
  return failed || !error.empty() ? Outcome::failure : Outcome::success;
}

void describe_sign_in(const Record& r, bool failed, Event& event) {
  event.activity = Activity::sign_in;
  event.outcome = sign_in_outcome(r, failed);
  event.set(Field::error_code, r[Text::error_number]);
  event.set(Field::error_text, r[Text::logon_error]);
  if (r[Text::error_number] == "500121") event.set(Field::mfa_detail, r[Text::logon_error]);
  event.set(Field::auth_protocol, r[Text::request_type]);
  event.set(Field::auth_method, r[Text::auth_method]);
}

Outcome outcome_of_status(std::string_view status) {
  for (const char* word : {"fail", "false", "error", "denied"})
    if (icontains(status, word)) return Outcome::failure;
  return Outcome::success;
}

bool is_system(std::string_view type, std::string_view account) {
  if (type == "3" || type == "4" || iequals(type, "dcadmin") || iequals(type, "system")) return true;
  for (const char* prefix : {"nt authority\\", "nt service\\", "s-1-5-18", "sharepoint\\system", "app@sharepoint", "microsoft operator"})
    if (account.starts_with(prefix)) return true;
  return false;
}

std::string_view logon_type_of(std::string_view type) {
  if (type == "0" || iequals(type, "owner")) return "owner";
  if (type == "1" || type == "6" || iequals(type, "admin") || iequals(type, "delegatedadmin")) return "admin";
  if (type == "2" || iequals(type, "delegate")) return "delegate";
  if (type == "3" || type == "4" || type == "5") return "service";
  return {};
}

void set_client(const Record& r, Arena& arena, Event& event) {
  std::string_view agent = r[r[Text::extended_user_agent].empty() ? Text::user_agent : Text::extended_user_agent];
  if (agent.empty()) agent = entra::member(r[Text::extended_details], "User-Agent", arena);
  const std::string_view info = r[Text::client_info];
  if (const auto mozilla = info.find("Mozilla/"); agent.empty() && mozilla != std::string_view::npos) agent = info.substr(mozilla);
  event.set(Field::user_agent, agent);
  event.set(Field::client, info);
  event.set(Field::app_name, r[Text::app_name]);
  for (const Text app : {Text::application_id, Text::client_app_id, Text::app_id})
    if (!r[app].empty()) {
      event.set(Field::app_id, r[app]);
      break;
    }
  for (const Text session : {Text::session, Text::context_session, Text::device_session})
    if (!r[session].empty()) {
      event.set(Field::session, r[session]);
      break;
    }
  event.set(Field::token, r[Text::token]);
  event.set(Field::os, r[Text::os]);
  event.set(Field::browser, r[Text::browser]);
  event.set(Field::device_id, r[Text::device_id]);
  event.set(Field::device_name, r[Text::device_name]);
}

void set_actor(const Record& r, Arena& arena, Event& event) {
  // SharePoint's login names: i:0#.f|membership|name@tenant.
  const std::string_view user = trim(r[Text::user_id]);
  event.account = arena.lower(user.substr(user.rfind('|') + 1));
  if (event.account == "not available" || event.account == "unknown") event.account = {};
  if (is_system(r[Text::user_type], event.account)) event.set(Field::system_actor, "true");
  if (const std::string_view external = r[Text::external_access]; !external.empty())
    event.set(Field::external, is_true(external) ? "true" : "false");
  if (r[Text::owner].empty() && r[Text::logon_type].empty()) return;
  event.set(Field::logon_type, logon_type_of(r[Text::logon_type]));
  const std::string_view owner = arena.lower(r[Text::owner]);
  if (owner != event.account) event.set(Field::target, owner);
}

/// Microsoft's own addresses stand in directory records: they are nobody's.
void set_address(const Record& r, Event& event) {
  for (const Text address : {Text::client_ip, Text::client_ip_address, Text::actor_ip_address}) {
    event.ip = parse_client_address(r[address]);
    if (event.ip) return;
  }
}

}  // namespace

bool is_true(std::string_view text) {
  return iequals(text, "true") || iequals(text, "$true") || text == "1";
}
bool is_false(std::string_view text) {
  return iequals(text, "false") || iequals(text, "$false") || text == "0";
}

std::string_view addresses_in(std::string_view text, Arena& arena) {
  text = trim(text);
  if (text.empty() || iequals(text, "$null")) return {};
  TextBuilder out(arena);
  const auto is_part = [](char c) {
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || static_cast<unsigned char>(c) >= 0x80 ||
           std::string_view(".-_+'!#$%&*/=?^{|}~").find(c) != std::string_view::npos;
  };
  std::size_t from = 0;
  for (std::size_t at = text.find('@'); at != std::string_view::npos; at = text.find('@', from)) {
    std::size_t start = at;
    while (start > from && is_part(text[start - 1])) --start;
    std::size_t end = at + 1;
    while (end < text.size() && is_part(text[end])) ++end;
    from = end;
    while (end > at && (text[end - 1] == '.' || text[end - 1] == '\'')) --end;
    if (start < at && end > at + 1) out.add_once(arena.lower(text.substr(start, end - start)), ";");
  }
  return out.view().empty() ? arena.lower(text) : out.view();
}

bool is_audit_record(const Record& r) {
  if (r.wrapped) return true;
  const bool named = !r[Text::record_type].empty() || !r[Text::workload].empty() || !r[Text::id].empty();
  return !r[Text::operation].empty() && named && (!r[Text::creation_time].empty() || !r[Text::time_generated].empty());
}

Parsed to_event(const Record& r, std::string_view text, const Place& place, Context& context, Event& event) {
  Arena& arena = context.arena;
  const auto time = parse_iso8601(r[r[Text::creation_time].empty() ? Text::time_generated : Text::creation_time]);
  if (!time) return {Status::malformed, "CreationTime is missing or not a time"};
  if (r[Text::operation].empty()) return {Status::malformed, "no Operation"};
  event.time = time->civil - time->offset_minutes.value_or(0) * micros_per_minute;
  event.place = place;
  event.operation = trim(r[Text::operation]);

  std::array<char, 96> buffer;
  const std::string_view plain = entra::plain_operation(event.operation, buffer);
  const std::string_view type = r[Text::record_type];
  const bool directory = type == "8" || iequals(type, "AzureActiveDirectory");
  const bool sign_in = plain == "userloggedin" || plain == "userloginfailed";

  event.uid = r[Text::id].empty() ? r.wrapper_id : r[Text::id];
  event.own_id = !event.uid.empty();
  event.id = event.own_id ? id_of({sign_in ? "entra.signin" : "microsoft365", arena.lower(event.uid)}) : id_of({"microsoft365", text});

  set_actor(r, arena, event);
  if (!directory) set_address(r, event);
  set_client(r, arena, event);
  event.outcome = outcome_of_status(r[Text::result_status]);
  if (sign_in) {
    describe_sign_in(r, plain == "userloginfailed", event);
  } else if (directory || !describe_exchange(r, plain, arena, event)) {
    if (!directory && (describe_items(r, plain, arena, event) || describe_files(r, plain, arena, event))) return {};
    entra::Directory known = r.directory;
    if (known.target_upn.empty() && r[Text::object_id].find('@') != std::string_view::npos) known.target_upn = r[Text::object_id];
    entra::describe(known, plain, arena, event);
  }
  return {};
}

namespace {

Parsed parse(std::string_view text, const Place& place, Context& context, Sink& sink) {
  Record record;
  if (const JsonError error = read_record(text, context, record)) {
    if (error == simdjson::INCORRECT_TYPE) return {Status::not_mine};
    return {Status::malformed, reason_of(error)};
  }
  if (!is_audit_record(record)) return {Status::not_mine};
  if (record.wrapped && record[Text::creation_time].empty()) return {Status::malformed, "a wrapper without AuditData"};
  Event event;
  const Parsed parsed = to_event(record, text, place, context, event);
  if (parsed.status == Status::event) sink.event(event);
  return parsed;
}

std::vector<digue::Text> truncation_signs(const Tally&, std::uint64_t records) {
  return export_limit_signs(records);
}

}  // namespace

}  // namespace digue::formats::microsoft365

namespace digue::formats {

extern const JsonFormat microsoft365_ual;
const JsonFormat microsoft365_ual{"microsoft365.ual", "Microsoft 365 unified audit log (JSON)", microsoft365::parse, nullptr,
                                  microsoft365::truncation_signs};

}  // namespace digue::formats
