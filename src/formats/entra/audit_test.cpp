#include <doctest/doctest.h>

#include "formats/microsoft365/testing.hpp"

using namespace digue;
using namespace digue::formats;
using testing::Trial;

namespace {

std::string audit(std::string_view activity, std::string_view targets, std::string_view more = "") {
  return R"({"id":"Directory_AB_1","category":"UserManagement","correlationId":"c","result":"success","resultReason":"","activityDisplayName":")" +
         std::string(activity) + R"(","activityDateTime":"2026-03-02T21:14:05.25Z","loggedByService":"Core Directory",)" +
         std::string(more) +
         R"("initiatedBy":{"app":null,"user":{"id":"u","displayName":null,"userPrincipalName":"Admin@ch-exemple.fr","ipAddress":"203.0.113.9","roles":[]}},
         "targetResources":)" +
         std::string(targets) + R"(,"additionalDetails":[{"key":"User-Agent","value":"python-requests/2.31"}]})";
}

}  // namespace

TEST_CASE("entra audit: a role given, Graph record") {
  Trial t;
  t.json(entra_audit, audit("Add member to role",
                            R"([{"id":"1","displayName":null,"type":"User","userPrincipalName":"Paul@ch-exemple.fr","groupType":null,
      "modifiedProperties":[{"displayName":"Role.DisplayName","oldValue":null,"newValue":"\"Exchange Administrator\""}]},
      {"id":"2","displayName":"x","type":"Role","modifiedProperties":[]}])"));
  REQUIRE(t.parsed.status == Status::event);
  CHECK(t.event().activity == Activity::role_add);
  CHECK(t.event().outcome == Outcome::success);
  CHECK(t.event().time == 1772486045250000);
  CHECK(t.event().account == "admin@ch-exemple.fr");
  CHECK(t.event().operation == "Add member to role");
  CHECK(t.event().uid == "Directory_AB_1");
  CHECK(t.ip() == "203.0.113.9");
  CHECK(t[Field::role] == "Exchange Administrator");
  CHECK(t[Field::target] == "paul@ch-exemple.fr");
  CHECK(t[Field::user_agent] == "python-requests/2.31");
}

TEST_CASE("entra audit: the same activities as the audit log's directory records") {
  const auto activity = [](std::string_view name, std::string_view targets = "[]") {
    return Trial().json(entra_audit, audit(name, targets)).event().activity;
  };
  CHECK(activity("User registered security info") == Activity::mfa_add);
  CHECK(activity("User deleted security info") == Activity::mfa_remove);
  CHECK(activity("Disable Strong Authentication") == Activity::mfa_disable);
  CHECK(activity("Reset password (self-service)") == Activity::password_reset);
  CHECK(activity("Update conditional access policy") == Activity::policy_change);
  CHECK(activity("Invite external user") == Activity::account_create);
  CHECK(activity("Add member to role in PIM completed (permanent)") == Activity::role_add);
  CHECK(activity("Add member to role in PIM requested (permanent)") == Activity::other);
  CHECK(activity("Update user", R"([{"type":"User","modifiedProperties":[{"displayName":"StrongAuthenticationMethod",
      "oldValue":"[]","newValue":"[{\"MethodType\":6}]"}]}])") == Activity::mfa_add);
  Trial consent;
  consent.json(entra_audit,
               audit("Consent to application", R"([{"displayName":"Mail Helper","type":"ServicePrincipal","modifiedProperties":[
      {"displayName":"ConsentAction.Permissions","oldValue":"\"\"","newValue":"\"[] => [[Id: a, ConsentType: Principal, Scope: Mail.Read offline_access, CreatedDateTime: ]]; \""}]}])"));
  CHECK(consent.event().activity == Activity::consent);
  CHECK(consent[Field::scopes] == "Mail.Read offline_access");
  CHECK(consent[Field::consent_type] == "Principal");
  CHECK(consent[Field::app_name] == "Mail Helper");
  Trial mfa;
  mfa.json(entra_audit, audit("User registered security info", "[]",
                              R"("resultReason":"User registered Authenticator App with Notification and Code",)"));
  CHECK(mfa[Field::mfa_detail] == "User registered Authenticator App with Notification and Code");
}

TEST_CASE("entra audit: envelope of diagnostic settings, applications as actors, failures") {
  Trial t;
  t.json(
      entra_audit,
      R"({"time":"2026-03-02T21:14:05Z","category":"AuditLogs","operationName":"Add service principal credentials","resultSignature":"None",
      "properties":{"id":"D","category":"ApplicationManagement","activityDisplayName":"Add service principal credentials","activityDateTime":"2026-03-02T16:14:05-05:00",
      "result":"failure","resultReason":"refused","initiatedBy":{"app":{"displayName":"Synchro","servicePrincipalId":"SP1"}},
      "additionalDetails":[{"key":"ipaddr","value":"198.51.100.3"}],"targetResources":[{"displayName":"App","type":"ServicePrincipal","modifiedProperties":[]}]}})");
  REQUIRE(t.parsed.status == Status::event);
  CHECK(t.event().activity == Activity::app_credential_add);
  CHECK(t.event().outcome == Outcome::failure);
  CHECK(t.event().time == 1772486045000000);
  CHECK(t.event().account == "serviceprincipal_sp1");
  CHECK(t.ip() == "198.51.100.3");
  CHECK(t[Field::error_text] == "refused");
  CHECK(t[Field::app_name] == "App");
}

TEST_CASE("entra audit: what is no audit is left to others, damage is rejected") {
  const auto status = [](std::string_view text) { return Trial().json(entra_audit, text).parsed.status; };
  CHECK(status(R"({"time":"2026-03-02T21:14:05Z","category":"SignInLogs","operationName":"Sign-in activity","properties":{}})") ==
        Status::not_mine);
  CHECK(status(R"({"CreationTime":"2026-03-02T21:14:05","Operation":"Add user.","Id":"x","RecordType":8})") == Status::not_mine);
  CHECK(status(R"({"activityDateTime":"hier","activityDisplayName":"x"})") == Status::malformed);
  CHECK(status(R"({"activityDateTime":"2026-03-02T21:14:05Z","activityDisplayName":"x")") == Status::malformed);
}
