#include <doctest/doctest.h>

#include "formats/entra/error_codes.hpp"
#include "formats/microsoft365/testing.hpp"

using namespace digue;
using namespace digue::formats;
using testing::Trial;

TEST_CASE("entra sign-in: Graph record") {
  Trial t;
  t.json(
      entra_signin,
      R"({"@odata.type":"#microsoft.graph.signIn","id":"66EA54EB-0000-0000-0000-000000000001","createdDateTime":"2026-03-02T21:14:05.1234567Z",
      "userDisplayName":"Claire Martin","userPrincipalName":"Claire.Martin@ch-exemple.fr","userId":"u","appId":"4765445b-32c6-49b0-83e6-1d93765276ca",
      "appDisplayName":"OfficeHome","ipAddress":"203.0.113.9","clientAppUsed":"Browser","userAgent":"axios/1.7","sessionId":"s-1",
      "uniqueTokenIdentifier":"tok","authenticationProtocol":"none","originalTransferMethod":"deviceCodeFlow","isInteractive":true,
      "status":{"errorCode":500121,"failureReason":"Authentication failed during strong authentication request.",
                "additionalDetails":"MFA denied; user declined the authentication"},
      "deviceDetail":{"deviceId":"","displayName":"PC-7","operatingSystem":"Windows10","browser":"Edge 120","isCompliant":false},
      "location":{"city":"Lyon","state":"Rhone","countryOrRegion":"FR","geoCoordinates":{"altitude":null,"latitude":45.75,"longitude":4.85}},
      "riskLevelDuringSignIn":"high","riskLevelAggregated":"none","riskState":"atRisk","riskEventTypes_v2":["anonymizedIPAddress","unfamiliarFeatures"],
      "autonomousSystemNumber":64500,"signInEventTypes":["interactiveUser"],"appliedConditionalAccessPolicies":[{"id":"x","result":"success"}],
      "authenticationDetails":[{"authenticationMethod":"Password","succeeded":true},{"authenticationMethod":"Mobile app notification","succeeded":false}]})");
  REQUIRE(t.parsed.status == Status::event);
  CHECK(t.event().activity == Activity::sign_in);
  CHECK(t.event().outcome == Outcome::failure);
  CHECK(t.event().time == 1772486045123456);
  CHECK(t.event().account == "claire.martin@ch-exemple.fr");
  CHECK(t.event().operation == "SignInLogs");
  CHECK(t.event().own_id);
  CHECK(t.ip() == "203.0.113.9");
  CHECK(t[Field::error_code] == "500121");
  CHECK(t[Field::mfa_detail] == "MFA denied; user declined the authentication");
  CHECK(t[Field::client] == "Browser");
  CHECK(t[Field::app_name] == "OfficeHome");
  CHECK(t[Field::session] == "s-1");
  CHECK(t[Field::token] == "tok");
  CHECK(t[Field::auth_protocol] == "deviceCodeFlow");
  CHECK(t[Field::auth_method] == "Password,Mobile app notification");
  CHECK(t[Field::device_id] == "");
  CHECK(t[Field::device_name] == "PC-7");
  CHECK(t[Field::country] == "FR");
  CHECK(t[Field::city] == "Lyon");
  CHECK(t[Field::latitude] == "45.75");
  CHECK(t[Field::longitude] == "4.85");
  CHECK(t[Field::asn] == "64500");
  CHECK(t[Field::risk] == "high,atRisk,anonymizedIPAddress;unfamiliarFeatures");
}

TEST_CASE("entra sign-in: error codes") {
  CHECK(entra::outcome_of_code("0") == Outcome::success);
  for (const char* code : {"50126", "50053", "50057", "50034", "500121", "53000", "53003", "65004", "700016"}) {
    CAPTURE(code);
    CHECK(entra::outcome_of_code(code) == Outcome::failure);
  }
  for (const char* code :
       {"50055", "50058", "50072", "50074", "50076", "50079", "50125", "50140", "50199", "65001", "70043", "16000", "50133", "700082"}) {
    CAPTURE(code);
    CHECK(entra::outcome_of_code(code) == Outcome::interrupted);
  }
}

TEST_CASE("entra sign-in: envelope of diagnostic settings") {
  const auto wrapped = [](std::string_view properties, std::string_view more = "") {
    return R"({"time":"2026-03-02T21:20:00Z","resourceId":"/tenants/t/providers/Microsoft.aadiam","operationName":"Sign-in activity",
      "category":"NonInteractiveUserSignInLogs","resultType":"50140","durationMs":"0","callerIpAddress":"198.51.100.7",)" +
           std::string(more) + R"("properties":)" + std::string(properties) + "}";
  };
  Trial t;
  t.json(entra_signin, wrapped(R"({"id":"X-1","createdDateTime":"2026-03-02T16:14:05.5-05:00","userPrincipalName":"A@ch-exemple.fr"})"));
  REQUIRE(t.parsed.status == Status::event);
  CHECK(t.event().time == 1772486045500000);
  CHECK(t.event().operation == "NonInteractiveUserSignInLogs");
  CHECK(t.event().outcome == Outcome::interrupted);
  CHECK(t.ip() == "198.51.100.7");
  CHECK(t.event().uid == "X-1");

  Trial text;  // properties as JSON text
  text.json(entra_signin, wrapped(R"("{\"id\":\"X-1\",\"createdDateTime\":\"2026-03-02T21:14:05Z\",\"status\":{\"errorCode\":50126}}")"));
  CHECK(text.event().outcome == Outcome::failure);
  CHECK(text.event().id == t.event().id);

  Trial without_created;
  without_created.json(entra_signin, wrapped("{}"));
  CHECK(without_created.event().time == 1772486400000000);
  CHECK_FALSE(without_created.event().own_id);

  const auto time = [](std::string_view spelling) {
    return Trial()
        .json(entra_signin, R"({"time":")" + std::string(spelling) + R"(","category":"SignInLogs","properties":{}})")
        .event()
        .time;
  };
  CHECK(time("2026-03-02 21:20:00.000") == 1772486400000000);
  CHECK(time("3/2/2026 9:20:00 PM") == 1772486400000000);
  CHECK(time("2026-03-02T21:20:00.000000000Z") == 1772486400000000);
  CHECK(Trial().json(entra_signin, R"({"time":"?","category":"SignInLogs","properties":{}})").parsed.status == Status::malformed);
}

TEST_CASE("entra sign-in: result given as a word") {
  const auto outcome = [](std::string_view word) {
    return Trial()
        .json(entra_signin,
              R"({"time":"2026-03-02T21:20:00Z","category":"SignInLogs","resultType":")" + std::string(word) + R"(","properties":{}})")
        .event()
        .outcome;
  };
  CHECK(outcome("Success") == Outcome::success);
  CHECK(outcome("Failure") == Outcome::failure);
  CHECK(outcome("0") == Outcome::success);
  CHECK(outcome("50126") == Outcome::failure);
}

TEST_CASE("entra sign-in: service principals act under their own name") {
  Trial t;
  t.json(entra_signin,
         R"({"id":"x","createdDateTime":"2026-03-02T21:14:05Z","servicePrincipalId":"ABC","servicePrincipalName":"Sauvegarde","appId":"a",
      "signInEventTypes":["servicePrincipal"],"status":{"errorCode":0}})");
  CHECK(t.event().account == "serviceprincipal_abc");
  CHECK(t.event().operation == "ServicePrincipalSignInLogs");
  CHECK(t[Field::app_name] == "Sauvegarde");
  CHECK(t.event().outcome == Outcome::success);
}

TEST_CASE("entra sign-in: what is no sign-in is left to others, damage is rejected") {
  const auto status = [](std::string_view text) { return Trial().json(entra_signin, text).parsed.status; };
  CHECK(status(R"({"time":"2026-03-02T21:20:00Z","category":"AuditLogs","properties":{"id":"x"}})") == Status::not_mine);
  CHECK(status(R"({"CreationTime":"2026-03-02T21:14:05","Operation":"UserLoggedIn","Id":"x","RecordType":15})") == Status::not_mine);
  CHECK(status(R"({"id":"x","createdDateTime":"2026-03-02T21:14:05Z","title":"alert","status":"new"})") == Status::not_mine);
  CHECK(status(R"({"id":"x","createdDateTime":"2026-03-02T21:14:05Z","userPrincipalName":"a","status":{"errorCode":0,)") ==
        Status::malformed);
}
