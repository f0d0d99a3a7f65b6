#include <doctest/doctest.h>

#include "detect/detector.hpp"
#include "model/test_rows.hpp"

namespace digue::detect {

using namespace test;

namespace {

std::vector<Finding> only(std::vector<Finding> findings, std::string_view rule) {
  std::erase_if(findings, [&](const Finding& finding) { return finding.rule != rule; });
  return findings;
}

bool says(const std::vector<Text>& texts, std::string_view key) {
  return std::any_of(texts.begin(), texts.end(), [&](const Text& text) { return text.key == key; });
}

bool has(const Finding& finding, std::string_view technique) {
  return std::find(finding.techniques.begin(), finding.techniques.end(), technique) != finding.techniques.end();
}

/// The one finding of `rule` that a lone row gives.
Finding lone(std::string_view rule, Activity activity, Details details, const Where& where = home) {
  Rows rows;
  rows.add(at(0), activity, where, std::move(details));
  const auto findings = only(detect(rows.view()), rule);
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].records.size() == 1);
  return findings[0];
}

}  // namespace

TEST_CASE("inbox rule: deletes, hides, marks read, with a name and words that give it away") {
  const auto finding = lone("inbox_rule", Activity::rule_create,
                            {{Field::rule_name, ".."},
                             {Field::rule_condition, "virement;facture"},
                             {Field::rule_action, "move,mark_read"},
                             {Field::dest_folder, "Flux RSS"}});
  CHECK(finding.severity == Severity::high);
  CHECK(finding.confidence > 0.7);
  CHECK(has(finding, "T1564.008"));
  CHECK(says(finding.why, "why.rule_moves_hidden"));
  CHECK(says(finding.why, "why.rule_marks_read"));
  CHECK(says(finding.why, "why.rule_name"));
  CHECK(says(finding.why, "why.rule_words"));
  CHECK(has(lone("inbox_rule", Activity::rule_create,
                 {{Field::rule_name, "Direct"}, {Field::rule_condition, "Attention"}, {Field::rule_action, "delete,stop"}}),
            "T1564.008"));
}

TEST_CASE("inbox rule: forwarding outside is told with the address, inside it is a low matter") {
  const auto outside =
      lone("inbox_rule", Activity::rule_change,
           {{Field::rule_name, "Sauvegarde"}, {Field::rule_action, "forward"}, {Field::forward_to, "collecte@boite-rapide.example"}});
  CHECK(outside.severity == Severity::high);
  CHECK(has(outside, "T1114.003"));
  CHECK(outside.why.front() == Text{"why.rule_forwards_outside", {"Sauvegarde", "collecte@boite-rapide.example"}});
  const auto inside =
      lone("inbox_rule", Activity::rule_create,
           {{Field::rule_name, "Copie secrétariat"}, {Field::rule_action, "forward"}, {Field::forward_to, "secretariat@ch-exemple.fr"}});
  CHECK(inside.severity == Severity::low);
  CHECK(inside.confidence < 0.3);
}

TEST_CASE("inbox rule: filing newsletters is informational") {
  const auto finding = lone("inbox_rule", Activity::rule_create,
                            {{Field::rule_name, "Lettres d'information"},
                             {Field::rule_condition, "lettre@editeur.example"},
                             {Field::rule_action, "move"},
                             {Field::dest_folder, "À lire"}});
  CHECK(finding.severity == Severity::informational);
  CHECK(finding.confidence < 0.1);
  CHECK(says(finding.benign, "benign.ordinary_rule"));
  const auto deleted =
      lone("inbox_rule", Activity::rule_create,
           {{Field::rule_name, "Publicités"}, {Field::rule_condition, "newsletter@boutique.example"}, {Field::rule_action, "delete"}});
  CHECK(says(deleted.benign, "benign.newsletter"));
  CHECK(deleted.severity == Severity::low);
}

TEST_CASE("inbox rule: removed soon after is told, and whoever removed it is not blamed") {
  Rows rows;
  rows.add(at(0, 4), Activity::rule_create, lagos, {{Field::rule_name, "x."}, {Field::rule_action, "delete"}});
  rows.add(at(0, 9), Activity::rule_remove, hospital, {{Field::rule_name, "x."}});
  const auto findings = only(detect(rows.view()), "inbox_rule");
  REQUIRE(findings.size() == 1);
  CHECK(says(findings[0].why, "why.rule_removed_soon"));
  CHECK(findings[0].records.size() == 2);
  CHECK(findings[0].sessions == std::vector<std::uint32_t>{0});
}

TEST_CASE("inbox rule: a rule that failed to be made is none") {
  Rows rows;
  rows.add(at(0), Activity::rule_create, lagos, {{Field::rule_name, "."}, {Field::rule_action, "delete"}}, Outcome::failure);
  CHECK(only(detect(rows.view()), "inbox_rule").empty());
}

TEST_CASE("forwarding: outside without a copy, set and removed eleven seconds later: both are kept") {
  Rows rows;
  rows.add(at(0, 5, 14, 30), Activity::forwarding_set, lagos,
           {{Field::forward_to, "copie@boite-rapide.example"}, {Field::keep_copy, "false"}});
  rows.add(at(0, 5, 14, 41), Activity::forwarding_remove, lagos);
  const auto findings = only(detect(rows.view()), "mailbox_forwarding");
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].records.size() == 2);
  CHECK(has(findings[0], "T1114.003"));
  CHECK(has(findings[0], "T1114"));
  CHECK(says(findings[0].why, "why.forwarding_no_copy"));
  CHECK(findings[0].why.back().key == "why.forwarding_removed_soon");
  CHECK(findings[0].why.back().args[1] == "11");
}

TEST_CASE("forwarding: to a colleague is low") {
  const auto finding =
      lone("mailbox_forwarding", Activity::forwarding_set, {{Field::forward_to, "remplacant@ch-exemple.fr"}, {Field::keep_copy, "true"}});
  CHECK(finding.severity == Severity::low);
  CHECK(says(finding.benign, "benign.internal_address"));
}

TEST_CASE("forwarding: without known own domains the account's own domain decides") {
  Rows rows;
  rows.profile.own_domains.clear();
  rows.add(at(0), Activity::forwarding_set, home, {{Field::forward_to, "copie@ailleurs.example"}});
  rows.add(at(0, 10), Activity::forwarding_set, home, {{Field::forward_to, "x@ch-exemple.fr"}});
  const auto findings = only(detect(rows.view()), "mailbox_forwarding");
  REQUIRE(findings.size() == 2);
  CHECK(findings[0].severity == Severity::high);
  CHECK(findings[1].severity == Severity::low);
}

TEST_CASE("filter effects: mail passed on outside is counted by destination; discards are a low matter") {
  Rows rows;
  for (int k = 0; k < 6; ++k)
    rows.add(at(0, 8 + k), Activity::rule_effect, nowhere,
             {{Field::rule_action, "redirect"}, {Field::forward_to, "archive@boite-rapide.example"}});
  rows.add(at(0, 20), Activity::rule_effect, nowhere, {{Field::rule_action, "discard"}});
  rows.add(at(0, 21), Activity::rule_effect, nowhere, {{Field::rule_action, "redirect"}, {Field::forward_to, "service@ch-exemple.fr"}});
  const auto findings = only(detect(rows.view()), "rule_effect");
  REQUIRE(findings.size() == 2);
  CHECK(has(findings[0], "T1114.003"));
  CHECK(findings[0].records_total == 6);
  CHECK(findings[0].why.front().args[1] == "archive@boite-rapide.example");
  CHECK(findings[1].severity == Severity::low);
}

TEST_CASE("delegation: by an administrator, by the platform's own service, to everybody") {
  const Details full{
      {Field::target, "direction@ch-exemple.fr"}, {Field::trustee, "autre@ch-exemple.fr"}, {Field::access_rights, "FullAccess"}};
  const auto plain = lone("delegation", Activity::delegation_add, full);
  CHECK(plain.severity == Severity::medium);
  CHECK(has(plain, "T1098.002"));
  Details by_service = full;
  by_service.emplace_back(Field::system_actor, "true");
  const auto service = lone("delegation", Activity::delegation_add, by_service);
  CHECK(service.severity == Severity::informational);
  CHECK(says(service.benign, "benign.platform_service"));
  const auto everyone = lone("delegation", Activity::delegation_add, {{Field::trustee, "Default"}, {Field::access_rights, "Reviewer"}});
  CHECK(everyone.severity == Severity::high);
  CHECK(says(everyone.why, "why.delegation_everyone"));
}

TEST_CASE("consent: rights on mail weigh more than a sign-in; records of one consent are one finding") {
  const auto plain = lone("consent", Activity::consent, {{Field::app_id, "a"}, {Field::scopes, "openid profile User.Read"}});
  CHECK(plain.severity == Severity::low);
  Rows rows;
  rows.add(at(0, 9, 0), Activity::consent, nowhere,
           {{Field::app_id, "b"}, {Field::scopes, "openid offline_access Mail.Read"}, {Field::consent_type, "AllPrincipals"}});
  rows.add(at(0, 9, 1), Activity::consent, nowhere, {{Field::app_id, "b"}, {Field::scopes, "Mail.Read"}});
  const auto findings = only(detect(rows.view()), "consent");
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].records.size() == 2);
  CHECK(findings[0].severity == Severity::high);
  CHECK(has(findings[0], "T1528"));
  CHECK(says(findings[0].why, "why.consent_all"));
}

TEST_CASE("application registered: a local reply address raises") {
  const auto plain = lone("app_registration", Activity::app_create, {{Field::app_name, "Portail RH"}});
  CHECK(has(plain, "T1550.001"));
  CHECK(has(plain, "T1098.001"));
  const auto tool =
      lone("app_registration", Activity::app_create, {{Field::app_name, "clone"}, {Field::new_value, "http://localhost:53682/"}});
  CHECK(tool.severity == Severity::high);
  CHECK(tool.confidence > plain.confidence);
}

TEST_CASE("second factor added: after a doubtful access it is grave, in the usual place it is a new telephone") {
  Rows attack;
  attack.live(0, 6);
  attack.sign_in(at(6, 3), lagos);
  attack.add(at(6, 3, 9), Activity::mfa_add, nowhere, {{Field::mfa_detail, "authenticator"}});
  auto findings = only(detect(attack.view()), "mfa_method_added");
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].severity == Severity::high);
  CHECK(has(findings[0], "T1098.005"));
  CHECK(has(findings[0], "T1556.006"));
  CHECK(says(findings[0].why, "why.after_doubtful_access"));
  Rows usual;
  usual.live(0, 6);
  usual.add(at(6, 8), Activity::mfa_add, hospital);
  findings = only(detect(usual.view()), "mfa_method_added");
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].severity == Severity::low);
  CHECK(says(findings[0].benign, "benign.new_phone"));
  CHECK(findings[0].confidence < 0.15);
}

TEST_CASE("administration: techniques of each action") {
  CHECK(has(lone("mfa_disabled", Activity::mfa_disable, {}), "T1556.006"));
  CHECK(has(lone("mfa_disabled", Activity::mfa_disable, {}), "T1556"));
  for (const char* technique : {"T1098.003", "T1098", "T1098.001"})
    CHECK(has(lone("role_given", Activity::role_add, {{Field::role, "Company Administrator"}, {Field::target, "alex@ch-exemple.fr"}}),
              technique));
  CHECK(has(lone("access_removed", Activity::role_remove, {{Field::target, "alex@ch-exemple.fr"}}), "T1531"));
  CHECK(has(lone("access_removed", Activity::account_delete, {{Field::target, "alex@ch-exemple.fr"}}), "T1531"));
  CHECK(has(lone("account_created", Activity::account_create, {{Field::target, "nouveau@ch-exemple.fr"}}), "T1136.003"));
  CHECK(
      has(lone("protocol_enabled", Activity::protocol_enable, {{Field::property, "PopEnabled"}, {Field::new_value, "True"}}), "T1114.002"));
  CHECK(has(lone("audit_disabled", Activity::audit_disable, {{Field::property, "UnifiedAuditLogIngestionEnabled"}}), "T1562.008"));
  CHECK(has(lone("audit_disabled", Activity::audit_disable, {}), "T1562"));
}

TEST_CASE("administration: a role that administers weighs more than another, a protocol switched off is no finding") {
  CHECK(lone("role_given", Activity::role_add, {{Field::role, "Company Administrator"}}).severity == Severity::high);
  CHECK(lone("role_given", Activity::role_add, {{Field::role, "Message Center Reader"}}).severity == Severity::medium);
  Rows rows;
  rows.add(at(0), Activity::protocol_enable, home, {{Field::property, "PopEnabled"}, {Field::new_value, "False"}});
  CHECK(only(detect(rows.view()), "protocol_enabled").empty());
}

TEST_CASE("policies: a mail flow rule that copies outside is collection, a protection taken away is evasion") {
  Rows rows;
  auto& copy = rows.add(at(0), Activity::policy_change, home, {{Field::forward_to, "copie@boite-rapide.example"}});
  copy.operation = "New-TransportRule";
  auto& weaker = rows.add(at(0, 10), Activity::policy_change, home, {{Field::property, "Enabled"}});
  weaker.operation = "Set-AntiPhishPolicy";
  auto& unknown = rows.add(at(0, 11), Activity::policy_change, home);
  unknown.operation = "Set-Something";
  const auto findings = only(detect(rows.view()), "policy_changed");
  REQUIRE(findings.size() == 3);
  CHECK(findings[0].techniques == std::vector<std::string>{"T1114.003"});
  CHECK(findings[0].severity == Severity::high);
  CHECK(has(findings[1], "T1562.001"));
  CHECK(findings[2].severity == Severity::informational);
}

TEST_CASE("mass sending: far beyond the account's habit, outside, after a doubtful access") {
  Rows rows;
  rows.live(0, 6);
  rows.sign_in(at(6, 15), lagos, "evil");
  for (int k = 0; k < 80; ++k)
    rows.add(at(6, 15, 6, 7 * k), Activity::mail_send, lagos,
             {{Field::session, "evil"},
              {Field::subject, "Document partagé"},
              {Field::recipients, "client" + std::to_string(k) + "@dehors.example"}});
  const auto findings = only(detect(rows.view()), "mass_sending");
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].severity == Severity::high);
  CHECK(findings[0].confidence > 0.8);
  CHECK(has(findings[0], "T1534"));
  CHECK(findings[0].why.front().args == std::vector<std::string>{"80", "80", "80", "1"});
  CHECK(says(findings[0].why, "why.same_subject"));
  CHECK(says(findings[0].why, "why.sent_outside"));
}

TEST_CASE("mass sending: the mailing of human resources from the usual place is lowered; the one of every week is no finding") {
  std::string everyone;
  for (int k = 0; k < 400; ++k) everyone += (k ? ";agent" : "agent") + std::to_string(k) + "@ch-exemple.fr";
  Rows once;
  once.live(0, 6);
  once.add(at(5, 9), Activity::mail_send, hospital, {{Field::recipients, everyone}});
  auto findings = only(detect(once.view()), "mass_sending");
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].severity == Severity::low);
  CHECK(says(findings[0].benign, "benign.internal_mailing"));
  CHECK(findings[0].confidence < 0.3);
  Rows weekly;
  weekly.live(0, 10);
  weekly.add(at(1, 9), Activity::mail_send, hospital, {{Field::recipients, everyone}});
  weekly.add(at(8, 9), Activity::mail_send, hospital, {{Field::recipients, everyone}});
  CHECK(only(detect(weekly.view()), "mass_sending").empty());
}

TEST_CASE("mass deletion and mass download: counted by items within an hour") {
  Rows rows;
  for (int k = 0; k < 9; ++k) rows.add(at(0, 16, k), Activity::mail_purge, lagos, {{Field::count, "20"}});
  for (int k = 0; k < 70; ++k) rows.add(at(0, 17, 0, 4 * k), Activity::file_download, lagos);
  const auto all = detect(rows.view());
  const auto deletion = only(all, "mass_deletion"), download = only(all, "mass_download");
  REQUIRE(deletion.size() == 1);
  CHECK(deletion[0].why.front().args[0] == "180");
  CHECK(has(deletion[0], "T1070.008"));
  REQUIRE(download.size() == 1);
  CHECK(download[0].why.front().args[0] == "70");
  CHECK(has(download[0], "T1530"));
  Rows few;
  for (int k = 0; k < 49; ++k) few.add(at(0, 16, k), Activity::mail_purge, lagos);
  CHECK(only(detect(few.view()), "mass_deletion").empty());
}

TEST_CASE("mail access: folders copied by a doubtful access, and the moment when reads were no longer recorded") {
  Rows rows;
  rows.live(0, 6);
  rows.sign_in(at(6, 3), lagos, "evil");
  rows.add(at(6, 3, 4), Activity::mail_sync, lagos, {{Field::session, "evil"}, {Field::folder, "\\Boîte de réception"}});
  rows.add(at(6, 4), Activity::mail_read, hospital, {{Field::session, "own"}, {Field::throttled, "true"}});
  const auto findings = only(detect(rows.view()), "mail_access");
  REQUIRE(findings.size() == 2);
  CHECK(has(findings[0], "T1114.002"));
  CHECK(says(findings[0].why, "why.folders_copied"));
  CHECK(says(findings[1].why, "why.reads_throttled"));
  Rows usual;
  usual.live(0, 6);
  usual.add(at(6, 8), Activity::mail_sync, hospital, {{Field::folder, "\\Boîte de réception"}});
  CHECK(only(detect(usual.view()), "mail_access").empty());
}

TEST_CASE("unusual hour: told once, never for those on night duty nor for a change of shift") {
  Rows rows;
  for (int day = 0; day < 10; ++day) rows.sign_in(at(day, 8), home);
  rows.sign_in(at(10, 2), home);
  rows.sign_in(at(10, 3), home);
  auto findings = only(detect(rows.view()), "unusual_hour");
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].severity == Severity::low);
  rows.profile.rosters = {{{"marie.durand@ch-exemple.fr"}, 20 * 60, 8 * 60}};
  CHECK(only(detect(rows.view()), "unusual_hour").empty());
  rows.profile.rosters = {{{"paul.martin@ch-exemple.fr"}, 20 * 60, 8 * 60}, {{"marie.durand@ch-exemple.fr"}, 20 * 60, 22 * 60}};
  CHECK(only(detect(rows.view()), "unusual_hour").size() == 1);
  Rows shift;
  for (int day = 0; day < 10; ++day) shift.sign_in(at(day, day < 6 ? 8 : 23), home);
  CHECK(only(detect(shift.view()), "unusual_hour").empty());
}

TEST_CASE("files: a link for everybody or an outside address is told, a colleague is not") {
  Rows rows;
  auto& link = rows.add(at(0), Activity::file_share, home, {{Field::file_name, "Annuaire.xlsx"}});
  link.operation = "AnonymousLinkCreated";
  rows.add(at(0, 12), Activity::file_share, home, {{Field::file_name, "Budget.xlsx"}, {Field::target, "x@dehors.example"}});
  rows.add(at(0, 15), Activity::file_share, home, {{Field::file_name, "Planning.xlsx"}, {Field::target, "paul@ch-exemple.fr"}});
  const auto findings = only(detect(rows.view()), "file_sharing");
  REQUIRE(findings.size() == 2);
  CHECK(says(findings[0].why, "why.shared_anonymous"));
  CHECK(says(findings[1].why, "why.shared_outside"));
  CHECK(has(findings[0], "T1567"));
}

TEST_CASE("searches for bank details and deleted warnings count after a doubtful access only") {
  const auto add = [](Rows& rows, const Where& where, int day) {
    rows.add(at(day, 3, 4), Activity::mail_search, where, {{Field::property, "query"}, {Field::new_value, "RIB fournisseur"}});
    rows.add(at(day, 3, 6), Activity::mail_purge, where, {{Field::subject, "Nouvelle connexion à votre compte"}});
    rows.add(at(day, 3, 7), Activity::mail_purge, where, {{Field::subject, "Planning de mars"}});
  };
  Rows attack;
  attack.live(0, 6);
  add(attack, lagos, 6);
  const auto findings = detect(attack.view());
  REQUIRE(only(findings, "sensitive_search").size() == 1);
  REQUIRE(only(findings, "notice_deletion").size() == 1);
  CHECK(only(findings, "notice_deletion")[0].records.size() == 1);
  CHECK(has(only(findings, "notice_deletion")[0], "T1070.008"));
  Rows usual;
  usual.live(0, 6);
  add(usual, hospital, 6);
  CHECK(only(detect(usual.view()), "sensitive_search").empty());
  CHECK(only(detect(usual.view()), "notice_deletion").empty());
}

TEST_CASE("password changed: only after a doubtful access") {
  Rows attack;
  attack.live(0, 6);
  attack.sign_in(at(6, 3), lagos);
  attack.add(at(6, 3, 9), Activity::password_change, nowhere);
  CHECK(only(detect(attack.view()), "password_changed").size() == 1);
  Rows usual;
  usual.live(0, 6);
  usual.add(at(6, 8), Activity::password_change, hospital);
  CHECK(only(detect(usual.view()), "password_changed").empty());
}

TEST_CASE("an action after a doubtful access is raised, in the usual place it is lowered, each time visibly") {
  const Details outside{{Field::forward_to, "copie@boite-rapide.example"}};
  Rows attack;
  attack.live(0, 6);
  attack.add(at(6, 3), Activity::forwarding_set, lagos, outside);
  Rows usual;
  usual.live(0, 6);
  usual.add(at(6, 9), Activity::forwarding_set, hospital, outside);
  const auto grave = only(detect(attack.view()), "mailbox_forwarding"), low = only(detect(usual.view()), "mailbox_forwarding");
  REQUIRE(grave.size() == 1);
  REQUIRE(low.size() == 1);
  CHECK(grave[0].confidence > 0.8);
  CHECK(low[0].confidence < 0.45);
  CHECK(says(low[0].benign, "benign.usual_place"));
}

}  // namespace digue::detect
