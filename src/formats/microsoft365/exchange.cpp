#include <algorithm>

#include "base/text.hpp"
#include "formats/microsoft365/key_table.hpp"
#include "formats/microsoft365/ual.hpp"

/// Exchange cmdlets: rules, forwarding, delegation, protocols, audit, transport.
namespace digue::formats::microsoft365 {

namespace {

enum class Kind : std::uint8_t { rule, outlook_rule, mailbox, permission, role, protocols, transport, audit, settings };

struct Operation {
  Activity activity;
  Kind kind;
};

constexpr auto operations = key_table<Operation>({
    {"new-inboxrule", {Activity::rule_create, Kind::rule}},
    {"set-inboxrule", {Activity::rule_change, Kind::rule}},
    {"enable-inboxrule", {Activity::rule_change, Kind::rule}},
    {"disable-inboxrule", {Activity::rule_change, Kind::rule}},
    {"remove-inboxrule", {Activity::rule_remove, Kind::rule}},
    {"new-sweeprule", {Activity::rule_create, Kind::rule}},
    {"set-sweeprule", {Activity::rule_change, Kind::rule}},
    {"remove-sweeprule", {Activity::rule_remove, Kind::rule}},
    {"updateinboxrules", {Activity::rule_change, Kind::outlook_rule}},
    {"set-mailbox", {Activity::account_change, Kind::mailbox}},
    {"add-mailboxpermission", {Activity::delegation_add, Kind::permission}},
    {"remove-mailboxpermission", {Activity::delegation_remove, Kind::permission}},
    {"add-recipientpermission", {Activity::delegation_add, Kind::permission}},
    {"remove-recipientpermission", {Activity::delegation_remove, Kind::permission}},
    {"add-mailboxfolderpermission", {Activity::delegation_add, Kind::permission}},
    {"set-mailboxfolderpermission", {Activity::delegation_add, Kind::permission}},
    {"remove-mailboxfolderpermission", {Activity::delegation_remove, Kind::permission}},
    {"add-adpermission", {Activity::delegation_add, Kind::permission}},
    {"remove-adpermission", {Activity::delegation_remove, Kind::permission}},
    {"add-rolegroupmember", {Activity::role_add, Kind::role}},
    {"update-rolegroupmember", {Activity::role_add, Kind::role}},
    {"new-rolegroup", {Activity::role_add, Kind::role}},
    {"new-managementroleassignment", {Activity::role_add, Kind::role}},
    {"set-managementroleassignment", {Activity::role_add, Kind::role}},
    {"remove-rolegroupmember", {Activity::role_remove, Kind::role}},
    {"remove-rolegroup", {Activity::role_remove, Kind::role}},
    {"remove-managementroleassignment", {Activity::role_remove, Kind::role}},
    {"set-casmailbox", {Activity::account_change, Kind::protocols}},
    {"set-casmailboxplan", {Activity::account_change, Kind::protocols}},
    {"new-transportrule", {Activity::policy_change, Kind::transport}},
    {"set-transportrule", {Activity::policy_change, Kind::transport}},
    {"enable-transportrule", {Activity::policy_change, Kind::transport}},
    {"disable-transportrule", {Activity::policy_change, Kind::transport}},
    {"remove-transportrule", {Activity::policy_change, Kind::transport}},
    {"set-adminauditlogconfig", {Activity::policy_change, Kind::audit}},
    {"set-organizationconfig", {Activity::policy_change, Kind::audit}},
    {"set-mailboxauditbypassassociation", {Activity::policy_change, Kind::audit}},
    {"remove-unifiedauditlogretentionpolicy", {Activity::audit_disable, Kind::audit}},
    {"new-remotedomain", {Activity::policy_change, Kind::settings}},
    {"set-remotedomain", {Activity::policy_change, Kind::settings}},
    {"set-mailboxjunkemailconfiguration", {Activity::account_change, Kind::settings}},
    {"set-mailboxautoreplyconfiguration", {Activity::account_change, Kind::settings}},
    {"set-user", {Activity::account_change, Kind::settings}},
    {"new-mailbox", {Activity::account_create, Kind::settings}},
    {"enable-mailbox", {Activity::account_create, Kind::settings}},
    {"remove-mailbox", {Activity::account_delete, Kind::settings}},
    {"disable-mailbox", {Activity::account_delete, Kind::settings}},
    {"new-app", {Activity::app_create, Kind::settings}},
    {"remove-app", {Activity::app_remove, Kind::settings}},
});

/// Cmdlets that change rules of the whole organisation: a verb and a noun of these families.
bool is_policy_cmdlet(std::string_view plain) {
  const auto dash = plain.find('-');
  if (dash == std::string_view::npos) return false;
  const std::string_view verb = plain.substr(0, dash);
  const std::string_view noun = plain.substr(dash + 1);
  const auto is = [verb](std::string_view one) { return verb == one; };
  const auto ends = [noun](std::string_view family) { return noun.ends_with(family); };
  return std::ranges::any_of(std::initializer_list<std::string_view>{"new", "set", "remove", "enable", "disable", "install"}, is) &&
         std::ranges::any_of(std::initializer_list<std::string_view>{"policy", "rule", "connector", "config", "preset"}, ends);
}

/// The last part of `forest/Microsoft Exchange Hosted Organizations/tenant/name`.
std::string_view tail(std::string_view path, char separator) {
  const auto at = path.rfind(separator);
  return at == std::string_view::npos ? path : path.substr(at + 1);
}

/// The mailbox or object acted upon.
std::string_view object_of(const Record& r, Arena& arena) {
  std::string_view object = r[Parameter::mailbox];
  if (object.empty()) object = r[Parameter::identity];
  if (object.empty()) object = r[Text::object_id];
  return arena.lower(tail(object, '/'));
}

class Words {
 public:
  explicit Words(Arena& arena) : list_(arena) {}
  void add(std::string_view word) { list_.add_once(word, ","); }
  std::string_view view() const { return list_.view(); }

 private:
  TextBuilder list_;
};

/// The parameters without a meaning of their own: "SubjectContainsWords: virement | From: ...".
std::string_view others_of(const Record& r, Arena& arena) {
  TextBuilder out(arena);
  for (std::size_t i = 0; i < r.others_used; ++i) {
    const auto& [name, value] = r.others[i];
    if (!value.empty() && !is_false(value)) out.add(arena.join({name, ": ", value}), " | ");
  }
  return out.view();
}

void set_others(const Record& r, Arena& arena, Event& event) {
  TextBuilder names(arena);
  for (std::size_t i = 0; i < r.others_used; ++i) names.add(r.others[i].first, ",");
  event.set(Field::property, names.view());
  event.set(Field::new_value, r.others_used == 1 ? r.others[0].second : others_of(r, arena));
  if (r.others_used == 0) event.set(Field::new_value, r[Text::parameters_text]);
}

void describe_rule(const Record& r, Arena& arena, Event& event) {
  Words actions(arena);
  TextBuilder forward_to(arena);
  const auto forward = [&](Parameter parameter, std::string_view word) {
    const std::string_view to = addresses_in(r[parameter], arena);
    if (to.empty()) return;
    actions.add(word);
    forward_to.add(to, ";");
  };
  forward(Parameter::forward_to, "forward");
  forward(Parameter::forward_as_attachment, "forward");
  forward(Parameter::redirect_to, "redirect");
  if (is_true(r[Parameter::delete_message]) || is_true(r[Parameter::soft_delete])) actions.add("delete");
  if (!r[Parameter::move_to].empty()) actions.add("move");
  if (!r[Parameter::copy_to].empty()) actions.add("copy");
  if (is_true(r[Parameter::mark_read])) actions.add("mark_read");
  if (is_true(r[Parameter::stop])) actions.add("stop");

  // A name given as empty stays empty: it is one of the signs of a hidden rule.
  const std::string_view object = r[Parameter::identity].empty() ? r[Text::object_id] : r[Parameter::identity];
  event.set(Field::rule_name, r.given(Parameter::name) ? r[Parameter::name] : tail(tail(object, '/'), '\\'));
  event.set(Field::rule_condition, others_of(r, arena));
  event.set(Field::rule_action, actions.view());
  event.set(Field::forward_to, forward_to.view());
  event.set(Field::dest_folder, r[r[Parameter::move_to].empty() ? Parameter::copy_to : Parameter::move_to]);
  event.set(Field::target, arena.lower(tail(r[Parameter::mailbox], '/')));
}

constexpr auto action_words = key_table<std::string_view>({
    {"forward", "forward"},
    {"forwardto", "forward"},
    {"forwardasattachment", "forward"},
    {"forwardasattachmentto", "forward"},
    {"redirect", "redirect"},
    {"redirectto", "redirect"},
    {"delete", "delete"},
    {"deletemessage", "delete"},
    {"permanentdelete", "delete"},
    {"softdelete", "delete"},
    {"harddelete", "delete"},
    {"move", "move"},
    {"movetofolder", "move"},
    {"copy", "copy"},
    {"copytofolder", "copy"},
    {"markasread", "mark_read"},
    {"markread", "mark_read"},
    {"stopprocessingrules", "stop"},
    {"reply", "reply"},
});

/// Outlook's own rules: RuleActions is JSON with ActionType members, or words.
void describe_outlook_rule(const Record& r, Arena& arena, Event& event) {
  const std::string_view what = r[Text::rule_operation];
  if (icontains(what, "add") || icontains(what, "create")) event.activity = Activity::rule_create;
  if (icontains(what, "remove") || icontains(what, "delete")) event.activity = Activity::rule_remove;
  const std::string_view text = r[Text::rule_actions];
  const bool typed = text.find("ActionType") != std::string_view::npos;
  Words actions(arena);
  std::string_view before;
  const auto letter = [](char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; };
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && letter(text[end])) ++end;
    if (end == at) {
      ++at;
      continue;
    }
    const std::string_view word = text.substr(at, end - at);
    const std::string_view* const known = action_words.find(word);
    if (known != nullptr && (!typed || before == "ActionType")) actions.add(*known);
    before = word;
    at = end;
  }
  event.set(Field::rule_name, r[Text::rule_name]);
  event.set(Field::rule_condition, r[Text::rule_condition]);
  event.set(Field::rule_action, actions.view());
  if (text.find('@') != std::string_view::npos) event.set(Field::forward_to, addresses_in(text, arena));
}

void describe_mailbox(const Record& r, Arena& arena, Event& event) {
  event.set(Field::target, object_of(r, arena));
  event.set(Field::keep_copy, is_true(r[Parameter::keep_copy]) ? "true" : is_false(r[Parameter::keep_copy]) ? "false" : "");
  const std::string_view smtp = addresses_in(r[Parameter::forwarding_smtp], arena);
  const std::string_view internal = addresses_in(r[Parameter::forwarding_address], arena);
  const std::string_view age = r[Parameter::audit_age];
  if (!smtp.empty() || !internal.empty()) {
    event.activity = Activity::forwarding_set;
    event.set(Field::forward_to, smtp.empty() ? internal : internal.empty() ? smtp : arena.join({smtp, ";", internal}));
  } else if (r.given(Parameter::forwarding_smtp) || r.given(Parameter::forwarding_address)) {
    event.activity = Activity::forwarding_remove;
  } else if (is_false(r[Parameter::audit_enabled]) || age == "0" || age.starts_with("00:00:00")) {
    event.activity = Activity::audit_disable;
  } else if (r.given(Parameter::send_on_behalf)) {
    const std::string_view to = addresses_in(r[Parameter::send_on_behalf], arena);
    event.activity = to.empty() ? Activity::delegation_remove : Activity::delegation_add;
    event.set(Field::trustee, to);
    event.set(Field::access_rights, "SendOnBehalf");
  }
  set_others(r, arena, event);
}

void describe_permission(const Record& r, Arena& arena, Event& event) {
  std::string_view identity = r[Parameter::identity];
  // A folder is named as mailbox:\folder.
  const auto folder = identity.find(":\\");
  if (folder != std::string_view::npos) event.set(Field::folder, identity.substr(folder + 1));
  identity = identity.substr(0, folder);
  event.set(Field::target, arena.lower(tail(identity.empty() ? r[Text::object_id] : identity, '/')));
  const std::string_view trustee = r[r[Parameter::user].empty() ? Parameter::trustee : Parameter::user];
  event.set(Field::trustee, arena.lower(tail(trustee, '/')));
  event.set(Field::access_rights, r[Parameter::access_rights]);
  if (iequals(r[Parameter::access_rights], "none")) event.activity = Activity::delegation_remove;
}

void describe_role(const Record& r, Arena& arena, Event& event) {
  const std::string_view role = r[Parameter::role];
  event.set(Field::role, role.empty() ? tail(r[r[Parameter::identity].empty() ? Parameter::name : Parameter::identity], '/') : role);
  std::string_view target = r[Parameter::member];
  if (target.empty()) target = r[Parameter::user];
  if (target.empty()) target = r[Parameter::security_group];
  event.set(Field::target, arena.lower(target));
}

void describe_protocols(const Record& r, Arena& arena, Event& event) {
  static constexpr std::array switches{std::pair{Parameter::pop, "PopEnabled"},
                                       std::pair{Parameter::imap, "ImapEnabled"},
                                       std::pair{Parameter::ews, "EwsEnabled"},
                                       std::pair{Parameter::active_sync, "ActiveSyncEnabled"},
                                       std::pair{Parameter::mapi, "MAPIEnabled"},
                                       std::pair{Parameter::owa, "OWAEnabled"},
                                       std::pair{Parameter::smtp_auth_disabled, "SmtpClientAuthentication"}};
  Words on(arena);
  Words off(arena);
  for (const auto& [parameter, label] : switches) {
    const bool negated = parameter == Parameter::smtp_auth_disabled;
    if (is_true(r[parameter])) (negated ? off : on).add(label);
    if (is_false(r[parameter])) (negated ? on : off).add(label);
  }
  event.set(Field::target, object_of(r, arena));
  if (!on.view().empty()) event.activity = Activity::protocol_enable;
  event.set(Field::property, on.view().empty() ? off.view() : on.view());
  event.set(Field::new_value, on.view().empty() ? (off.view().empty() ? "" : "False") : "True");
}

void describe_transport(const Record& r, Arena& arena, Event& event) {
  TextBuilder to(arena);
  Words actions(arena);
  for (const Parameter p : {Parameter::blind_copy, Parameter::copy_message, Parameter::add_recipients}) {
    to.add(addresses_in(r[p], arena), ";");
    if (!r[p].empty()) actions.add("forward");
  }
  to.add(addresses_in(r[Parameter::redirect_message], arena), ";");
  if (!r[Parameter::redirect_message].empty()) actions.add("redirect");
  if (is_true(r[Parameter::delete_message])) actions.add("delete");
  event.set(Field::rule_name, r[Parameter::name].empty() ? tail(r[Parameter::identity], '\\') : r[Parameter::name]);
  event.set(Field::rule_condition, others_of(r, arena));
  event.set(Field::rule_action, actions.view());
  event.set(Field::forward_to, to.view());
}

void describe_audit(const Record& r, Arena& arena, Event& event) {
  if (is_false(r[Parameter::ingestion]) || is_false(r[Parameter::admin_audit]) || is_true(r[Parameter::audit_disabled]) ||
      is_true(r[Parameter::audit_bypass]))
    event.activity = Activity::audit_disable;
  event.set(Field::target, object_of(r, arena));
  set_others(r, arena, event);
}

}  // namespace

bool describe_exchange(const Record& r, std::string_view plain, Arena& arena, Event& event) {
  const Operation* const known = operations.find(plain);
  if (known == nullptr && !is_policy_cmdlet(plain)) return false;
  const Operation operation = known != nullptr ? *known : Operation{Activity::policy_change, Kind::settings};
  event.activity = operation.activity;
  switch (operation.kind) {
    case Kind::rule:
      describe_rule(r, arena, event);
      break;
    case Kind::outlook_rule:
      describe_outlook_rule(r, arena, event);
      break;
    case Kind::mailbox:
      describe_mailbox(r, arena, event);
      break;
    case Kind::permission:
      describe_permission(r, arena, event);
      break;
    case Kind::role:
      describe_role(r, arena, event);
      break;
    case Kind::protocols:
      describe_protocols(r, arena, event);
      break;
    case Kind::transport:
      describe_transport(r, arena, event);
      break;
    case Kind::audit:
      describe_audit(r, arena, event);
      break;
    case Kind::settings:
      event.set(Field::target, object_of(r, arena));
      event.set(Field::rule_name, r[Parameter::name]);
      set_others(r, arena, event);
      break;
  }
  return true;
}

}  // namespace digue::formats::microsoft365
