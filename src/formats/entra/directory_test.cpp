#include <doctest/doctest.h>

#include "formats/entra/json_text.hpp"
#include "formats/microsoft365/testing.hpp"

using namespace digue;
using namespace digue::formats;
using testing::Trial;

namespace {

/// A directory record of the audit log, its properties as {Name, NewValue, OldValue}.
std::string change(std::string_view operation, std::string_view properties, std::string_view more = "") {
  return R"({"CreationTime":"2026-03-02T21:14:05","Id":"d","Operation":")" + std::string(operation) +
         R"(","RecordType":8,"ResultStatus":"Success","UserType":0,"UserId":"admin@ch-exemple.fr","ClientIP":"198.51.100.1",)" +
         std::string(more) + R"("ObjectId":"Paul@ch-exemple.fr","ModifiedProperties":)" + std::string(properties) +
         R"(,"Target":[{"ID":"User_1","Type":2},{"ID":"Paul@ch-exemple.fr","Type":5}]})";
}

Activity activity(std::string_view operation, std::string_view properties = "[]") {
  return Trial().json(microsoft365_ual, change(operation, properties)).event().activity;
}

}  // namespace

TEST_CASE("directory: roles") {
  Trial add;
  add.json(microsoft365_ual, change("Add member to role.", R"([{"Name":"Role.ObjectID","NewValue":"6","OldValue":""},
      {"Name":"Role.DisplayName","NewValue":"Company Administrator","OldValue":""}])"));
  CHECK(add.event().activity == Activity::role_add);
  CHECK(add.event().outcome == Outcome::success);
  CHECK(add[Field::role] == "Company Administrator");
  CHECK(add[Field::target] == "paul@ch-exemple.fr");
  CHECK(add.event().account == "admin@ch-exemple.fr");
  CHECK(add.ip() == "none");
  Trial remove;
  remove.json(microsoft365_ual,
              change("Remove member from role.",
                     R"([{"Name":"Role.DisplayName","NewValue":"","OldValue":"[\r\n  \"Exchange Administrator\"\r\n]"}])"));
  CHECK(remove.event().activity == Activity::role_remove);
  CHECK(remove[Field::role] == "Exchange Administrator");
}

TEST_CASE("directory: names with final dot, EN DASH and blanks") {
  CHECK(activity("Update application \u2013 Certificates and secrets management ",
                 R"([{"Name":"KeyDescription","NewValue":"[\r\n  \"[KeyIdentifier=1,KeyType=Password]\"\r\n]","OldValue":"[]"}])") ==
        Activity::app_credential_add);
  CHECK(activity("Update application - Certificates and secrets management",
                 R"([{"Name":"KeyDescription","NewValue":"[]","OldValue":"[\"[KeyIdentifier=1]\"]"}])") == Activity::other);
  CHECK(activity("Update application.", R"([{"Name":"AppAddress","NewValue":"x","OldValue":"[]"}])") == Activity::other);
  CHECK(activity("UPDATE APPLICATION", R"([{"Name":"KeyDescription","NewValue":"[\"[KeyIdentifier=1]\"]","OldValue":"[]"}])") ==
        Activity::app_credential_add);
  CHECK(activity("Add service principal credentials.") == Activity::app_credential_add);
  CHECK(activity("Add user.") == Activity::account_create);
  CHECK(activity("Delete user.") == Activity::account_delete);
  CHECK(activity("Reset user password.") == Activity::password_reset);
  CHECK(activity("Change user password.") == Activity::password_change);
  CHECK(activity("Add registered owner to device.") == Activity::device_add);
  CHECK(activity("Disable Strong Authentication.") == Activity::mfa_disable);
  CHECK(activity("Disable account.") == Activity::account_disable);
  CHECK(activity("Set domain authentication.") == Activity::policy_change);
  CHECK(activity("Add application.") == Activity::app_create);
  CHECK(activity("Something new.") == Activity::other);
  CHECK(activity(std::string(500, 'x')) == Activity::other);
}

TEST_CASE("directory: consent, its scopes and who it is for") {
  Trial t;
  t.json(
      microsoft365_ual,
      change(
          "Consent to application.",
          R"([{"Name":"ConsentContext.IsAdminConsent","NewValue":"True","OldValue":""},{"Name":"ConsentContext.OnBehalfOfAll","NewValue":"True","OldValue":""},
       {"Name":"ConsentAction.Permissions","NewValue":"[] => [[Id: a, ClientId: b, PrincipalId: , ResourceId: c, ConsentType: AllPrincipals, Scope: User.Read Mail.Read offline_access, CreatedDateTime: , LastModifiedDateTime ], [Id: d, ConsentType: AllPrincipals, Scope: Files.Read Mail.Read]]; ","OldValue":""},
       {"Name":"TargetId.ServicePrincipalNames","NewValue":"4be1c2de;https://app.example","OldValue":""}])"));
  CHECK(t[Field::app_id] == "4be1c2de");
  CHECK(t.event().activity == Activity::consent);
  CHECK(t[Field::scopes] == "User.Read Mail.Read offline_access Files.Read");
  CHECK(t[Field::consent_type] == "AllPrincipals");
  Trial user;
  user.json(
      microsoft365_ual,
      R"({"CreationTime":"2026-03-02T21:14:05","Id":"d","Operation":"Consent to application.","RecordType":8,"UserId":"a@ch-exemple.fr",
      "ModifiedProperties":[{"Name":"ConsentContext.OnBehalfOfAll","NewValue":"False"}],"ObjectId":"guid","Target":[{"ID":"Mail Helper","Type":1}]})");
  CHECK(user[Field::consent_type] == "Principal");
  CHECK(user[Field::app_name] == "Mail Helper");
  Trial grant;
  grant.json(microsoft365_ual, change("Add delegated permission grant.",
                                      R"([{"Name":"DelegatedPermissionGrant.Scope","NewValue":" Mail.ReadWrite Mail.Send","OldValue":""},
      {"Name":"DelegatedPermissionGrant.ConsentType","NewValue":"Principal","OldValue":""}])"));
  CHECK(grant[Field::scopes] == "Mail.ReadWrite Mail.Send");
  CHECK(grant[Field::consent_type] == "Principal");
}

TEST_CASE("directory: second factor added, removed, no longer required") {
  const auto update = [](std::string_view name, std::string_view before, std::string_view after) {
    return activity("Update user.", R"([{"Name":")" + std::string(name) + R"(","NewValue":)" + std::string(after) + R"(,"OldValue":)" +
                                        std::string(before) + R"(},{"Name":"Included Updated Properties","NewValue":")" +
                                        std::string(name) + R"("}])");
  };
  const std::string one = R"("[{\"MethodType\":6,\"Default\":true}]")";
  const std::string two =
      R"("[\r\n  {\r\n    \"MethodType\": 6,\r\n    \"Default\": true\r\n  },\r\n  {\r\n    \"MethodType\": 7\r\n  }\r\n]")";
  CHECK(update("StrongAuthenticationMethod", "\"[]\"", one) == Activity::mfa_add);
  CHECK(update("StrongAuthenticationMethod", one, two) == Activity::mfa_add);
  CHECK(update("StrongAuthenticationMethod", two, one) == Activity::mfa_remove);
  CHECK(update("StrongAuthenticationMethod", one, "\"[]\"") == Activity::mfa_remove);
  CHECK(update("StrongAuthenticationMethod", one, one) == Activity::account_change);
  CHECK(update("StrongAuthenticationRequirement", R"("[{\"RelyingParty\":\"*\",\"State\":1}]")", "\"[]\"") == Activity::mfa_disable);
  CHECK(update("StrongAuthenticationRequirement", "\"[]\"", R"("[{\"State\":1}]")") == Activity::account_change);
  CHECK(update("StrongAuthenticationPhoneAppDetail", "\"[]\"", R"("[{\"DeviceName\":\"SM-A1\",\"Id\":\"x\"}]")") == Activity::mfa_add);
  CHECK(update("StrongAuthenticationUserDetails", R"("[{\"PhoneNumber\":null}]")", R"("[{\"PhoneNumber\":\"+33 600000000\"}]")") ==
        Activity::mfa_add);
  CHECK(update("AccountEnabled", R"("[\r\n  false\r\n]")", R"("[\r\n  true\r\n]")") == Activity::account_enable);
  CHECK(update("AccountEnabled", R"("[true]")", R"("[false]")") == Activity::account_disable);
  CHECK(update("Department", "\"[]\"", R"("[\"DSI\"]")") == Activity::account_change);
  Trial t;
  t.json(microsoft365_ual, change("Update user.", R"([{"Name":"Department","NewValue":"[\r\n  \"DSI\"\r\n]","OldValue":"[]"},
      {"Name":"Included Updated Properties","NewValue":"Department","OldValue":""}])"));
  CHECK(t[Field::property] == "Department");
  CHECK(t[Field::new_value] == "DSI");
}

TEST_CASE("directory: a second factor that the platform's service writes is the person's doing") {
  const auto record = [](std::string_view operation, std::string_view target) {
    return R"({"CreationTime":"2026-03-11T11:12:00","Id":"e","Operation":")" + std::string(operation) +
           R"(","RecordType":8,"UserType":4,"UserId":"ServicePrincipal_3f2b1c60","ObjectId":")" + std::string(target) +
           R"(","ModifiedProperties":[{"Name":"StrongAuthenticationMethod","NewValue":"[{\"MethodType\": 6},{\"MethodType\": 7}]","OldValue":"[{\"MethodType\": 6}]"}]})";
  };
  Trial t;
  t.json(microsoft365_ual, record("Update user.", "Marie@ch-exemple.fr"));
  CHECK(t.event().activity == Activity::mfa_add);
  CHECK(t.event().account == "marie@ch-exemple.fr");
  CHECK(t[Field::system_actor] != "true");
  Trial group;
  group.json(microsoft365_ual, record("Add member to group.", "Marie@ch-exemple.fr"));
  CHECK(group.event().account == "serviceprincipal_3f2b1c60");
}

TEST_CASE("directory: an application and its credentials") {
  Trial t;
  t.json(microsoft365_ual,
         R"({"CreationTime":"2026-03-02T21:14:05","Id":"d","Operation":"Add application.","RecordType":8,"UserId":"a@ch-exemple.fr",
      "ExtendedProperties":[{"Name":"additionalDetails","Value":"{\"User-Agent\":\"Mozilla\/5.0 (X11)\",\"AppId\":\"z\"}"}],
      "ModifiedProperties":[{"Name":"AppAddress","NewValue":"[\r\n  {\r\n    \"AddressType\": 0,\r\n    \"Address\": \"http:\/\/localhost:53682\/\"\r\n  }\r\n]","OldValue":"[]"},{"Name":"AppId","NewValue":"[\r\n  \"cd31\"\r\n]","OldValue":"[]"},{"Name":"DisplayName","NewValue":"[\r\n  \"clone\"\r\n]","OldValue":"[]"}],
      "ObjectId":"Application_1","Target":[{"ID":"Application_1","Type":2}]})");
  CHECK(t.event().activity == Activity::app_create);
  CHECK(t[Field::app_name] == "clone");
  CHECK(t[Field::app_id] == "cd31");
  CHECK(t[Field::site] == "http://localhost:53682/");
  CHECK(t[Field::user_agent] == "Mozilla/5.0 (X11)");
}

TEST_CASE("JSON that stands as text") {
  Arena arena;
  using namespace entra;
  CHECK(first_value("[\r\n  \"Company Administrator\"\r\n]", arena) == "Company Administrator");
  CHECK(first_value(R"("User.Read")", arena) == "User.Read");
  CHECK(first_value(R"("a\"b\u00e9")", arena) == "a\"b\xc3\xa9");
  CHECK(first_value("plain", arena) == "plain");
  for (const char* nothing : {"", "[]", "null", "\"\"", "[ ]", "[true"}) CHECK_MESSAGE(first_value(nothing, arena) == "", nothing);
  CHECK(first_value("[\"cut", arena) == "cut");
  CHECK(member(R"({"a":"User-Agent","User-Agent":"x\/1"})", "User-Agent", arena) == "x/1");
  CHECK(member(R"({"a":1})", "a", arena) == "");
  CHECK(member(R"({"a")", "a", arena) == "");
  CHECK(count_members(R"([{"M": 1},{"M" :2},{"x":"M"}])", "M") == 2);
  CHECK(has_content("[{\"a\":1}]"));
  for (const char* nothing : {"", "[]", "[null]", "{}", "\"\"", " [ ] "}) CHECK_MESSAGE(!has_content(nothing), nothing);
}
