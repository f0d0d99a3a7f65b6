#include <charconv>

#include "formats/microsoft365/key_table.hpp"
#include "formats/microsoft365/ual.hpp"

namespace digue::formats::microsoft365 {

namespace {

using Bag = Record::Bag;

/// What to do with a key of the record.
struct Action {
  enum class Do : std::uint8_t { text, bag, audit_data, wrapper, wrapper_id } kind = Do::text;
  Text text = Text::creation_time;
  Bag bag = Bag::parameters;

  // Implicit, so that the table's rows stay readable.
  constexpr Action(Text t) : text(t) {}               // NOLINT(google-explicit-constructor)
  constexpr Action(Bag b) : kind(Do::bag), bag(b) {}  // NOLINT(google-explicit-constructor)
  constexpr Action(Do d) : kind(d) {}                 // NOLINT(google-explicit-constructor)
};

constexpr auto keys = key_table<Action>({
    {"CreationTime", Text::creation_time},
    {"TimeGenerated", Text::time_generated},
    {"Id", Text::id},
    {"OfficeId", Text::id},
    {"Operation", Text::operation},
    {"RecordType", Text::record_type},
    {"ResultStatus", Text::result_status},
    {"UserType", Text::user_type},
    {"UserId", Text::user_id},
    {"Workload", Text::workload},
    {"OfficeWorkload", Text::workload},
    {"ClientIP", Text::client_ip},
    {"ClientIPAddress", Text::client_ip_address},
    {"Client_IPAddress", Text::client_ip_address},
    {"ActorIpAddress", Text::actor_ip_address},
    {"ObjectId", Text::object_id},
    {"OfficeObjectId", Text::object_id},
    {"SessionId", Text::session},
    {"UniqueTokenId", Text::token},
    {"AppId", Text::app_id},
    {"ClientAppId", Text::client_app_id},
    {"ApplicationId", Text::application_id},
    {"ApplicationDisplayName", Text::app_name},
    {"UserAgent", Text::user_agent},
    {"ClientInfoString", Text::client_info},
    {"ExternalAccess", Text::external_access},
    {"LogonType", Text::logon_type},
    {"Logon_Type", Text::logon_type},
    {"MailboxOwnerUPN", Text::owner},
    {"OperationCount", Text::operation_count},
    {"ErrorNumber", Text::error_number},
    {"LogonError", Text::logon_error},
    {"SearchQueryText", Text::query},
    {"QueryText", Text::query},
    {"SiteUrl", Text::site},
    {"Site_Url", Text::site},
    {"SourceFileName", Text::file_name},
    {"FileSizeBytes", Text::file_bytes},
    {"TargetUserOrGroupName", Text::shared_with},
    {"EventData", Text::event_data},
    {"SendAsUserSmtp", Text::send_as},
    {"SendOnBehalfOfUserSmtp", Text::send_on_behalf},
    {"Parameters", Bag::parameters},
    {"ExtendedProperties", Bag::extended},
    {"DeviceProperties", Bag::device},
    {"OperationProperties", Bag::operation},
    {"ModifiedProperties", Bag::modified},
    {"Folders", Bag::folders},
    {"AffectedItems", Bag::affected},
    {"Item", Bag::item},
    {"Target", Bag::target},
    {"AppAccessContext", Bag::context},
    {"Folder", Bag::folder},
    {"DestFolder", Bag::dest_folder},
    {"AuditData", Action::Do::audit_data},
    {"UserIds", Action::Do::wrapper},
    {"Operations", Action::Do::wrapper},
    {"auditLogRecordType", Action::Do::wrapper},
    {"Identity", Action::Do::wrapper_id},
});

constexpr auto parameter_names = key_table<Parameter>({
    {"Identity", Parameter::identity},
    {"Mailbox", Parameter::mailbox},
    {"Name", Parameter::name},
    {"ForwardTo", Parameter::forward_to},
    {"ForwardAsAttachmentTo", Parameter::forward_as_attachment},
    {"RedirectTo", Parameter::redirect_to},
    {"MoveToFolder", Parameter::move_to},
    {"CopyToFolder", Parameter::copy_to},
    {"DeleteMessage", Parameter::delete_message},
    {"SoftDeleteMessage", Parameter::soft_delete},
    {"MarkAsRead", Parameter::mark_read},
    {"StopProcessingRules", Parameter::stop},
    {"ForwardingSmtpAddress", Parameter::forwarding_smtp},
    {"ForwardingAddress", Parameter::forwarding_address},
    {"DeliverToMailboxAndForward", Parameter::keep_copy},
    {"GrantSendOnBehalfTo", Parameter::send_on_behalf},
    {"AuditEnabled", Parameter::audit_enabled},
    {"AuditLogAgeLimit", Parameter::audit_age},
    {"AuditBypassEnabled", Parameter::audit_bypass},
    {"UnifiedAuditLogIngestionEnabled", Parameter::ingestion},
    {"AdminAuditLogEnabled", Parameter::admin_audit},
    {"AuditDisabled", Parameter::audit_disabled},
    {"User", Parameter::user},
    {"Trustee", Parameter::trustee},
    {"Member", Parameter::member},
    {"Members", Parameter::member},
    {"AccessRights", Parameter::access_rights},
    {"Role", Parameter::role},
    {"Roles", Parameter::role},
    {"SecurityGroup", Parameter::security_group},
    {"PopEnabled", Parameter::pop},
    {"ImapEnabled", Parameter::imap},
    {"EwsEnabled", Parameter::ews},
    {"ActiveSyncEnabled", Parameter::active_sync},
    {"MAPIEnabled", Parameter::mapi},
    {"OWAEnabled", Parameter::owa},
    {"SmtpClientAuthenticationDisabled", Parameter::smtp_auth_disabled},
    {"BlindCopyTo", Parameter::blind_copy},
    {"RedirectMessageTo", Parameter::redirect_message},
    {"CopyTo", Parameter::copy_message},
    {"AddToRecipients", Parameter::add_recipients},
    {"AlwaysDeleteOutlookRulesBlob", Parameter::noise},
    {"Force", Parameter::noise},
    {"Confirm", Parameter::noise},
    {"DomainController", Parameter::noise},
    {"ErrorAction", Parameter::noise},
    {"WarningAction", Parameter::noise},
});

constexpr auto extended_names = key_table<Text>({{"UserAgent", Text::extended_user_agent},
                                                 {"additionalDetails", Text::extended_details},
                                                 {"RequestType", Text::request_type},
                                                 {"UserAuthenticationMethod", Text::auth_method}});
constexpr auto device_names = key_table<Text>({{"OS", Text::os},
                                               {"BrowserType", Text::browser},
                                               {"SessionId", Text::device_session},
                                               {"Id", Text::device_id},
                                               {"DisplayName", Text::device_name}});
constexpr auto operation_names = key_table<Text>({{"MailAccessType", Text::access_type},
                                                  {"IsThrottled", Text::throttled},
                                                  {"RuleOperation", Text::rule_operation},
                                                  {"RuleName", Text::rule_name},
                                                  {"RuleCondition", Text::rule_condition},
                                                  {"RuleActions", Text::rule_actions}});
constexpr auto context_names =
    key_table<Text>({{"AADSessionId", Text::context_session}, {"UniqueTokenId", Text::token}, {"ClientAppId", Text::client_app_id}});
constexpr auto item_names =
    key_table<Text>({{"Subject", Text::item_subject}, {"InternetMessageId", Text::item_message_id}, {"SizeInBytes", Text::item_bytes}});
constexpr auto folder_names =
    key_table<Text>({{"Path", Text::item_folder}, {"MemberUpn", Text::member_upn}, {"MemberRights", Text::member_rights}});

class Walk {
 public:
  Walk(Record& record, Arena& arena) : record_(record), arena_(arena), ids_(arena), subjects_(arena), folders_(arena), changed_(arena) {}

  JsonError field(std::string_view key, ondemand::value value);
  JsonError bag(Bag bag, ondemand::value value);
  /// Walks what came as JSON text (AuditData, bags), now that the parser is free, and hands over the lists.
  JsonError rest(JsonReader& json);

 private:
  /// The last value that says something wins, so that a doubled key or `{}` does not erase it.
  void set(Text text, std::string_view value) {
    if (!value.empty()) record_.texts[static_cast<std::size_t>(text)] = value;
  }
  JsonError text(Text text, ondemand::value value) {
    std::string_view out;
    const JsonError error = read_text(value, arena_, out);
    set(text, out);
    return error;
  }
  template <class Table>
  JsonError known(const Table& table, ondemand::value value) {
    return each_field(value, arena_, [&](std::string_view key, ondemand::value inner) {
      const Text* const known = table.find(key);
      return known != nullptr ? text(*known, inner) : check(inner);
    });
  }
  JsonError path(Text where, ondemand::value value) {
    return each_field(value, arena_, [&](std::string_view key, ondemand::value inner) {
      return same_name(key, "Path") ? text(where, inner) : check(inner);
    });
  }
  void note(Bag bag, std::string_view name, std::string_view value, std::string_view before);
  JsonError pair(Bag bag, ondemand::value value);
  JsonError item(ondemand::value value, bool alone);
  JsonError parent_folder(ondemand::value value, bool alone);
  JsonError folder(ondemand::value value);
  JsonError actor(ondemand::value value);
  void unwrap();

  Record& record_;
  Arena& arena_;
  TextBuilder ids_;
  TextBuilder subjects_;
  TextBuilder folders_;
  TextBuilder changed_;
  std::string_view audit_text_;
  bool inside_ = false;     ///< in AuditData
  bool unwrapped_ = false;  ///< AuditData was an object, or its text is being read
};

void Walk::note(Bag bag, std::string_view name, std::string_view value, std::string_view before) {
  const auto set_from = [&](const auto& table) {
    if (const Text* const known = table.find(name)) set(*known, value);
  };
  switch (bag) {
    case Bag::parameters:
      if (const Parameter* const known = parameter_names.find(name))
        record_.parameters[static_cast<std::size_t>(*known)] = value.data() == nullptr ? std::string_view{"", 0} : value;
      else if (record_.others_used < Record::max_others)
        record_.others[record_.others_used++] = {name, value};
      break;
    case Bag::extended:
      set_from(extended_names);
      break;
    case Bag::device:
      set_from(device_names);
      break;
    case Bag::operation:
      set_from(operation_names);
      break;
    case Bag::modified:
      record_.directory.note(name, before, value);
      break;
    default:
      break;
  }
}

/// An element of a bag: {Name, Value}, {Name, NewValue, OldValue}, or a name alone.
JsonError Walk::pair(Bag bag, ondemand::value value) {
  if (kind_of(value) != '{') {
    std::string_view name;
    const JsonError error = read_text(value, arena_, name);
    if (bag == Bag::modified) changed_.add(name, ",");
    return error;
  }
  std::string_view name;
  std::string_view now;
  std::string_view before;
  const JsonError error = each_field(value, arena_, [&](std::string_view key, ondemand::value inner) {
    if (same_name(key, "Name")) return read_text(inner, arena_, name);
    if (same_name(key, "Value") || same_name(key, "NewValue")) return read_joined(inner, arena_, now);
    if (same_name(key, "OldValue")) return read_joined(inner, arena_, before);
    return check(inner);
  });
  if (error == simdjson::SUCCESS && !name.empty()) note(bag, name, now, before);
  return error;
}

JsonError Walk::parent_folder(ondemand::value value, bool alone) {
  return each_field(value, arena_, [&](std::string_view key, ondemand::value inner) {
    const Text* const known = folder_names.find(key);
    if (known == nullptr) return check(inner);
    if (alone) return text(*known, inner);
    std::string_view path;
    const JsonError error = read_text(inner, arena_, path);
    if (*known == Text::item_folder) folders_.add_once(path, ";");
    return error;
  });
}

/// A mail: the record's one, or one of a list.
JsonError Walk::item(ondemand::value value, bool alone) {
  if (!alone) ++record_.items;
  return each_field(value, arena_, [&](std::string_view key, ondemand::value inner) {
    if (same_name(key, "ParentFolder")) return parent_folder(inner, alone);
    const Text* const known = item_names.find(key);
    if (known == nullptr) return check(inner);
    if (alone) return text(*known, inner);
    std::string_view out;
    const JsonError error = read_text(inner, arena_, out);
    std::uint64_t bytes = 0;
    if (*known == Text::item_message_id) {
      ids_.add(out, " ");
    } else if (*known == Text::item_subject) {
      subjects_.add_once(out, "\n");
    } else if (std::from_chars(out.data(), out.data() + out.size(), bytes).ec == std::errc{}) {
      record_.item_bytes += bytes;
    }
    return error;
  });
}

JsonError Walk::folder(ondemand::value value) {
  return each_field(value, arena_, [&](std::string_view key, ondemand::value inner) {
    if (same_name(key, "FolderItems")) return each_element(inner, [&](ondemand::value element) { return item(element, false); });
    if (!same_name(key, "Path")) return check(inner);
    std::string_view path;
    const JsonError error = read_text(inner, arena_, path);
    folders_.add_once(path, ";");
    return error;
  });
}

/// {ID, Type} of Target: 1 display name, 5 user principal name.
JsonError Walk::actor(ondemand::value value) {
  std::string_view id;
  std::string_view type;
  const JsonError error = each_field(value, arena_, [&](std::string_view key, ondemand::value inner) {
    if (same_name(key, "ID")) return read_text(inner, arena_, id);
    if (same_name(key, "Type")) return read_text(inner, arena_, type);
    return check(inner);
  });
  if (type == "5") record_.directory.target_upn = id;
  if (type == "1") record_.directory.target_name = id;
  return error;
}

JsonError Walk::bag(Bag bag, ondemand::value value) {
  const char kind = kind_of(value);
  if (kind == '"') {
    std::string_view text;
    const JsonError error = read_text(value, arena_, text);
    if (text.starts_with('[') || text.starts_with('{')) {
      if (record_.unread_used < Record::max_unread) record_.unread[record_.unread_used++] = {bag, text};
    } else if (bag == Bag::parameters) {
      set(Text::parameters_text, text);
    }
    return error;
  }
  switch (bag) {
    case Bag::item:
      return item(value, true);
    case Bag::folders:
      return each_element(value, [&](ondemand::value element) { return folder(element); });
    case Bag::affected:
      return each_element(value, [&](ondemand::value element) { return item(element, false); });
    case Bag::target:
      return each_element(value, [&](ondemand::value element) { return actor(element); });
    case Bag::context:
      return known(context_names, value);
    case Bag::folder:
      return path(Text::folder, value);
    case Bag::dest_folder:
      return path(Text::dest_folder, value);
    default:
      break;
  }
  if (kind != '{') return each_element(value, [&](ondemand::value element) { return pair(bag, element); });
  return each_field(value, arena_, [&](std::string_view key, ondemand::value inner) {
    std::string_view text;
    const JsonError error = read_joined(inner, arena_, text);
    note(bag, key, text, {});
    return error;
  });
}

JsonError Walk::field(std::string_view key, ondemand::value value) {
  const Action* const action = keys.find(key);
  if (action == nullptr) return check(value);
  // Behind AuditData, what a wrapper says under the same names no longer counts.
  if (unwrapped_ && !inside_ && action->kind != Action::Do::wrapper_id) return check(value);
  switch (action->kind) {
    case Action::Do::text:
      return text(action->text, value);
    case Action::Do::bag:
      return bag(action->bag, value);
    case Action::Do::audit_data: {
      if (inside_) return check(value);
      record_.wrapped = true;
      if (kind_of(value) != '{') return read_text(value, arena_, audit_text_);
      unwrap();
      inside_ = true;
      const JsonError error = each_field(value, arena_, [&](std::string_view name, ondemand::value inner) { return field(name, inner); });
      inside_ = false;
      return error;
    }
    case Action::Do::wrapper:
      record_.wrapped = true;
      return check(value);
    case Action::Do::wrapper_id:
      return inside_ ? check(value) : read_text(value, arena_, record_.wrapper_id);
  }
  return simdjson::SUCCESS;
}

void Walk::unwrap() {
  if (record_.wrapper_id.empty()) record_.wrapper_id = record_[Text::id];
  record_.texts = {};
  unwrapped_ = true;
}

JsonError Walk::rest(JsonReader& json) {
  if (!audit_text_.empty() && !unwrapped_) {
    unwrap();
    inside_ = true;
    const auto take = [&](std::string_view key, ondemand::value value) { return field(key, value); };
    if (const JsonError error = each_field_of_text(audit_text_, json, arena_, take)) return error;
  }
  // Bags as text are details: one that cannot be read leaves the record as it is.
  for (std::size_t i = 0; i < record_.unread_used; ++i) {
    ondemand::document document;
    ondemand::value value;
    if (json.start(record_.unread[i].second).get(document) || document.get_value().get(value)) continue;
    [[maybe_unused]] const JsonError error = bag(record_.unread[i].first, value);
  }
  record_.message_ids = ids_.view();
  record_.subjects = subjects_.view();
  record_.folders = folders_.view();
  record_.texts[static_cast<std::size_t>(Text::changed_names)] = changed_.view();
  return simdjson::SUCCESS;
}

}  // namespace

JsonError read_record(std::string_view text, Context& context, Record& record) {
  Walk walk(record, context.arena);
  const auto take = [&](std::string_view key, ondemand::value value) { return walk.field(key, value); };
  if (const JsonError error = each_field_of_text(text, context.json, context.arena, take)) return error;
  return walk.rest(context.json);
}

}  // namespace digue::formats::microsoft365
