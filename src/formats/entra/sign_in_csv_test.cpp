#include <doctest/doctest.h>

#include "formats/microsoft365/testing.hpp"

using namespace digue;
using namespace digue::formats;
using testing::Trial;

namespace {

// Names as the portal writes them: some end with a blank, one has a doubled blank.
const std::vector<std::string> portal{
    "\xef\xbb\xbf"
    "Date (UTC)",
    "Request ID",
    "User agent",
    "Correlation ID",
    "User ID",
    "User",
    "Username",
    "Authentication Protocol",
    "Original transfer method",
    "Application",
    "Application ID ",
    "Resource",
    "Resource ID ",
    "IP address",
    "Location",
    "Status",
    "Sign-in error code",
    "Failure reason",
    "Client app",
    "Device ID",
    "Browser",
    "Operating System",
    "Multifactor authentication result",
    "Session ID",
    "IP address (seen by resource)",
    "Autonomous system  number"};

std::vector<std::string> row(std::string_view date, std::string_view code = "50126") {
  return {std::string(date),
          "REQ-1",
          "Mozilla/5.0 (X11)",
          "c",
          "u",
          "Claire Martin",
          "Claire.Martin@ch-exemple.fr",
          "None",
          "Device code flow",
          "OfficeHome",
          "4765445b-32c6-49b0-83e6-1d93765276ca",
          "r",
          "rid",
          "203.0.113.9",
          "Lyon, Rhone, FR",
          "Failure",
          std::string(code),
          "Invalid username or password",
          "Browser",
          "",
          "Chrome 120",
          "Linux",
          "",
          "s-1",
          "192.0.2.1",
          "64500"};
}

}  // namespace

TEST_CASE("entra sign-in csv: the portal's columns") {
  Trial t;
  t.row(entra_signin_csv, portal, row("2026-03-02T21:14:05Z"));
  REQUIRE(t.parsed.status == Status::event);
  CHECK(t.event().time == 1772486045000000);
  CHECK(t.event().account == "claire.martin@ch-exemple.fr");
  CHECK(t.event().outcome == Outcome::failure);
  CHECK(t.ip() == "203.0.113.9");
  CHECK(t[Field::error_code] == "50126");
  CHECK(t[Field::error_text] == "Invalid username or password");
  CHECK(t[Field::app_name] == "OfficeHome");
  CHECK(t[Field::app_id] == "4765445b-32c6-49b0-83e6-1d93765276ca");
  CHECK(t[Field::city] == "Lyon");
  CHECK(t[Field::country] == "FR");
  CHECK(t[Field::session] == "s-1");
  CHECK(t[Field::asn] == "64500");
  CHECK(t[Field::auth_protocol] == "Device code flow");
  CHECK(t[Field::os] == "Linux");
  // The request id is the sign-in's id: one event with the Graph record and the audit log's.
  Trial graph;
  graph.json(entra_signin,
             R"({"id":"req-1","createdDateTime":"2026-03-02T21:14:05Z","userPrincipalName":"a","status":{"errorCode":50126}})");
  CHECK(t.event().id == graph.event().id);
}

TEST_CASE("entra sign-in csv: other headers") {
  const std::vector<std::string> flat{"createdDateTime",  "userPrincipalName", "ipAddress",
                                      "status.errorCode", "location.city",     "location.countryOrRegion"};
  Trial t;
  t.row(entra_signin_csv, flat, {"2026-03-02T21:14:05Z", "A@ch-exemple.fr", "203.0.113.9", "0", "Brest", "FR"});
  CHECK(t.event().outcome == Outcome::success);
  CHECK(t[Field::city] == "Brest");
  CHECK_FALSE(t.event().own_id);
  const auto status = [](const std::vector<std::string>& header) {
    return Trial().row(entra_signin_csv, header, std::vector<std::string>(header.size(), "x")).parsed.status;
  };
  CHECK(status({"id", "createdDateTime", "operation", "userPrincipalName", "clientIp", "auditData"}) == Status::not_mine);
  CHECK(status({"Date", "Message"}) == Status::not_mine);
}

TEST_CASE("entra sign-in csv: a date is never guessed") {
  const auto parsed = [](std::string_view date) { return Trial().row(entra_signin_csv, portal, row(date)).parsed; };
  const auto time = [](std::string_view date) { return Trial().row(entra_signin_csv, portal, row(date)).event().time; };
  CHECK(parsed("02/03/2026 21:14:05").reason == "a date rewritten by a spreadsheet: day and month cannot be told apart");
  CHECK(time("25/03/2026 21:14:05") == 1774473245000000);
  CHECK(time("3/25/2026 9:14:05 PM") == 1774473245000000);
  CHECK(time("03/03/2026 21:14:05") == 1772572445000000);
  CHECK(parsed("").status == Status::malformed);
  CHECK(parsed("hier").status == Status::malformed);
  CHECK(parsed("Date (UTC)").status == Status::other);
  CHECK(Trial().row(entra_signin_csv, portal, {"2026-03-02T21:14:05Z"}).parsed.status == Status::event);
}
