#include "base/text.hpp"
#include "base/time.hpp"
#include "formats/entra/directory.hpp"
#include "formats/format.hpp"
#include "formats/microsoft365/culture.hpp"
#include "formats/microsoft365/json_walk.hpp"
#include "formats/microsoft365/key_table.hpp"

/// Directory audits of Entra: Graph `directoryAudit`, the envelope of diagnostic settings (category AuditLogs), Log Analytics columns.
namespace digue::formats::entra {

namespace {

enum class AuditText : std::uint8_t {
  activity_time,
  time,
  activity,
  operation_name,
  id,
  category,
  result,
  result_reason,
  user_agent,
  user_upn,
  user_ip,
  app_name,
  app_principal,
  detail_ip,
  detail_user_agent,
};
constexpr std::size_t audit_text_count = static_cast<std::size_t>(AuditText::detail_user_agent) + 1;

enum class Group : std::uint8_t { properties, initiator, user, app, targets, details };

struct Action {
  enum class Do : std::uint8_t { text, group } kind = Do::text;
  AuditText text = AuditText::activity_time;
  Group group = Group::properties;

  // Implicit, so that the table's rows stay readable.
  constexpr Action(AuditText t) : text(t) {}                // NOLINT(google-explicit-constructor)
  constexpr Action(Group g) : kind(Do::group), group(g) {}  // NOLINT(google-explicit-constructor)
};

constexpr auto keys = key_table<Action>({
    {"activityDateTime", AuditText::activity_time},
    {"time", AuditText::time},
    {"TimeGenerated", AuditText::time},
    {"activityDisplayName", AuditText::activity},
    {"operationName", AuditText::operation_name},
    {"id", AuditText::id},
    {"category", AuditText::category},
    {"result", AuditText::result},
    {"resultReason", AuditText::result_reason},
    {"resultDescription", AuditText::result_reason},
    {"userAgent", AuditText::user_agent},
    {"properties", Group::properties},
    {"initiatedBy", Group::initiator},
    {"targetResources", Group::targets},
    {"additionalDetails", Group::details},
});
constexpr auto initiator_keys = key_table<Action>({{"user", Group::user}, {"app", Group::app}});
constexpr auto user_keys = key_table<Action>({{"userPrincipalName", AuditText::user_upn}, {"ipAddress", AuditText::user_ip}});
constexpr auto app_keys = key_table<Action>({{"displayName", AuditText::app_name}, {"servicePrincipalId", AuditText::app_principal}});
constexpr auto detail_names = key_table<AuditText>({{"ipaddr", AuditText::detail_ip}, {"User-Agent", AuditText::detail_user_agent}});

struct Audit {
  std::array<std::string_view, audit_text_count> texts{};
  Directory directory;
  bool in_audit_category = false;  ///< the envelope says AuditLogs; inside, `category` is the activity's family

  std::string_view operator[](AuditText text) const { return texts[static_cast<std::size_t>(text)]; }
  void set(AuditText text, std::string_view value) {
    if (!value.empty()) texts[static_cast<std::size_t>(text)] = value;
  }
};

class Walk {
 public:
  Walk(Audit& audit, Arena& arena) : audit_(audit), arena_(arena) {}

  template <class Table>
  JsonError field(const Table& table, std::string_view key, ondemand::value& value) {
    const Action* const action = table.find(key);
    if (action == nullptr) return check(value);
    if (action->kind == Action::Do::group) return group(action->group, value);
    std::string_view out;
    const JsonError error = read_text(value, arena_, out);
    audit_.set(action->text, out);
    if (action->text == AuditText::category && out == "AuditLogs") audit_.in_audit_category = true;
    return error;
  }
  JsonError top(std::string_view key, ondemand::value& value) { return field(keys, key, value); }

  /// Walks the groups that came as JSON text, now that the parser is free.
  void rest(JsonReader& json) {
    for (std::size_t i = 0; i < unread_used_; ++i) {
      const auto [kind, text] = unread_[i];
      walk_text(text, json, [&, where = kind](ondemand::value& value) { return group(where, value); });
    }
  }

 private:
  template <class Table>
  JsonError members(const Table& table, ondemand::value& value) {
    return each_field(value, arena_, [&](std::string_view key, ondemand::value& inner) { return field(table, key, inner); });
  }
  JsonError group(Group group, ondemand::value& value);
  JsonError target(ondemand::value& value);
  JsonError change(ondemand::value& value);
  JsonError detail(ondemand::value& value);

  Audit& audit_;
  Arena& arena_;
  std::array<std::pair<Group, std::string_view>, 8> unread_;
  std::size_t unread_used_ = 0;
  bool inside_ = false;
};

JsonError Walk::group(Group group, ondemand::value& value) {
  if (kind_of(value) == '"') {
    std::string_view text;
    const JsonError error = read_text(value, arena_, text);
    if ((text.starts_with('{') || text.starts_with('[')) && unread_used_ < unread_.size()) unread_[unread_used_++] = {group, text};
    return error;
  }
  switch (group) {
    case Group::properties: {
      if (inside_) return check(value);
      inside_ = true;
      const JsonError error = members(keys, value);
      inside_ = false;
      return error;
    }
    case Group::initiator:
      return members(initiator_keys, value);
    case Group::user:
      return members(user_keys, value);
    case Group::app:
      return members(app_keys, value);
    case Group::targets:
      return each_element(value, [&](ondemand::value& element) { return target(element); });
    case Group::details:
      return each_element(value, [&](ondemand::value& element) { return detail(element); });
  }
  return simdjson::SUCCESS;
}

JsonError Walk::target(ondemand::value& value) {
  std::string_view name;
  std::string_view type;
  std::string_view upn;
  const JsonError error = each_field(value, arena_, [&](std::string_view key, ondemand::value& inner) {
    if (same_name(key, "displayName")) return read_text(inner, arena_, name);
    if (same_name(key, "type")) return read_text(inner, arena_, type);
    if (same_name(key, "userPrincipalName")) return read_text(inner, arena_, upn);
    if (same_name(key, "modifiedProperties")) return each_element(inner, [&](ondemand::value& element) { return change(element); });
    return check(inner);
  });
  Directory& d = audit_.directory;
  if (type == "User" && d.target_upn.empty()) d.target_upn = upn.empty() ? name : upn;
  // A role is what matters among several targets; else the first named thing.
  if (type != "User" && !name.empty() && (d.target_name.empty() || (type == "Role" && d.target_type != "Role"))) {
    d.target_name = name;
    d.target_type = type;
  }
  return error;
}

JsonError Walk::change(ondemand::value& value) {
  std::string_view name;
  std::string_view before;
  std::string_view after;
  const JsonError error = each_field(value, arena_, [&](std::string_view key, ondemand::value& inner) {
    if (same_name(key, "displayName")) return read_text(inner, arena_, name);
    if (same_name(key, "oldValue")) return read_joined(inner, arena_, before);
    if (same_name(key, "newValue")) return read_joined(inner, arena_, after);
    return check(inner);
  });
  if (!name.empty()) audit_.directory.note(name, before, after);
  return error;
}

JsonError Walk::detail(ondemand::value& value) {
  std::string_view key_text;
  std::string_view text;
  const JsonError error = each_field(value, arena_, [&](std::string_view key, ondemand::value& inner) {
    if (same_name(key, "key")) return read_text(inner, arena_, key_text);
    if (same_name(key, "value")) return read_text(inner, arena_, text);
    return check(inner);
  });
  if (const AuditText* const known = detail_names.find(key_text)) audit_.set(*known, text);
  return error;
}

bool is_audit(const Audit& a) {
  if (!a[AuditText::activity_time].empty() && !a[AuditText::activity].empty()) return true;
  return a.in_audit_category && !a[AuditText::operation_name].empty();
}

std::optional<std::int64_t> time_of(const Audit& a) {
  for (const AuditText source : {AuditText::activity_time, AuditText::time}) {
    const auto readings = microsoft365::read_date(a[source]);
    if (const auto time = readings.year_first ? readings.year_first : readings.month_first) return time;
  }
  return std::nullopt;
}

Outcome outcome_of(std::string_view result) {
  if (iequals(result, "success")) return Outcome::success;
  if (icontains(result, "fail") || iequals(result, "timeout") || iequals(result, "clientError")) return Outcome::failure;
  return Outcome::unknown;
}

Parsed to_event(Audit& a, std::string_view text, const Place& place, Arena& arena, Event& event) {
  const auto time = time_of(a);
  if (!time) return {Status::malformed, "a directory audit without a readable time"};
  event.time = *time;
  event.place = place;
  event.operation = trim(a[a[AuditText::activity].empty() ? AuditText::operation_name : AuditText::activity]);
  event.uid = a[AuditText::id];
  event.own_id = !event.uid.empty();
  event.id = event.own_id ? id_of({"entra.audit", arena.lower(event.uid)}) : id_of({"entra.audit", text});
  event.account = arena.lower(trim(a[AuditText::user_upn]));
  if (event.account.empty() && !a[AuditText::app_principal].empty())
    event.account = arena.join({"serviceprincipal_", arena.lower(a[AuditText::app_principal])});
  event.ip = parse_client_address(a[AuditText::user_ip]);
  if (!event.ip) event.ip = parse_client_address(a[AuditText::detail_ip]);
  event.outcome = outcome_of(a[AuditText::result]);
  event.set(Field::user_agent, a[a[AuditText::detail_user_agent].empty() ? AuditText::user_agent : AuditText::detail_user_agent]);
  event.set(Field::client, a[AuditText::app_name]);
  if (event.outcome == Outcome::failure) event.set(Field::error_text, a[AuditText::result_reason]);
  a.directory.result_reason = a[AuditText::result_reason];
  std::array<char, 96> buffer;
  describe(a.directory, plain_operation(event.operation, buffer), arena, event);
  return {};
}

Parsed parse(std::string_view text, const Place& place, Context& context, Sink& sink) {
  Audit audit;
  Walk walk(audit, context.arena);
  const auto take = [&](std::string_view key, ondemand::value& value) { return walk.top(key, value); };
  if (const JsonError error = each_field_of_text(text, context.json, context.arena, take)) {
    if (error == simdjson::INCORRECT_TYPE) return {Status::not_mine};
    return {Status::malformed, reason_of(error)};
  }
  walk.rest(context.json);
  if (!is_audit(audit)) return {Status::not_mine};
  Event event;
  const Parsed parsed = to_event(audit, text, place, context.arena, event);
  if (parsed.status == Status::event) sink.event(event);
  return parsed;
}

}  // namespace

}  // namespace digue::formats::entra

namespace digue::formats {

extern const JsonFormat entra_audit;
const JsonFormat entra_audit{"entra.audit", "Microsoft Entra directory audits (JSON)", entra::parse};

}  // namespace digue::formats
