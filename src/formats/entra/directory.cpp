#include "formats/entra/directory.hpp"

#include "base/text.hpp"
#include "formats/entra/json_text.hpp"
#include "formats/microsoft365/json_walk.hpp"
#include "formats/microsoft365/key_table.hpp"

namespace digue::formats::entra {

namespace {

constexpr auto properties = key_table<Property>({
    {"StrongAuthenticationMethod", Property::strong_methods},
    {"StrongAuthenticationRequirement", Property::strong_requirement},
    {"StrongAuthenticationUserDetails", Property::strong_user_details},
    {"StrongAuthenticationPhoneAppDetail", Property::strong_phone_apps},
    {"Role.DisplayName", Property::role_name},
    {"Role.TemplateId", Property::role_template},
    {"ConsentAction.Permissions", Property::consent_permissions},
    {"ConsentContext.OnBehalfOfAll", Property::consent_all},
    {"ConsentContext.IsAdminConsent", Property::consent_admin},
    {"DelegatedPermissionGrant.Scope", Property::grant_scope},
    {"OAuth2PermissionGrant.Scope", Property::grant_scope},
    {"DelegatedPermissionGrant.ConsentType", Property::grant_type},
    {"OAuth2PermissionGrant.ConsentType", Property::grant_type},
    {"AppRole.Value", Property::app_role},
    {"User.UPN", Property::user_upn},
    {"TargetId.UserPrincipalName", Property::user_upn},
    {"KeyDescription", Property::key_description},
    {"AccountEnabled", Property::account_enabled},
    {"DisplayName", Property::display_name},
    {"ServicePrincipal.DisplayName", Property::display_name},
    {"AppId", Property::app_id},
    {"ServicePrincipal.AppId", Property::app_id},
    {"TargetId.ServicePrincipalNames", Property::principal_names},
    {"AppAddress", Property::app_address},
    {"UserType", Property::user_type},
    {"DeviceOSType", Property::device_os},
    {"Included Updated Properties", Property::included},
});

enum class Kind : std::uint8_t { plain, user_update, role, consent, application, credentials, device, mfa, account };

struct Operation {
  Activity activity;
  Kind kind = Kind::plain;
};

// Names: Microsoft's reference of Entra audit activities; the older names are those of the audit log's directory records.
constexpr auto operations = key_table<Operation>({
    {"update user", {Activity::account_change, Kind::user_update}},
    {"add user", {Activity::account_create, Kind::account}},
    {"create user", {Activity::account_create, Kind::account}},
    {"invite external user", {Activity::account_create, Kind::account}},
    {"delete user", {Activity::account_delete, Kind::account}},
    {"hard delete user", {Activity::account_delete, Kind::account}},
    {"restore user", {Activity::account_enable, Kind::account}},
    {"enable account", {Activity::account_enable, Kind::account}},
    {"disable account", {Activity::account_disable, Kind::account}},
    {"change user license", {Activity::account_change, Kind::account}},
    {"update stsrefreshtokenvalidfrom timestamp", {Activity::account_change, Kind::account}},
    {"set user manager", {Activity::account_change, Kind::account}},
    {"add member to group", {Activity::account_change, Kind::account}},
    {"remove member from group", {Activity::account_change, Kind::account}},
    {"add owner to group", {Activity::account_change, Kind::account}},
    {"change user password", {Activity::password_change, Kind::account}},
    {"change password (self-service)", {Activity::password_change, Kind::account}},
    {"reset user password", {Activity::password_reset, Kind::account}},
    {"reset password (self-service)", {Activity::password_reset, Kind::account}},
    {"reset password (by admin)", {Activity::password_reset, Kind::account}},
    {"set force change user password", {Activity::password_reset, Kind::account}},
    {"add member to role", {Activity::role_add, Kind::role}},
    {"add eligible member to role", {Activity::role_add, Kind::role}},
    {"add scoped member to role", {Activity::role_add, Kind::role}},
    {"add member to role completed (pim activation)", {Activity::role_add, Kind::role}},
    {"add member to role in pim completed (permanent)", {Activity::role_add, Kind::role}},
    {"add member to role in pim completed (timebound)", {Activity::role_add, Kind::role}},
    {"add eligible member to role in pim completed (permanent)", {Activity::role_add, Kind::role}},
    {"add eligible member to role in pim completed (timebound)", {Activity::role_add, Kind::role}},
    {"add member to role outside of pim (permanent)", {Activity::role_add, Kind::role}},
    {"remove member from role", {Activity::role_remove, Kind::role}},
    {"remove eligible member from role", {Activity::role_remove, Kind::role}},
    {"remove scoped member from role", {Activity::role_remove, Kind::role}},
    {"remove member from role (pim activation expired)", {Activity::role_remove, Kind::role}},
    {"remove member from role in pim completed (permanent)", {Activity::role_remove, Kind::role}},
    {"remove member from role in pim completed (timebound)", {Activity::role_remove, Kind::role}},
    {"remove eligible member from role in pim completed (permanent)", {Activity::role_remove, Kind::role}},
    {"remove eligible member from role in pim completed (timebound)", {Activity::role_remove, Kind::role}},
    {"consent to application", {Activity::consent, Kind::consent}},
    {"add delegated permission grant", {Activity::consent, Kind::consent}},
    {"add oauth2permissiongrant", {Activity::consent, Kind::consent}},
    {"add app role assignment grant to user", {Activity::consent, Kind::consent}},
    {"add app role assignment to service principal", {Activity::consent, Kind::consent}},
    {"add app role assignment to group", {Activity::consent, Kind::consent}},
    {"remove delegated permission grant", {Activity::other, Kind::consent}},
    {"remove oauth2permissiongrant", {Activity::other, Kind::consent}},
    {"remove app role assignment from user", {Activity::other, Kind::consent}},
    {"remove app role assignment from service principal", {Activity::other, Kind::consent}},
    {"revoke consent", {Activity::other, Kind::consent}},
    {"add application", {Activity::app_create, Kind::application}},
    {"add service principal", {Activity::app_create, Kind::application}},
    {"restore application", {Activity::app_create, Kind::application}},
    {"delete application", {Activity::app_remove, Kind::application}},
    {"hard delete application", {Activity::app_remove, Kind::application}},
    {"remove service principal", {Activity::app_remove, Kind::application}},
    {"hard delete service principal", {Activity::app_remove, Kind::application}},
    {"update application", {Activity::other, Kind::credentials}},
    {"update service principal", {Activity::other, Kind::credentials}},
    {"update application - certificates and secrets management", {Activity::app_credential_add, Kind::credentials}},
    {"add service principal credentials", {Activity::app_credential_add, Kind::credentials}},
    {"remove service principal credentials", {Activity::other, Kind::application}},
    {"add owner to application", {Activity::app_credential_add, Kind::application}},
    {"add owner to service principal", {Activity::app_credential_add, Kind::application}},
    {"add device", {Activity::device_add, Kind::device}},
    {"register device", {Activity::device_add, Kind::device}},
    {"add registered owner to device", {Activity::device_add, Kind::device}},
    {"add registered users to device", {Activity::device_add, Kind::device}},
    {"disable strong authentication", {Activity::mfa_disable, Kind::mfa}},
    {"user registered security info", {Activity::mfa_add, Kind::mfa}},
    {"user registered all required security info", {Activity::mfa_add, Kind::mfa}},
    {"user changed default security info", {Activity::mfa_add, Kind::mfa}},
    {"user updated security info", {Activity::mfa_add, Kind::mfa}},
    {"user deleted security info", {Activity::mfa_remove, Kind::mfa}},
    {"admin registered security info", {Activity::mfa_add, Kind::mfa}},
    {"admin updated security info", {Activity::mfa_add, Kind::mfa}},
    {"admin deleted security info", {Activity::mfa_remove, Kind::mfa}},
    {"add windows hello for business credential", {Activity::mfa_add, Kind::mfa}},
    {"delete windows hello for business credential", {Activity::mfa_remove, Kind::mfa}},
    {"add passwordless phone sign-in credential", {Activity::mfa_add, Kind::mfa}},
    {"delete passwordless phone sign-in credential", {Activity::mfa_remove, Kind::mfa}},
    {"add fido2 security key", {Activity::mfa_add, Kind::mfa}},
    {"delete fido2 security key", {Activity::mfa_remove, Kind::mfa}},
    {"add passkey (device-bound)", {Activity::mfa_add, Kind::mfa}},
    {"delete passkey (device-bound)", {Activity::mfa_remove, Kind::mfa}},
    {"fraud reported - no action taken", {Activity::mfa_challenge, Kind::mfa}},
    {"fraud reported - user is blocked for mfa", {Activity::mfa_challenge, Kind::mfa}},
    {"suspicious activity reported", {Activity::mfa_challenge, Kind::mfa}},
    {"set company information", {Activity::policy_change}},
    {"update company settings", {Activity::policy_change}},
    {"set domain authentication", {Activity::policy_change}},
    {"set federation settings on domain", {Activity::policy_change}},
    {"add unverified domain", {Activity::policy_change}},
    {"add verified domain", {Activity::policy_change}},
    {"verify domain", {Activity::policy_change}},
    {"remove verified domain", {Activity::policy_change}},
    {"add partner to company", {Activity::policy_change}},
    {"set dirsyncenabled flag", {Activity::policy_change}},
    {"set password policy", {Activity::policy_change}},
    {"add policy", {Activity::policy_change}},
    {"added policy", {Activity::policy_change}},
    {"update policy", {Activity::policy_change}},
    {"delete policy", {Activity::policy_change}},
    {"add conditional access policy", {Activity::policy_change}},
    {"update conditional access policy", {Activity::policy_change}},
    {"delete conditional access policy", {Activity::policy_change}},
    {"add named location", {Activity::policy_change}},
    {"update named location", {Activity::policy_change}},
    {"delete named location", {Activity::policy_change}},
    {"update authorization policy", {Activity::policy_change}},
    {"authentication methods policy update", {Activity::policy_change}},
    {"authentication methods policy reset", {Activity::policy_change}},
    {"disable security defaults", {Activity::policy_change}},
    {"update security defaults", {Activity::policy_change}},
    {"add role definition", {Activity::policy_change}},
    {"update role definition", {Activity::policy_change}},
});

int compare_counts(const Change& change, std::string_view name) {
  std::size_t before = count_members(change.before, name);
  std::size_t after = count_members(change.after, name);
  if (before == 0 && after == 0) {
    before = has_content(change.before);
    after = has_content(change.after);
  }
  return after > before ? 1 : after < before ? -1 : 0;
}

std::size_t occurrences(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + part.size())) ++count;
  return count;
}

/// What an update of a user means; the second factor first, because one record may carry both.
Activity user_update(const Directory& d, Arena& arena) {
  const Change& requirement = d[Property::strong_requirement];
  if (has_content(requirement.before) && !has_content(requirement.after)) return Activity::mfa_disable;
  for (const auto& [property, name] : {std::pair{Property::strong_methods, "MethodType"}, {Property::strong_phone_apps, "DeviceName"}})
    if (const int more = compare_counts(d[property], name); more != 0) return more > 0 ? Activity::mfa_add : Activity::mfa_remove;
  const Change& details = d[Property::strong_user_details];
  for (const char* name : {"PhoneNumber", "AlternativePhoneNumber", "Email"}) {
    const std::string_view before = member(details.before, name, arena);
    const std::string_view after = member(details.after, name, arena);
    if (before != after) return after.empty() ? Activity::mfa_remove : Activity::mfa_add;
  }
  const std::string_view enabled = d[Property::account_enabled].after;
  if (icontains(enabled, "true")) return Activity::account_enable;
  if (icontains(enabled, "false")) return Activity::account_disable;
  return Activity::account_change;
}

std::string_view either(const Change& change, Arena& arena) {
  const std::string_view after = first_value(change.after, arena);
  return after.empty() ? first_value(change.before, arena) : after;
}

/// `[] => [[Id: .., ConsentType: AllPrincipals, Scope: User.Read Mail.Read, ..]]`: the scopes behind the arrow, each once.
void set_consent(const Directory& d, Arena& arena, Event& event) {
  std::string_view text = trim(d[Property::consent_permissions].after);
  if (text.starts_with('"')) text = first_value(text, arena);
  if (const auto arrow = text.find("=>"); arrow != std::string_view::npos) text = text.substr(arrow + 2);
  const auto value_behind = [&](std::string_view name, std::size_t from, std::size_t& end) -> std::string_view {
    const std::size_t at = text.find(name, from);
    if (at == std::string_view::npos) {
      end = at;
      return {};
    }
    end = text.find_first_of(",]", at);
    if (end == std::string_view::npos) end = text.size();
    return trim(text.substr(at + name.size(), end - at - name.size()));
  };
  TextBuilder scopes(arena);
  const auto add_scopes = [&](std::string_view list) {
    while (!(list = trim(list)).empty()) {
      const std::size_t end = list.find(' ');
      scopes.add_once(list.substr(0, end), " ");
      list = end == std::string_view::npos ? std::string_view{} : list.substr(end);
    }
  };
  std::size_t end = 0;
  while (end != std::string_view::npos && end < text.size()) add_scopes(value_behind("Scope:", end, end));
  add_scopes(either(d[Property::grant_scope], arena));
  add_scopes(either(d[Property::app_role], arena));
  event.set(Field::scopes, scopes.view());

  std::string_view type = value_behind("ConsentType:", 0, end);
  if (type.empty()) type = either(d[Property::grant_type], arena);
  const std::string_view all = d[Property::consent_all].after;
  if (type.empty() && icontains(all, "true")) type = "AllPrincipals";
  if (type.empty() && icontains(all, "false")) type = "Principal";
  event.set(Field::consent_type, type);
}

/// A change of a person's own second factor is written by the platform's service ("Azure MFA StrongAuthenticationService"): the doing is
/// the person's.
void give_to_person(Event& event) {
  const bool second_factor =
      event.activity == Activity::mfa_add || event.activity == Activity::mfa_remove || event.activity == Activity::mfa_disable;
  const std::string_view person = event.get(Field::target);
  if (!second_factor || event.account.find('@') != std::string_view::npos || person.find('@') == std::string_view::npos) return;
  event.account = person;
  for (auto& [field, value] : event.fields)
    if (field == Field::system_actor && value == "true") value = "false";
}

/// The application's id: by its own property, else the first of the names of its service principal ("4be1c2de-...;https://app.example").
std::string_view application_id(const Directory& d, Arena& arena) {
  const std::string_view id = either(d[Property::app_id], arena);
  if (!id.empty()) return id;
  const std::string_view names = either(d[Property::principal_names], arena);
  return trim(names.substr(0, names.find(';')));
}

/// Which properties changed, and the values of a lone one.
void set_changes(const Directory& d, Arena& arena, Event& event) {
  const std::string_view included = first_value(d[Property::included].after, arena);
  event.set(Field::property, included.empty() ? d.first_other_name : included);
  const Change& other = d[Property::first_other];
  event.set(Field::old_value, first_value(other.before, arena));
  event.set(Field::new_value, first_value(other.after, arena));
}

}  // namespace

void Directory::note(std::string_view name, std::string_view before, std::string_view after) {
  const Property* const known = properties.find(name);
  if (known == nullptr && !first_other_name.empty()) return;
  if (known == nullptr) first_other_name = name;
  changes[static_cast<std::size_t>(known == nullptr ? Property::first_other : *known)] = {before, after};
}

std::string_view plain_operation(std::string_view operation, std::array<char, 96>& buffer) {
  std::size_t used = 0;
  for (std::size_t i = 0; i < operation.size(); ++i) {
    char c = operation[i];
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    if (operation.substr(i).starts_with("\xe2\x80\x93") || operation.substr(i).starts_with("\xe2\x80\x94")) {
      c = '-';
      i += 2;
    }
    if (used == buffer.size()) return {};
    buffer[used++] = c;
  }
  std::string_view plain = trim({buffer.data(), used});
  while (plain.ends_with('.') || plain.ends_with(' ')) plain.remove_suffix(1);
  return plain;
}

bool is_directory_operation(std::string_view plain) {
  return operations.find(plain) != nullptr;
}

bool describe(const Directory& d, std::string_view plain, Arena& arena, Event& event) {
  const Operation* const operation = operations.find(plain);
  if (operation == nullptr) return false;
  event.activity = operation->activity;
  const std::string_view upn = d.target_upn.empty() ? either(d[Property::user_upn], arena) : d.target_upn;
  const std::string_view named = d.target_name.empty() ? either(d[Property::display_name], arena) : d.target_name;
  switch (operation->kind) {
    case Kind::user_update:
      event.activity = user_update(d, arena);
      event.set(Field::device_name, member(d[Property::strong_phone_apps].after, "DeviceName", arena));
      break;
    case Kind::role: {
      const std::string_view role = either(d[Property::role_name], arena);
      event.set(Field::role, role.empty() && d.target_type == "Role" ? named : role);
      break;
    }
    case Kind::consent:
      set_consent(d, arena, event);
      event.set(Field::app_name, named);
      event.set(Field::app_id, application_id(d, arena));
      break;
    case Kind::credentials: {
      const Change& keys = d[Property::key_description];
      const std::size_t before = occurrences(keys.before, "KeyIdentifier");
      const std::size_t after = occurrences(keys.after, "KeyIdentifier");
      if (after > before) event.activity = Activity::app_credential_add;
      if (after < before) event.activity = Activity::other;
      [[fallthrough]];
    }
    case Kind::application:
      event.set(Field::app_name, named);
      event.set(Field::app_id, application_id(d, arena));
      event.set(Field::site, member(d[Property::app_address].after, "Address", arena));
      break;
    case Kind::device:
      event.set(Field::device_name, named);
      event.set(Field::os, either(d[Property::device_os], arena));
      break;
    case Kind::mfa:
      event.set(Field::mfa_detail, d.result_reason);
      break;
    case Kind::account:
    case Kind::plain:
      break;
  }
  const bool person = operation->kind != Kind::application && operation->kind != Kind::credentials && operation->kind != Kind::device;
  event.set(Field::target, arena.lower(upn.empty() && person && operation->kind != Kind::consent ? named : upn));
  give_to_person(event);
  set_changes(d, arena, event);
  return true;
}

}  // namespace digue::formats::entra
