#include <charconv>

#include "base/text.hpp"
#include "formats/microsoft365/key_table.hpp"
#include "formats/microsoft365/ual.hpp"

/// Mailbox items (RecordType 2, 3, 19, 50), files and sharing (4, 6, 14, 36), searches and exports.
namespace digue::formats::microsoft365 {

namespace {

enum class Kind : std::uint8_t { access, message, items, folder_rights, search, mailbox_login, calendar };

struct Operation {
  Activity activity;
  Kind kind;
};

constexpr auto item_operations = key_table<Operation>({
    {"mailitemsaccessed", {Activity::mail_read, Kind::access}},
    {"messagebind", {Activity::mail_read, Kind::message}},
    {"folderbind", {Activity::mail_read, Kind::items}},
    {"send", {Activity::mail_send, Kind::message}},
    {"sendas", {Activity::mail_send, Kind::message}},
    {"sendonbehalf", {Activity::mail_send, Kind::message}},
    {"create", {Activity::mail_create, Kind::message}},
    {"update", {Activity::mail_update, Kind::message}},
    {"move", {Activity::mail_move, Kind::items}},
    {"copy", {Activity::mail_move, Kind::items}},
    {"movetodeleteditems", {Activity::mail_delete, Kind::items}},
    {"softdelete", {Activity::mail_delete, Kind::items}},
    {"harddelete", {Activity::mail_purge, Kind::items}},
    {"recorddelete", {Activity::mail_purge, Kind::items}},
    {"addfolderpermissions", {Activity::delegation_add, Kind::folder_rights}},
    {"modifyfolderpermissions", {Activity::delegation_add, Kind::folder_rights}},
    {"updatefolderpermissions", {Activity::delegation_add, Kind::folder_rights}},
    {"removefolderpermissions", {Activity::delegation_remove, Kind::folder_rights}},
    {"updatecalendardelegation", {Activity::delegation_add, Kind::calendar}},
    {"searchqueryinitiatedexchange", {Activity::mail_search, Kind::search}},
    {"searchqueryinitiatedsharepoint", {Activity::mail_search, Kind::search}},
    {"searchqueryperformed", {Activity::mail_search, Kind::search}},
    {"mailboxlogin", {Activity::sign_in, Kind::mailbox_login}},
});

constexpr auto file_operations = key_table<Activity>({
    {"fileaccessed", Activity::file_access},
    {"fileaccessedextended", Activity::file_access},
    {"filepreviewed", Activity::file_access},
    {"pageviewed", Activity::file_access},
    {"anonymouslinkused", Activity::file_access},
    {"securelinkused", Activity::file_access},
    {"companylinkused", Activity::file_access},
    {"sharinginvitationaccepted", Activity::file_access},
    {"filedownloaded", Activity::file_download},
    {"filesyncdownloadedfull", Activity::file_download},
    {"filesyncdownloadedpartial", Activity::file_download},
    {"fileuploaded", Activity::file_upload},
    {"filesyncuploadedfull", Activity::file_upload},
    {"filemodified", Activity::file_upload},
    {"filemodifiedextended", Activity::file_upload},
    {"filedeleted", Activity::file_delete},
    {"filerecycled", Activity::file_delete},
    {"filedeletedfirststagerecyclebin", Activity::file_delete},
    {"filedeletedsecondstagerecyclebin", Activity::file_delete},
    {"fileversionsalldeleted", Activity::file_delete},
    {"folderdeleted", Activity::file_delete},
    {"folderrecycled", Activity::file_delete},
    {"anonymouslinkcreated", Activity::file_share},
    {"anonymouslinkupdated", Activity::file_share},
    {"companylinkcreated", Activity::file_share},
    {"securelinkcreated", Activity::file_share},
    {"securelinkupdated", Activity::file_share},
    {"addedtosecurelink", Activity::file_share},
    {"sharingset", Activity::file_share},
    {"sharinginvitationcreated", Activity::file_share},
    {"sharinglinkcreated", Activity::file_share},
    {"addedtogroup", Activity::file_share},
    {"sharingpolicychanged", Activity::policy_change},
    {"new-compliancesearch", Activity::export_content},
    {"start-compliancesearch", Activity::export_content},
    {"new-compliancesearchaction", Activity::export_content},
    {"searchcreated", Activity::export_content},
    {"searchstarted", Activity::export_content},
    {"searchpreviewed", Activity::export_content},
    {"viewedsearchpreviewed", Activity::export_content},
    {"searchexported", Activity::export_content},
    {"searchexportdownloaded", Activity::export_content},
    {"previewitemdownloaded", Activity::export_content},
    {"new-mailboxexportrequest", Activity::export_content},
    {"new-mailboxsearch", Activity::export_content},
    {"search-mailbox", Activity::export_content},
});

std::string_view decimal(std::uint64_t number, Arena& arena) {
  if (number == 0) return {};
  char* const at = arena.room(20);
  return {at, static_cast<std::size_t>(std::to_chars(at, at + 20, number).ptr - at)};
}

void set_items(const Record& r, Arena& arena, Event& event) {
  event.set(Field::folder, r[Text::folder].empty() ? r.folders : r[Text::folder]);
  event.set(Field::dest_folder, r[Text::dest_folder]);
  event.set(Field::subject, r.subjects.empty() ? r[Text::item_subject] : r.subjects);
  event.set(Field::message_id, r.message_ids.empty() ? r[Text::item_message_id] : r.message_ids);
  const std::string_view count = r[Text::operation_count];
  event.set(Field::count, count.empty() ? decimal(r.items, arena) : count);
  event.set(Field::bytes, decimal(r.item_bytes, arena));
}

}  // namespace

bool describe_items(const Record& r, std::string_view plain, Arena& arena, Event& event) {
  const Operation* const operation = item_operations.find(plain);
  if (operation == nullptr) return false;
  event.activity = operation->activity;
  switch (operation->kind) {
    case Kind::access: {
      const bool sync = iequals(r[Text::access_type], "sync");
      if (sync) event.activity = Activity::mail_sync;
      event.set(Field::access_type, sync ? "sync" : iequals(r[Text::access_type], "bind") ? "bind" : "");
      if (is_true(r[Text::throttled])) event.set(Field::throttled, "true");
      set_items(r, arena, event);
      if (r.folders.empty()) event.set(Field::folder, r[Text::item_folder]);
      break;
    }
    case Kind::message:
      event.set(Field::subject, r[Text::item_subject]);
      event.set(Field::message_id, r[Text::item_message_id]);
      event.set(Field::bytes, r[Text::item_bytes]);
      event.set(Field::folder, r[Text::item_folder]);
      event.set(Field::sender, arena.lower(r[r[Text::send_as].empty() ? Text::send_on_behalf : Text::send_as]));
      event.set(Field::property, r[Text::changed_names]);
      break;
    case Kind::items:
      set_items(r, arena, event);
      break;
    case Kind::folder_rights:
      event.set(Field::folder, r[Text::item_folder]);
      event.set(Field::trustee, arena.lower(r[Text::member_upn]));
      event.set(Field::access_rights, r[Text::member_rights]);
      break;
    case Kind::search:
      event.set(Field::property, "query");
      event.set(Field::new_value, r[Text::query]);
      break;
    case Kind::calendar:
    case Kind::mailbox_login:
      break;
  }
  return true;
}

bool describe_files(const Record& r, std::string_view plain, Arena& arena, Event& event) {
  const Activity* const activity = file_operations.find(plain);
  if (activity == nullptr) return false;
  event.activity = *activity;
  event.set(Field::file_name, r[Text::file_name].empty() ? r[Text::object_id] : r[Text::file_name]);
  event.set(Field::site, r[Text::site]);
  event.set(Field::bytes, r[Text::file_bytes]);
  event.set(Field::target, arena.lower(r[Text::shared_with]));
  event.set(Field::new_value, r[Text::event_data]);
  return true;
}

}  // namespace digue::formats::microsoft365
