#include <doctest/doctest.h>

#include "model/test_rows.hpp"
#include "story/story.hpp"

namespace digue::story {

using namespace test;

namespace {

constexpr std::string_view account = "marie.durand@ch-exemple.fr";

std::vector<Session> build(Rows& rows) {
  rows.sort();
  return build_sessions(account, rows.rows);
}

}  // namespace

TEST_CASE("sessions: the platform's own id makes one session, whatever the pauses") {
  Rows rows;
  rows.sign_in(at(0, 7), hospital, "a");
  rows.add(at(3, 7), Activity::mail_read, hospital, {{Field::session, "a"}});
  rows.sign_in(at(0, 8), hospital, "b");
  const auto sessions = build(rows);
  REQUIRE(sessions.size() == 2);
  CHECK(sessions[0].native);
  CHECK(sessions[0].rows.size() == 2);
  CHECK(sessions[0].first == at(0, 7));
  CHECK(sessions[0].last == at(3, 7));
  CHECK(sessions[0].ips == std::vector{*parse_ip("192.0.2.10")});
  CHECK(sessions[0].countries == std::vector<std::string>{"FR"});
  CHECK(sessions[0].devices == std::vector<std::string>{"Edge on Windows 11"});
}

TEST_CASE("sessions: without an id, address, device and client make one until a pause of more than six hours") {
  Rows rows;
  rows.sign_in(at(0, 7), home);
  rows.sign_in(at(0, 13), home);
  rows.sign_in(at(0, 19, 0, 1), home);
  rows.sign_in(at(0, 7, 30), phone);
  const auto sessions = build(rows);
  REQUIRE(sessions.size() == 3);
  CHECK(sessions[0].rows.size() == 2);
  CHECK_FALSE(sessions[0].native);
}

TEST_CASE("sessions: one platform session used from places that differ becomes one for each") {
  Rows rows;
  rows.sign_in(at(0, 9), home, "s");
  rows.add(at(0, 9, 1), Activity::mail_read, lagos, {{Field::session, "s"}});
  rows.add(at(0, 9, 2), Activity::mail_read, home, {{Field::session, "s"}});
  rows.add(at(0, 9, 3), Activity::mail_read, nowhere, {{Field::session, "s"}});
  rows.add(at(0, 9, 4), Activity::mail_read, lagos, {{Field::session, "s"}});
  const auto sessions = build(rows);
  REQUIRE(sessions.size() == 2);
  CHECK(sessions[0].rows.size() == 3);  // the row without an address is where the one before it was
  CHECK(sessions[1].countries == std::vector<std::string>{"NG"});
  CHECK(sessions[0].id != sessions[1].id);
}

TEST_CASE("sessions: another address of the same network and device is the same place") {
  Rows rows;
  Where moved = phone;
  moved.ip = "203.0.113.7";
  rows.sign_in(at(0, 9), phone, "s");
  rows.sign_in(at(0, 10), moved, "s");
  CHECK(build(rows).size() == 1);
}

TEST_CASE("sessions: mail protocols number connections; their lines follow the address of the connection") {
  Rows rows;
  const Where imap{"198.51.100.20", "", "", "imap", false}, no_address{"", "", "", "imap", false};
  for (int k = 0; k < 5; ++k) {
    const std::string id = "conn" + std::to_string(k);
    rows.add(at(0, 9, 10 * k), Activity::sign_in, imap, {{Field::session, id}, {Field::client, "imap"}});
    rows.add(at(0, 9, 10 * k + 5), Activity::sign_out, no_address, {{Field::session, id}, {Field::client, "imap"}, {Field::bytes, "1000"}});
  }
  const auto sessions = build(rows);
  REQUIRE(sessions.size() == 1);
  CHECK(sessions[0].rows.size() == 10);
  CHECK_FALSE(sessions[0].native);
}

TEST_CASE("sessions: the lines of a queued message follow its client line, also when the queue id is used again") {
  Rows rows;
  const Where one{"198.51.100.20", "", "", "submission", false}, two{"203.0.113.66", "", "", "submission", false};
  rows.add(at(0, 9), Activity::mail_send, one, {{Field::queue_id, "3F9A"}});
  rows.add(at(0, 9, 1), Activity::other, nowhere, {{Field::queue_id, "3F9A"}});
  rows.add(at(0, 11), Activity::mail_send, two, {{Field::queue_id, "3F9A"}});
  rows.add(at(0, 11, 1), Activity::other, nowhere, {{Field::queue_id, "3F9A"}});
  const auto sessions = build(rows);
  REQUIRE(sessions.size() == 2);
  CHECK(sessions[0].rows == std::vector<std::uint32_t>{0, 1});
  CHECK(sessions[1].rows == std::vector<std::uint32_t>{2, 3});
}

TEST_CASE("sessions: deliveries, filters and the platform's services belong to none") {
  Rows rows;
  rows.add(at(0), Activity::mail_receive, lagos);
  rows.add(at(0), Activity::rule_effect, nowhere);
  rows.add(at(0), Activity::delegation_add, nowhere, {{Field::system_actor, "true"}});
  CHECK(build(rows).empty());
  for (const Row& row : rows.rows) CHECK(row.session == Row::no_session);
}

TEST_CASE("sessions: what one record tells of an address holds for the others of it") {
  Rows rows;
  rows.sign_in(at(0, 9), lagos);
  rows.add(at(0, 9, 5), Activity::mail_read, {lagos.ip, "", "", "", false});
  build(rows);
  CHECK(rows.rows[1].country == "NG");
  CHECK(rows.rows[1].network == lagos.network);
}

TEST_CASE("sessions: the same for any order of equal times and any place of the records") {
  Rows a, b;
  for (Rows* rows : {&a, &b})
    for (int k = 0; k < 40; ++k) rows->sign_in(at(0, 9), k % 2 ? home : lagos, k % 4 ? "s" + std::to_string(k % 3) : "");
  std::reverse(b.rows.begin(), b.rows.end());
  for (Row& row : b.rows) row.place.input = 3;
  const auto first = build(a), second = build(b);
  REQUIRE(first.size() == second.size());
  for (std::size_t i = 0; i < first.size(); ++i) {
    CHECK(first[i].id == second[i].id);
    CHECK(first[i].rows == second[i].rows);
  }
}

}  // namespace digue::story
