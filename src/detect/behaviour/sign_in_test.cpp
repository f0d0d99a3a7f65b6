#include <doctest/doctest.h>

#include "detect/detector.hpp"
#include "model/test_rows.hpp"

namespace digue::detect {

using namespace test;

namespace {

const Finding* find(const std::vector<Finding>& findings, std::string_view rule) {
  for (const Finding& finding : findings)
    if (finding.rule == rule) return &finding;
  return nullptr;
}

bool says(const std::vector<Text>& texts, std::string_view key) {
  return std::any_of(texts.begin(), texts.end(), [&](const Text& text) { return text.key == key; });
}

}  // namespace

TEST_CASE("new place: the first access from a country is told with its address; its technique is use of a valid account") {
  Rows rows;
  rows.live(0, 6);
  rows.sign_in(at(6, 3), lagos);
  const auto findings = detect(rows.view());
  const auto* finding = find(findings, "new_place");
  REQUIRE(finding != nullptr);
  CHECK(finding->severity == Severity::medium);
  CHECK(finding->why.front() == Text{"why.new_country", {"NG", "203.0.113.66 (NG)"}});
  CHECK(says(finding->why, "why.new_device"));
  CHECK(finding->techniques == std::vector<std::string>{"T1078"});
  REQUIRE(finding->records.size() == 1);
  CHECK(finding->first == at(6, 3));
}

TEST_CASE("new place: a country that no colleague uses weighs more") {
  Rows rows;
  rows.live(0, 6);
  rows.sign_in(at(6, 3), lagos);
  const double alone = find(detect(rows.view()), "new_place")->confidence;
  rows.world.accounts = 40;
  rows.world.countries = {{"FR", 40}, {"NG", 1}};
  CHECK(find(detect(rows.view()), "new_place")->confidence > alone);
  rows.world.countries = {{"FR", 40}, {"NG", 9}};
  CHECK(find(detect(rows.view()), "new_place")->confidence == doctest::Approx(alone));
}

TEST_CASE("new place: too short a history is said and weighs little") {
  Rows rows;
  rows.sign_in(at(0), hospital);
  rows.sign_in(at(1), lagos);
  const auto findings = detect(rows.view());
  const auto* finding = find(findings, "new_place");
  REQUIRE(finding != nullptr);
  CHECK(finding->severity == Severity::low);
  CHECK(finding->confidence < 0.3);
  CHECK(says(finding->benign, "benign.insufficient_history"));
}

TEST_CASE("new place: the very first access of an account is no finding") {
  Rows rows;
  rows.sign_in(at(0), lagos);
  CHECK(find(detect(rows.view()), "new_place") == nullptr);
}

TEST_CASE("new place: a stay abroad with the known computer lowers the confidence and says so") {
  Rows rows;
  rows.live(0, 5);
  for (int day = 5; day < 9; ++day) rows.sign_in(at(day, 20), lisbon);
  const auto findings = detect(rows.view());
  const auto* finding = find(findings, "new_place");
  REQUIRE(finding != nullptr);
  CHECK(says(finding->benign, "benign.stay"));
  CHECK(says(finding->benign, "benign.known_device"));
  CHECK(finding->confidence < 0.2);
}

TEST_CASE("new place: a new telephone on a known network is a low matter") {
  Rows rows;
  rows.live(0, 6);
  Where other = phone;
  other.ip = "198.51.100.131";
  other.device = "Chrome on Android";
  rows.sign_in(at(6, 19), other);
  const auto findings = detect(rows.view());
  const auto* finding = find(findings, "new_place");
  REQUIRE(finding != nullptr);
  CHECK(finding->severity == Severity::low);
  CHECK(says(finding->benign, "benign.new_device_usual_place"));
}

TEST_CASE("impossible travel: coordinates need more than 900 km/h") {
  const Details paris{{Field::latitude, "48.85"}, {Field::longitude, "2.35"}},
      nigeria{{Field::latitude, "6.45"}, {Field::longitude, "3.39"}};
  Rows fast;
  fast.add(at(0, 9), Activity::sign_in, home, paris);
  fast.add(at(0, 12), Activity::sign_in, lagos, nigeria);
  const auto findings = detect(fast.view());
  const auto* finding = find(findings, "impossible_travel");
  REQUIRE(finding != nullptr);
  CHECK(finding->records.size() == 2);
  CHECK(finding->techniques == std::vector<std::string>{"T1078.004"});
  REQUIRE(finding->why.front().key == "why.travel_speed");
  CHECK(std::stoi(finding->why.front().args[3]) == doctest::Approx(4713).epsilon(0.02));
  Rows slow;
  slow.add(at(0, 9), Activity::sign_in, home, paris);
  slow.add(at(0, 16), Activity::sign_in, lagos, nigeria);
  CHECK(find(detect(slow.view()), "impossible_travel") == nullptr);
}

TEST_CASE("impossible travel: without coordinates two far countries need three hours, two of Europe one") {
  const auto found = [](const Where& where, int minutes) {
    Rows rows;
    rows.sign_in(at(0, 9), home);
    rows.sign_in(at(0, 9, minutes), where);
    return find(detect(rows.view()), "impossible_travel") != nullptr;
  };
  CHECK(found(lagos, 170));
  CHECK_FALSE(found(lagos, 181));
  CHECK(found(lisbon, 59));
  CHECK_FALSE(found(lisbon, 61));
}

TEST_CASE("impossible travel: one country, or one address, is no travel") {
  Rows rows;
  rows.sign_in(at(0, 9), phone);
  rows.sign_in(at(0, 9, 1), home);
  Where moved = home;
  moved.country = "BE";  // an address whose place two sources tell differently
  rows.sign_in(at(0, 9, 40), moved);
  CHECK(find(detect(rows.view()), "impossible_travel") == nullptr);
}

TEST_CASE("impossible travel: programs left open in the establishment are not compared, a sign-in there is, with less weight") {
  Rows open;
  open.add(at(0, 9), Activity::mail_read, hospital);
  open.sign_in(at(0, 9, 30), lagos);
  CHECK(find(detect(open.view()), "impossible_travel") == nullptr);
  Rows signed_in;
  signed_in.sign_in(at(0, 9), hospital);
  signed_in.sign_in(at(0, 9, 30), lagos);
  const auto findings = detect(signed_in.view());
  const auto* finding = find(findings, "impossible_travel");
  REQUIRE(finding != nullptr);
  CHECK(says(finding->benign, "benign.establishment_vpn"));
  CHECK(finding->confidence < 0.6);
}

TEST_CASE("impossible travel: two countries that alternate for days are a VPN") {
  Rows rows;
  Where exit = home;
  exit.ip = "203.0.113.200";
  exit.country = "NL";
  for (int day = 0; day < 5; ++day) {
    rows.sign_in(at(day, 9), home);
    rows.sign_in(at(day, 9, 10), exit);
  }
  const auto findings = detect(rows.view());
  const auto* finding = find(findings, "impossible_travel");
  REQUIRE(finding != nullptr);
  CHECK(says(finding->benign, "benign.alternates"));
  CHECK(finding->severity == Severity::low);
}

TEST_CASE("failures then success: matched on the address") {
  Rows rows;
  for (int k = 0; k < 12; ++k) rows.wrong_password(at(0, 3, k), lagos);
  rows.sign_in(at(0, 3, 20), lagos);
  const auto findings = detect(rows.view());
  const auto* finding = find(findings, "failures_then_success");
  REQUIRE(finding != nullptr);
  CHECK(finding->why.front().key == "why.failures_same_ip");
  CHECK(finding->why.front().args[0] == "12");
  CHECK(finding->records.size() == 13);
}

TEST_CASE("failures then success: matched on the device when the address changes, on the account when both change") {
  Rows device;
  for (int k = 0; k < 8; ++k) {
    Where where = lagos;
    where.ip = "203.0.113." + std::to_string(10 + k);
    device.wrong_password(at(0, 3, 2 * k), where);
  }
  device.sign_in(at(0, 3, 25), lagos);
  CHECK(find(detect(device.view()), "failures_then_success")->why.front().key == "why.failures_same_device");
  Rows account;
  for (int k = 0; k < 10; ++k) {
    Where where = lagos;
    where.ip = "203.0.113." + std::to_string(10 + k);
    where.device = "device " + std::to_string(k);
    account.wrong_password(at(0, 3, 0, 20 * k), where);
  }
  account.sign_in(at(0, 3, 5), home);
  CHECK(find(detect(account.view()), "failures_then_success")->why.front().key == "why.failures_account");
}

TEST_CASE("failures then success: mistyping, interruptions and second factors are none") {
  Rows few;
  for (int k = 0; k < 3; ++k) few.wrong_password(at(0, 8, 0, 10 * k), home);
  few.sign_in(at(0, 8, 1), home);
  CHECK(find(detect(few.view()), "failures_then_success") == nullptr);
  // Codes that UserLoginFailed carries although nothing failed: second factor asked, stay signed in, consent.
  for (const char* code : {"50074", "50076", "50140", "65001", "500121"}) {
    Rows rows;
    for (int k = 0; k < 30; ++k) rows.wrong_password(at(0, 8, 0, k), home, code);
    rows.sign_in(at(0, 8, 1), home);
    const auto findings = detect(rows.view());
    CHECK_MESSAGE(find(findings, "failures_then_success") == nullptr, code);
    CHECK_MESSAGE(find(findings, "brute_force") == nullptr, code);
  }
}

TEST_CASE("failures then success: in the usual place it is a forgotten password") {
  Rows rows;
  rows.live(0, 6);
  for (int k = 0; k < 6; ++k) rows.wrong_password(at(6, 7, 0, 10 * k), hospital);
  rows.sign_in(at(6, 7, 5), hospital);
  const auto findings = detect(rows.view());
  const auto* finding = find(findings, "failures_then_success");
  REQUIRE(finding != nullptr);
  CHECK(finding->severity == Severity::low);
  CHECK(finding->confidence < 0.2);
  CHECK_FALSE(finding->benign.empty());
}

TEST_CASE("failures then success: one record that stands for several attempts counts as many") {
  Rows rows;
  for (int k = 0; k < 4; ++k)
    rows.add(at(0, 3, k), Activity::sign_in, lagos, {{Field::attempts, "3"}, {Field::error_text, "auth failed"}}, Outcome::failure);
  rows.sign_in(at(0, 3, 10), lagos);
  CHECK(find(detect(rows.view()), "failures_then_success")->why.front().args[0] == "12");
}

TEST_CASE("brute force: twenty refusals, from one address or many") {
  Rows one;
  for (int k = 0; k < 20; ++k) one.wrong_password(at(0, 2, k), lagos);
  const auto findings = detect(one.view());
  const auto* finding = find(findings, "brute_force");
  REQUIRE(finding != nullptr);
  CHECK(finding->techniques == std::vector<std::string>{"T1110.001"});
  CHECK(finding->why.front().args[0] == "20");
  Rows nineteen;
  for (int k = 0; k < 19; ++k) nineteen.wrong_password(at(0, 2, k), lagos);
  CHECK(find(detect(nineteen.view()), "brute_force") == nullptr);
}

TEST_CASE("brute force: a telephone at home that keeps an old password is said to be that") {
  Rows rows;
  for (int day = 0; day < 6; ++day) rows.sign_in(at(day, 19), home);
  for (int k = 0; k < 60; ++k) rows.wrong_password(at(6, 19, k), home);
  const auto findings = detect(rows.view());
  const auto* finding = find(findings, "brute_force");
  REQUIRE(finding != nullptr);
  CHECK(finding->severity == Severity::low);
  CHECK(says(finding->benign, "benign.old_password"));
}

TEST_CASE("second-factor fatigue: refusals again and again, then success") {
  Rows rows;
  for (int k = 0; k < 9; ++k) rows.wrong_password(at(0, 22, k), lagos, "500121");
  rows.sign_in(at(0, 22, 12), lagos);
  const auto findings = detect(rows.view());
  const auto* finding = find(findings, "mfa_fatigue");
  REQUIRE(finding != nullptr);
  CHECK(finding->severity == Severity::critical);
  CHECK(finding->techniques == std::vector<std::string>{"T1621"});
  CHECK(says(finding->why, "why.mfa_then_success"));
  CHECK(finding->records.size() == 10);
}

TEST_CASE("second-factor fatigue: without success ten within ten minutes are told; two refusals and a success are not") {
  Rows burst;
  for (int k = 0; k < 10; ++k) burst.wrong_password(at(0, 22, 0, 50 * k), lagos, "500121");
  CHECK(find(detect(burst.view()), "mfa_fatigue") != nullptr);
  Rows few;
  few.wrong_password(at(0, 22, 0), home, "500121");
  few.wrong_password(at(0, 22, 1), home, "500121");
  few.sign_in(at(0, 22, 2), home);
  CHECK(find(detect(few.view()), "mfa_fatigue") == nullptr);
}

TEST_CASE("second-factor fatigue: a user who fails on the usual computer is lowered") {
  Rows rows;
  rows.live(0, 6);
  for (int k = 0; k < 6; ++k) rows.wrong_password(at(6, 7, k), hospital, "500121");
  rows.sign_in(at(6, 7, 8), hospital);
  const auto findings = detect(rows.view());
  const auto* finding = find(findings, "mfa_fatigue");
  REQUIRE(finding != nullptr);
  CHECK(finding->severity == Severity::low);
}

TEST_CASE("second factor denied: the user's no is told once a day, a fraud report weighs more") {
  const Details declined{{Field::error_code, "500121"}, {Field::mfa_detail, "MFA denied; user declined the authentication"}};
  Rows rows;
  rows.add(at(0, 9), Activity::sign_in, lagos, declined, Outcome::failure);
  rows.add(at(0, 9, 5), Activity::sign_in, lagos, declined, Outcome::failure);
  const auto findings = detect(rows.view());
  const auto* finding = find(findings, "mfa_denied");
  REQUIRE(finding != nullptr);
  CHECK(finding->records.size() == 2);
  CHECK(finding->severity == Severity::low);
  auto& report = rows.add(at(0, 9, 10), Activity::mfa_challenge, lagos, {}, Outcome::unknown);
  report.operation = "Fraud reported - user is blocked for MFA";
  rows.sessions.clear();
  CHECK(find(detect(rows.view()), "mfa_denied")->severity == Severity::high);
}

TEST_CASE("one session from several networks: other country and other device") {
  Rows rows;
  rows.sign_in(at(0, 9), home, "b3d59e5f");
  rows.add(at(0, 9, 3), Activity::mail_read, lagos, {{Field::session, "b3d59e5f"}});
  const auto findings = detect(rows.view());
  const auto* finding = find(findings, "session_several_networks");
  REQUIRE(finding != nullptr);
  CHECK(finding->severity == Severity::high);
  CHECK(finding->confidence > 0.7);
  CHECK(finding->techniques == std::vector<std::string>{"T1539", "T1550.004"});
  CHECK(finding->ips.size() == 2);
}

TEST_CASE("one session from several networks: the computer that goes from the hospital's network to home is roaming") {
  Rows rows;
  rows.sign_in(at(0, 9), hospital, "s");
  rows.add(at(0, 19), Activity::mail_read, home, {{Field::session, "s"}});
  const auto findings = detect(rows.view());
  const auto* finding = find(findings, "session_several_networks");
  REQUIRE(finding != nullptr);
  CHECK(finding->severity == Severity::low);
  CHECK(says(finding->benign, "benign.roaming"));
}

TEST_CASE("one session from several addresses of one neighbourhood, or of one network and device, is none") {
  Rows rows;
  Where near = home, far = home;
  near.ip = "198.51.100.77";
  far.ip = "203.0.113.9";
  rows.sign_in(at(0, 9), home, "s");
  rows.sign_in(at(0, 10), near, "s");
  rows.sign_in(at(0, 11), far, "s");
  CHECK(find(detect(rows.view()), "session_several_networks") == nullptr);
}

TEST_CASE("scripted client: the program's own name is told, a service used for days is lowered") {
  Rows rows;
  Where script = lagos;
  script.device = "python-requests";
  rows.add(at(0, 3), Activity::sign_in, script, {{Field::user_agent, "python-requests/2.31.0"}});
  const auto findings = detect(rows.view());
  const auto* finding = find(findings, "scripted_client");
  REQUIRE(finding != nullptr);
  CHECK(finding->why.front().args[0] == "python-requests");
  for (int day = 1; day < 5; ++day) rows.add(at(day, 3), Activity::sign_in, script, {{Field::user_agent, "python-requests/2.31.0"}});
  rows.sessions.clear();
  CHECK(find(detect(rows.view()), "scripted_client")->confidence < finding->confidence);
  Rows browser;
  browser.add(at(0, 3), Activity::sign_in, home, {{Field::user_agent, "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Edg/133.0.0.0"}});
  CHECK(find(detect(browser.view()), "scripted_client") == nullptr);
}

TEST_CASE("findings do not depend on where the records stand, nor on when they were read") {
  Rows a, b;
  for (Rows* rows : {&a, &b}) {
    rows->live(0, 6);
    rows->sign_in(at(6, 3), lagos);
  }
  for (Row& row : b.rows) row.place = {7, 20, 1000 + row.place.offset};
  std::reverse(b.rows.begin(), b.rows.end());
  const auto first = detect(a.view()), second = detect(b.view());
  REQUIRE(first.size() == second.size());
  for (std::size_t i = 0; i < first.size(); ++i) {
    CHECK(first[i].id == second[i].id);
    CHECK(first[i].why == second[i].why);
  }
}

}  // namespace digue::detect
