#include <doctest/doctest.h>

#include "formats/microsoft365/testing.hpp"

using namespace digue;
using namespace digue::formats;
using testing::cmdlet;
using testing::record;
using testing::Trial;

TEST_CASE("ual: inbox rule that hides and forwards") {
  Trial t;
  t.json(microsoft365_ual,
         cmdlet("New-InboxRule", R"([{"Name":"AlwaysDeleteOutlookRulesBlob","Value":"False"},{"Name":"Force","Value":"False"},
      {"Name":"Name","Value":"."},{"Name":"SubjectOrBodyContainsWords","Value":"virement;facture;RIB"},
      {"Name":"MoveToFolder","Value":"Flux RSS"},{"Name":"ForwardTo","Value":"\"Relais\" [SMTP:Relais@Exemple.NET]"},
      {"Name":"MarkAsRead","Value":"True"},{"Name":"DeleteMessage","Value":"False"},{"Name":"StopProcessingRules","Value":"True"}])",
                R"("ObjectId":"EURPR01A001.PROD.OUTLOOK.COM\/Microsoft Exchange Hosted Organizations\/ch-exemple.fr\/cm\\.")"));
  CHECK(t.event().activity == Activity::rule_create);
  CHECK(t.event().outcome == Outcome::success);
  CHECK(t[Field::rule_name] == ".");
  CHECK(t[Field::rule_action] == "forward,move,mark_read,stop");
  CHECK(t[Field::forward_to] == "relais@exemple.net");
  CHECK(t[Field::dest_folder] == "Flux RSS");
  CHECK(t[Field::rule_condition] == "SubjectOrBodyContainsWords: virement;facture;RIB");
  CHECK(t.ip() == "203.0.113.9");

  const auto activity = [](std::string_view name) {
    return Trial().json(microsoft365_ual, cmdlet(name, R"([{"Name":"Identity","Value":"cm\\Relais"}])")).event().activity;
  };
  CHECK(activity("Set-InboxRule") == Activity::rule_change);
  CHECK(activity("Disable-InboxRule") == Activity::rule_change);
  CHECK(activity("Enable-InboxRule") == Activity::rule_change);
  CHECK(activity("Remove-InboxRule") == Activity::rule_remove);
  Trial named;
  CHECK(named.json(microsoft365_ual, cmdlet("Set-InboxRule", R"([{"Name":"Identity","Value":"cm\\Relais"}])"))[Field::rule_name] ==
        "Relais");
  Trial tail;
  CHECK(tail.json(microsoft365_ual, cmdlet("New-InboxRule", "[]", R"("ObjectId":"ch-exemple.fr\/cm\\Tri")"))[Field::rule_name] == "Tri");
  Trial empty;  // a name given as empty is not replaced
  CHECK(empty.json(microsoft365_ual,
                   cmdlet("New-InboxRule", R"([{"Name":"Name","Value":""}])", R"("ObjectId":"x\\y")"))[Field::rule_name] == "");
}

TEST_CASE("ual: Outlook's own rules") {
  const auto rule = [](std::string_view operation, std::string_view actions) {
    return record("UpdateInboxRules", 2,
                  R"("ClientIPAddress":"198.51.100.8","MailboxOwnerUPN":"claire.martin@ch-exemple.fr","LogonType":0,"OperationProperties":[
        {"Name":"RuleOperation","Value":")" +
                      std::string(operation) + R"j("},{"Name":"RuleName","Value":"a"},{"Name":"RuleState","Value":"Enabled"},
        {"Name":"RuleCondition","Value":"(SubString(Subject, virement))"},{"Name":"RuleActions","Value":)j" +
                      std::string(actions) + "}]");
  };
  Trial t;
  t.json(
      microsoft365_ual,
      rule(
          "AddMailboxRule",
          R"("[{\"ActionType\":\"Forward\",\"Recipients\":[\"Relais@exemple.net\"],\"ForwardFlags\":\"Delete\"},{\"ActionType\":\"MarkAsRead\"}]")"));
  CHECK(t.event().activity == Activity::rule_create);
  CHECK(t[Field::rule_action] == "forward,mark_read");
  CHECK(t[Field::forward_to] == "relais@exemple.net");
  CHECK(t[Field::rule_name] == "a");
  CHECK(t[Field::rule_condition] == "(SubString(Subject, virement))");
  CHECK(t[Field::target] == "");
  CHECK(Trial().json(microsoft365_ual, rule("ModifyMailboxRule", R"("PermanentDelete")")).event().activity == Activity::rule_change);
  CHECK(Trial().json(microsoft365_ual, rule("ModifyMailboxRule", R"("PermanentDelete")"))[Field::rule_action] == "delete");
  CHECK(Trial().json(microsoft365_ual, rule("RemoveMailboxRule", "null")).event().activity == Activity::rule_remove);
  CHECK(Trial().json(microsoft365_ual, rule("Create", R"("MoveToFolder")")).event().activity == Activity::rule_create);
}

TEST_CASE("ual: forwarding set is told from forwarding removed") {
  Trial set;
  set.json(microsoft365_ual, cmdlet("Set-Mailbox", R"([{"Name":"Identity","Value":"EURPR01A001.PROD\/Org\/ch-exemple.fr\/Claire.Martin"},
      {"Name":"ForwardingSmtpAddress","Value":"smtp:Ex@Exemple.net"},{"Name":"DeliverToMailboxAndForward","Value":"False"}])"));
  CHECK(set.event().activity == Activity::forwarding_set);
  CHECK(set[Field::forward_to] == "ex@exemple.net");
  CHECK(set[Field::keep_copy] == "false");
  CHECK(set[Field::target] == "claire.martin");
  const auto activity = [](std::string_view parameters) {
    return Trial().json(microsoft365_ual, cmdlet("Set-Mailbox", parameters)).event().activity;
  };
  CHECK(activity(R"([{"Name":"ForwardingSmtpAddress","Value":""}])") == Activity::forwarding_remove);
  CHECK(activity(R"([{"Name":"ForwardingAddress","Value":"$null"}])") == Activity::forwarding_remove);
  CHECK(activity(R"([{"Name":"ForwardingSmtpAddress","Value":null}])") == Activity::forwarding_remove);
  CHECK(activity(R"([{"Name":"ForwardingAddress","Value":"Compta"},{"Name":"ForwardingSmtpAddress","Value":""}])") ==
        Activity::forwarding_set);
  CHECK(activity(R"([{"Name":"AuditEnabled","Value":"False"}])") == Activity::audit_disable);
  CHECK(activity(R"([{"Name":"AuditEnabled","Value":"True"}])") == Activity::account_change);
  CHECK(activity(R"([{"Name":"AuditLogAgeLimit","Value":"00:00:00"}])") == Activity::audit_disable);
  CHECK(activity(R"([{"Name":"GrantSendOnBehalfTo","Value":"paul@ch-exemple.fr"}])") == Activity::delegation_add);
  CHECK(activity(R"("-ForwardingSmtpAddress x")") == Activity::account_change);
}

TEST_CASE("ual: delegation, protocols, audit, transport") {
  Trial full;
  full.json(microsoft365_ual, cmdlet("Add-MailboxPermission", R"([{"Name":"Identity","Value":"Direction@ch-exemple.fr"},
      {"Name":"AccessRights","Value":"FullAccess"},{"Name":"User","Value":"Claire.Martin@ch-exemple.fr"}])"));
  CHECK(full.event().activity == Activity::delegation_add);
  CHECK(full[Field::target] == "direction@ch-exemple.fr");
  CHECK(full[Field::trustee] == "claire.martin@ch-exemple.fr");
  CHECK(full[Field::access_rights] == "FullAccess");
  Trial folder;
  folder.json(microsoft365_ual,
              cmdlet("Set-MailboxFolderPermission", R"([{"Name":"Identity","Value":"direction@ch-exemple.fr:\\Boîte de réception"},
      {"Name":"User","Value":"Default"},{"Name":"AccessRights","Value":"Reviewer"}])"));
  CHECK(folder[Field::folder] == "\\Boîte de réception");
  CHECK(folder[Field::target] == "direction@ch-exemple.fr");
  CHECK(folder[Field::trustee] == "default");

  const auto activity = [](std::string_view name, std::string_view parameters) {
    return Trial().json(microsoft365_ual, cmdlet(name, parameters)).event().activity;
  };
  CHECK(activity("Remove-MailboxPermission", "[]") == Activity::delegation_remove);
  CHECK(activity("Add-RecipientPermission", R"([{"Name":"Trustee","Value":"x"}])") == Activity::delegation_add);
  CHECK(activity("Set-CASMailbox", R"([{"Name":"ImapEnabled","Value":"True"}])") == Activity::protocol_enable);
  CHECK(activity("Set-CASMailbox", R"([{"Name":"SmtpClientAuthenticationDisabled","Value":"False"}])") == Activity::protocol_enable);
  CHECK(activity("Set-CASMailbox", R"([{"Name":"PopEnabled","Value":"False"}])") == Activity::account_change);
  CHECK(activity("Set-AdminAuditLogConfig", R"([{"Name":"UnifiedAuditLogIngestionEnabled","Value":"False"}])") == Activity::audit_disable);
  CHECK(activity("Set-AdminAuditLogConfig", R"([{"Name":"UnifiedAuditLogIngestionEnabled","Value":"True"}])") == Activity::policy_change);
  CHECK(activity("Set-MailboxAuditBypassAssociation", R"([{"Name":"AuditBypassEnabled","Value":"True"}])") == Activity::audit_disable);
  CHECK(activity("New-InboundConnector", "[]") == Activity::policy_change);
  CHECK(activity("Remove-AntiPhishPolicy", "[]") == Activity::policy_change);
  CHECK(activity("Add-RoleGroupMember", "[]") == Activity::role_add);
  CHECK(activity("New-ComplianceSearch", "[]") == Activity::export_content);
  Trial cas;
  cas.json(microsoft365_ual, cmdlet("Set-CASMailbox", R"([{"Name":"ImapEnabled","Value":"True"},{"Name":"PopEnabled","Value":"True"}])"));
  CHECK(cas[Field::property] == "PopEnabled,ImapEnabled");
  Trial transport;
  transport.json(microsoft365_ual,
                 cmdlet("New-TransportRule", R"([{"Name":"Name","Value":"Copie"},{"Name":"BlindCopyTo","Value":"x@exemple.net"}])"));
  CHECK(transport.event().activity == Activity::policy_change);
  CHECK(transport[Field::forward_to] == "x@exemple.net");
}

TEST_CASE("ual: addresses out of what rules and cmdlets write") {
  const auto to = [](std::string_view value) {
    Trial t;
    return std::string(t.json(
        microsoft365_ual, cmdlet("New-InboxRule", R"([{"Name":"ForwardTo","Value":")" + std::string(value) + R"("}])"))[Field::forward_to]);
  };
  CHECK(to("smtp:A@exemple.net") == "a@exemple.net");
  CHECK(to("a@exemple.net;B@exemple.net; a@exemple.net") == "a@exemple.net;b@exemple.net");
  CHECK(to(R"(\"Paul D\" [SMTP:paul.d@exemple.net])") == "paul.d@exemple.net");
  CHECK(to(R"(Paul <paul.d@exemple.net>.)") == "paul.d@exemple.net");
  CHECK(to(R"(\"Paul D\" [EX:/o=ExchangeLabs/cn=Paul])") == "\"paul d\" [ex:/o=exchangelabs/cn=paul]");
  CHECK(to("") == "");
  CHECK(to("@") == "@");
}
