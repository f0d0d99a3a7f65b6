#include "formats/entra/sign_in.hpp"

#include "base/text.hpp"
#include "base/time.hpp"
#include "formats/entra/error_codes.hpp"
#include "formats/microsoft365/culture.hpp"
#include "formats/microsoft365/json_walk.hpp"
#include "formats/microsoft365/key_table.hpp"

namespace digue::formats::entra {

namespace {

/// Objects inside the record whose members have names of their own.
enum class Group : std::uint8_t { properties, status, device, location, coordinates, mfa, auth_details };

struct Action {
  enum class Do : std::uint8_t { text, joined, group } kind = Do::text;
  SignInText text = SignInText::created;
  Group group = Group::properties;

  // Implicit, so that the table's rows stay readable.
  constexpr Action(SignInText t) : text(t) {}               // NOLINT(google-explicit-constructor)
  constexpr Action(Group g) : kind(Do::group), group(g) {}  // NOLINT(google-explicit-constructor)
  constexpr Action(Do d, SignInText t) : kind(d), text(t) {}
};

constexpr auto keys = key_table<Action>({
    {"createdDateTime", SignInText::created},
    {"time", SignInText::time},
    {"TimeGenerated", SignInText::time},
    {"id", SignInText::id},
    {"userPrincipalName", SignInText::upn},
    {"servicePrincipalName", SignInText::service_principal},
    {"servicePrincipalId", SignInText::service_principal_id},
    {"appId", SignInText::app_id},
    {"appDisplayName", SignInText::app_name},
    {"ipAddress", SignInText::ip},
    {"callerIpAddress", SignInText::caller_ip},
    {"clientAppUsed", SignInText::client_app},
    {"userAgent", SignInText::user_agent},
    {"sessionId", SignInText::session},
    {"uniqueTokenIdentifier", SignInText::token},
    {"authenticationProtocol", SignInText::protocol},
    {"originalTransferMethod", SignInText::transfer},
    {"resultType", SignInText::result_type},
    {"resultDescription", SignInText::failure_reason},
    {"autonomousSystemNumber", SignInText::asn},
    {"riskLevelDuringSignIn", SignInText::risk_now},
    {"riskLevelAggregated", SignInText::risk_aggregated},
    {"riskState", SignInText::risk_state},
    {"riskEventTypes_v2", {Action::Do::joined, SignInText::risk_events}},
    {"authenticationMethodsUsed", {Action::Do::joined, SignInText::auth_methods}},
    {"signInEventTypes", {Action::Do::joined, SignInText::event_types}},
    {"category", SignInText::category},
    {"operationName", SignInText::operation_name},
    {"isInteractive", SignInText::interactive},
    {"properties", Group::properties},
    {"status", Group::status},
    {"deviceDetail", Group::device},
    {"location", Group::location},
    {"LocationDetails", Group::location},
    {"mfaDetail", Group::mfa},
    {"authenticationDetails", Group::auth_details},
});

constexpr auto status_keys = key_table<SignInText>({{"errorCode", SignInText::error_code},
                                                    {"failureReason", SignInText::failure_reason},
                                                    {"additionalDetails", SignInText::additional_details}});
constexpr auto device_keys = key_table<SignInText>({{"deviceId", SignInText::device_id},
                                                    {"displayName", SignInText::device_name},
                                                    {"operatingSystem", SignInText::os},
                                                    {"browser", SignInText::browser}});
constexpr auto location_keys = key_table<SignInText>({{"city", SignInText::city}, {"countryOrRegion", SignInText::country}});
constexpr auto coordinate_keys = key_table<SignInText>({{"latitude", SignInText::latitude}, {"longitude", SignInText::longitude}});
constexpr auto mfa_keys = key_table<SignInText>({{"authMethod", SignInText::mfa_method}});

class Walk {
 public:
  Walk(SignIn& sign_in, Arena& arena) : sign_in_(sign_in), arena_(arena), methods_(arena) {}

  JsonError field(std::string_view key, ondemand::value& value) {
    const Action* const action = keys.find(key);
    if (action == nullptr) return check(value);
    if (action->kind == Action::Do::group) return group(action->group, value);
    std::string_view out;
    const JsonError error = action->kind == Action::Do::joined ? read_joined(value, arena_, out) : read_text(value, arena_, out);
    sign_in_.set(action->text, out);
    return error;
  }

  JsonError group(Group group, ondemand::value& value);

  /// Walks the groups that came as JSON text, now that the parser is free.
  void rest(JsonReader& json) {
    for (std::size_t i = 0; i < unread_used_; ++i) {
      const auto [kind, text] = unread_[i];
      walk_text(text, json, [&, where = kind](ondemand::value& value) { return group(where, value); });
    }
    sign_in_.set(SignInText::auth_methods, methods_.view());
  }

 private:
  template <class Table>
  JsonError known(const Table& table, ondemand::value& value) {
    return each_field(value, arena_, [&](std::string_view key, ondemand::value& inner) {
      const SignInText* const text = table.find(key);
      if (text == nullptr) return same_name(key, "geoCoordinates") ? group(Group::coordinates, inner) : check(inner);
      std::string_view out;
      const JsonError error = read_text(inner, arena_, out);
      sign_in_.set(*text, out);
      return error;
    });
  }

  SignIn& sign_in_;
  Arena& arena_;
  TextBuilder methods_;
  std::array<std::pair<Group, std::string_view>, 8> unread_;
  std::size_t unread_used_ = 0;
  bool inside_ = false;
};

JsonError Walk::group(Group group, ondemand::value& value) {
  if (kind_of(value) == '"') {
    std::string_view text;
    const JsonError error = read_text(value, arena_, text);
    if ((text.starts_with('{') || text.starts_with('[')) && unread_used_ < unread_.size()) unread_[unread_used_++] = {group, text};
    if (group == Group::location && text.size() == 2) sign_in_.set(SignInText::country, text);
    return error;
  }
  switch (group) {
    case Group::properties: {
      if (inside_) return check(value);
      inside_ = true;
      const JsonError error = each_field(value, arena_, [&](std::string_view key, ondemand::value& inner) { return field(key, inner); });
      inside_ = false;
      return error;
    }
    case Group::status:
      return known(status_keys, value);
    case Group::device:
      return known(device_keys, value);
    case Group::location:
      return known(location_keys, value);
    case Group::coordinates:
      return known(coordinate_keys, value);
    case Group::mfa:
      return known(mfa_keys, value);
    case Group::auth_details:
      break;
  }
  return each_element(value, [&](ondemand::value& element) {
    return each_field(element, arena_, [&](std::string_view key, ondemand::value& inner) {
      if (!same_name(key, "authenticationMethod")) return check(inner);
      std::string_view method;
      const JsonError error = read_text(inner, arena_, method);
      methods_.add_once(method, ",");
      return error;
    });
  });
}

bool is_sign_in(const SignIn& s) {
  const std::string_view category = s[SignInText::category];
  if (category.ends_with("SignInLogs") || iequals(s[SignInText::operation_name], "Sign-in activity")) return true;
  const bool who = !s[SignInText::upn].empty() || !s[SignInText::service_principal_id].empty() || !s[SignInText::app_id].empty();
  return !s[SignInText::created].empty() && !s[SignInText::error_code].empty() && who;
}

/// The log's name in diagnostic settings, whatever the container.
std::string_view log_of(const SignIn& s) {
  if (const std::string_view category = s[SignInText::category]; category.ends_with("SignInLogs")) return category;
  const std::string_view types = s[SignInText::event_types];
  if (icontains(types, "managedidentity")) return "ManagedIdentitySignInLogs";
  if (icontains(types, "serviceprincipal") || (types.empty() && s[SignInText::upn].empty() && !s[SignInText::service_principal_id].empty()))
    return "ServicePrincipalSignInLogs";
  if (icontains(types, "noninteractive") || iequals(s[SignInText::interactive], "false")) return "NonInteractiveUserSignInLogs";
  return "SignInLogs";
}

std::optional<std::int64_t> time_of(const SignIn& s) {
  for (const SignInText source : {SignInText::created, SignInText::time}) {
    const auto readings = microsoft365::read_date(s[source]);
    // Other spellings of the envelope's time are American.
    if (const auto time = readings.year_first ? readings.year_first : readings.month_first) return time;
  }
  return std::nullopt;
}

bool says_something(std::string_view value) {
  return !value.empty() && !iequals(value, "none") && !iequals(value, "hidden") && !iequals(value, "unknownFutureValue");
}

void set_risk(const SignIn& s, Arena& arena, Event& event) {
  TextBuilder risk(arena);
  for (const SignInText source : {SignInText::risk_now, SignInText::risk_aggregated, SignInText::risk_state, SignInText::risk_events})
    if (says_something(s[source])) risk.add_once(s[source], ",");
  event.set(Field::risk, risk.view());
}

void set_outcome(const SignIn& s, Event& event) {
  const std::string_view type = s[SignInText::result_type];
  const bool numeric = !type.empty() && type.front() >= '0' && type.front() <= '9';
  const std::string_view code = !s[SignInText::error_code].empty() ? s[SignInText::error_code] : numeric ? type : std::string_view{};
  event.outcome = !code.empty()                ? outcome_of_code(code)
                  : iequals(type, "success")   ? Outcome::success
                  : icontains(type, "fail")    ? Outcome::failure
                  : icontains(type, "interru") ? Outcome::interrupted
                                               : Outcome::unknown;
  event.set(Field::error_code, code);
  if (event.outcome != Outcome::success) event.set(Field::error_text, s[SignInText::failure_reason]);
}

}  // namespace

Parsed to_event(const SignIn& s, std::string_view text, const Place& place, Arena& arena, Event& event) {
  const auto time = s.time ? s.time : time_of(s);
  if (!time) return {Status::malformed, "a sign-in without a readable time"};
  event.time = *time;
  event.place = place;
  event.activity = Activity::sign_in;
  event.operation = log_of(s);
  event.uid = s[SignInText::id];
  event.own_id = !event.uid.empty();
  // The audit log's UserLoggedIn record carries the same id: the same sign-in given twice is one event.
  event.id = event.own_id ? id_of({"entra.signin", arena.lower(event.uid)}) : id_of({"entra.signin", text});
  event.account = arena.lower(trim(s[SignInText::upn]));
  if (event.account.empty() && !s[SignInText::service_principal_id].empty())
    event.account = arena.join({"serviceprincipal_", arena.lower(s[SignInText::service_principal_id])});
  event.ip = parse_client_address(s[SignInText::ip]);
  if (!event.ip) event.ip = parse_client_address(s[SignInText::caller_ip]);
  set_outcome(s, event);

  event.set(Field::user_agent, s[SignInText::user_agent]);
  event.set(Field::client, s[SignInText::client_app]);
  event.set(Field::app_id, s[SignInText::app_id]);
  event.set(Field::app_name, s[s[SignInText::app_name].empty() ? SignInText::service_principal : SignInText::app_name]);
  event.set(Field::session, s[SignInText::session]);
  event.set(Field::token, s[SignInText::token]);
  event.set(Field::mfa_detail, s[s[SignInText::additional_details].empty() ? SignInText::mfa_method : SignInText::additional_details]);
  const bool transferred = says_something(s[SignInText::transfer]) && !says_something(s[SignInText::protocol]);
  if (const std::string_view protocol = s[transferred ? SignInText::transfer : SignInText::protocol]; says_something(protocol))
    event.set(Field::auth_protocol, protocol);
  event.set(Field::auth_method, s[SignInText::auth_methods]);
  event.set(Field::device_id, s[SignInText::device_id]);
  event.set(Field::device_name, s[SignInText::device_name]);
  event.set(Field::os, s[SignInText::os]);
  event.set(Field::browser, s[SignInText::browser]);
  event.set(Field::country, s[SignInText::country]);
  event.set(Field::city, s[SignInText::city]);
  event.set(Field::latitude, s[SignInText::latitude]);
  event.set(Field::longitude, s[SignInText::longitude]);
  event.set(Field::asn, s[SignInText::asn]);
  set_risk(s, arena, event);
  return {};
}

namespace {

Parsed parse(std::string_view text, const Place& place, Context& context, Sink& sink) {
  SignIn sign_in;
  Walk walk(sign_in, context.arena);
  const auto take = [&](std::string_view key, ondemand::value& value) { return walk.field(key, value); };
  if (const JsonError error = each_field_of_text(text, context.json, context.arena, take)) {
    if (error == simdjson::INCORRECT_TYPE) return {Status::not_mine};
    return {Status::malformed, reason_of(error)};
  }
  walk.rest(context.json);
  if (!is_sign_in(sign_in)) return {Status::not_mine};
  Event event;
  const Parsed parsed = to_event(sign_in, text, place, context.arena, event);
  if (parsed.status == Status::event) sink.event(event);
  return parsed;
}

}  // namespace

}  // namespace digue::formats::entra

namespace digue::formats {

extern const JsonFormat entra_signin;
const JsonFormat entra_signin{"entra.signin", "Microsoft Entra sign-ins (JSON)", entra::parse};

}  // namespace digue::formats
