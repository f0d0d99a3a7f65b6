#pragma once

#include "formats/microsoft365/key_table.hpp"
#include "formats/microsoft365/ual.hpp"

/// The names that matter in a record of the audit log, and where they go.
namespace digue::formats::microsoft365 {

/// What to do with a key of the record.
struct Action {
  enum class Do : std::uint8_t { text, bag, audit_data, wrapper, wrapper_id } kind = Do::text;
  Text text = Text::creation_time;
  Record::Bag bag = Record::Bag::parameters;

  // Implicit, so that the table's rows stay readable.
  constexpr Action(Text t) : text(t) {}                       // NOLINT(google-explicit-constructor)
  constexpr Action(Record::Bag b) : kind(Do::bag), bag(b) {}  // NOLINT(google-explicit-constructor)
  constexpr Action(Do d) : kind(d) {}                         // NOLINT(google-explicit-constructor)
};

inline constexpr auto keys = key_table<Action>({
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
    {"Parameters", Record::Bag::parameters},
    {"ExtendedProperties", Record::Bag::extended},
    {"DeviceProperties", Record::Bag::device},
    {"OperationProperties", Record::Bag::operation},
    {"ModifiedProperties", Record::Bag::modified},
    {"Folders", Record::Bag::folders},
    {"AffectedItems", Record::Bag::affected},
    {"Item", Record::Bag::item},
    {"Target", Record::Bag::target},
    {"AppAccessContext", Record::Bag::context},
    {"Folder", Record::Bag::folder},
    {"DestFolder", Record::Bag::dest_folder},
    {"AuditData", Action::Do::audit_data},
    {"UserIds", Action::Do::wrapper},
    {"IsValid", Action::Do::wrapper},
    {"ObjectState", Action::Do::wrapper},
    {"Operations", Action::Do::wrapper},
    {"auditLogRecordType", Action::Do::wrapper},
    {"administrativeUnits", Action::Do::wrapper},
    {"Identity", Action::Do::wrapper_id},
});

inline constexpr auto parameter_names = key_table<Parameter>({
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

inline constexpr auto extended_names = key_table<Text>({{"UserAgent", Text::extended_user_agent},
                                                        {"additionalDetails", Text::extended_details},
                                                        {"RequestType", Text::request_type},
                                                        {"UserAuthenticationMethod", Text::auth_method}});
inline constexpr auto device_names = key_table<Text>({{"OS", Text::os},
                                                      {"BrowserType", Text::browser},
                                                      {"SessionId", Text::device_session},
                                                      {"Id", Text::device_id},
                                                      {"DisplayName", Text::device_name}});
inline constexpr auto operation_names = key_table<Text>({{"MailAccessType", Text::access_type},
                                                         {"IsThrottled", Text::throttled},
                                                         {"RuleOperation", Text::rule_operation},
                                                         {"RuleName", Text::rule_name},
                                                         {"RuleCondition", Text::rule_condition},
                                                         {"RuleActions", Text::rule_actions}});
inline constexpr auto context_names =
    key_table<Text>({{"AADSessionId", Text::context_session}, {"UniqueTokenId", Text::token}, {"ClientAppId", Text::client_app_id}});
inline constexpr auto item_names =
    key_table<Text>({{"Subject", Text::item_subject}, {"InternetMessageId", Text::item_message_id}, {"SizeInBytes", Text::item_bytes}});
inline constexpr auto folder_names =
    key_table<Text>({{"Path", Text::item_folder}, {"MemberUpn", Text::member_upn}, {"MemberRights", Text::member_rights}});

}  // namespace digue::formats::microsoft365
