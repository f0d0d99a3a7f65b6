#include "service/login_sessions.hpp"

#include <doctest/doctest.h>

using namespace digue;
using namespace digue::service;

TEST_CASE("a sign-in token is good once and not for long") {
  UtcMicros time{1'000'000};
  LoginSessions sessions([&] { return time; });
  const auto token = sessions.new_token();
  CHECK(token.text.size() == 64);
  CHECK_FALSE(sessions.sign_in("", "x"));
  CHECK_FALSE(sessions.sign_in(std::string(64, '0'), "x"));
  const auto secret = sessions.sign_in(token.text, "A. Roche");
  REQUIRE(secret);
  CHECK(*secret != token.text);
  CHECK(sessions.who(*secret)->name == "A. Roche");
  CHECK_FALSE(sessions.sign_in(token.text, "B"));
  CHECK_FALSE(sessions.who(token.text));
  CHECK_FALSE(sessions.who(""));

  const auto late = sessions.new_token();
  time.value += 12 * micros_per_hour;
  CHECK_FALSE(sessions.sign_in(late.text, "x"));
}

TEST_CASE("a login session ends by sign-out, by rest and by age") {
  UtcMicros time{1'000'000};
  LoginSessions sessions([&] { return time; });
  const auto open = [&] { return sessions.sign_in(sessions.new_token().text, "A").value(); };
  const auto left = open();
  sessions.sign_out(left);
  CHECK_FALSE(sessions.who(left));

  const auto idle = open();
  time.value += 11 * micros_per_hour;
  CHECK(sessions.who(idle, true));
  time.value += 1 * micros_per_hour;
  CHECK_FALSE(sessions.who(idle));

  const auto busy = open();
  for (int hours = 0; hours < 66; hours += 11) {
    time.value += 11 * micros_per_hour;
    CHECK(sessions.who(busy));
  }
  time.value += 6 * micros_per_hour;
  CHECK_FALSE(sessions.who(busy));
}

TEST_CASE("an account's session rests for two hours and lasts a day") {
  UtcMicros time{1'000'000};
  LoginSessions sessions([&] { return time; });
  const auto idle = sessions.open("p", "A", "192.0.2.1", "browser").value();
  time.value += 2 * micros_per_hour - 1;
  CHECK(sessions.who(idle, true));
  time.value += 1;
  CHECK_FALSE(sessions.who(idle));
  const auto busy = sessions.open("p", "A", "", "").value();
  for (int hours = 0; hours < 23; ++hours) {
    time.value += micros_per_hour;
    CHECK(sessions.who(busy));
  }
  time.value += micros_per_hour;
  CHECK_FALSE(sessions.who(busy));
}

TEST_CASE("a proof of identity gives a new secret and holds for five minutes") {
  UtcMicros time{1'000'000};
  LoginSessions sessions([&] { return time; });
  const auto first = sessions.open("p", "A", "", "").value();
  const auto id = sessions.who(first)->id;
  CHECK(sessions.proved_lately(id));
  time.value += 5 * micros_per_minute;
  CHECK_FALSE(sessions.proved_lately(id));
  const auto second = sessions.renew(first).value();
  CHECK(second != first);
  CHECK_FALSE(sessions.who(first));
  CHECK(sessions.who(second)->id == id);
  CHECK(sessions.proved_lately(id));
  CHECK_FALSE(sessions.renew(first));
  CHECK_FALSE(sessions.proved_lately(""));
}

TEST_CASE("sessions are listed and ended one by one or all of a person") {
  UtcMicros time{1'000'000};
  LoginSessions sessions([&] { return time; });
  const auto one = sessions.open("p", "A", "192.0.2.1", "first").value();
  time.value += 1;
  const auto two = sessions.open("p", "A", "192.0.2.2", "second").value();
  const auto other = sessions.open("q", "B", "", "").value();
  const auto list = sessions.list();
  REQUIRE(list.size() == 3);
  CHECK(list[2].agent == "first");
  CHECK(sessions.end(sessions.who(one)->id)->source == "192.0.2.1");
  CHECK_FALSE(sessions.who(one));
  CHECK_FALSE(sessions.end("absent"));
  CHECK(sessions.end_all("p", sessions.who(two)->id) == 0);
  CHECK(sessions.end_all("p") == 1);
  CHECK_FALSE(sessions.who(two));
  CHECK(sessions.who(other));
}

TEST_CASE("who asks is told of each session that ends before its time") {
  UtcMicros time{1'000'000};
  LoginSessions sessions([&] { return time; });
  std::vector<std::string> ended;
  sessions.on_end([&](const std::string& id) { ended.push_back(id); });
  const auto one = sessions.open("p", "A", "", "").value();
  const auto two = sessions.open("p", "A", "", "").value();
  const auto id = sessions.who(one)->id;
  const auto other = sessions.who(two)->id;
  CHECK(sessions.lasts(id));
  const auto renewed = sessions.renew(one).value();
  CHECK(sessions.lasts(id));
  CHECK(ended.empty());
  sessions.sign_out(renewed);
  CHECK_FALSE(sessions.lasts(id));
  CHECK(sessions.end_all("p") == 1);
  CHECK(ended == std::vector<std::string>{id, other});
}

TEST_CASE("one session too many of a person ends the one that rested longest") {
  UtcMicros time{1'000'000};
  LoginSessions sessions([&] { return time; });
  std::vector<std::string> secrets;
  for (std::size_t i = 0; i < LoginSessions::max_of_one; ++i) {
    time.value += 1;
    secrets.push_back(sessions.open("p", "A", "", "").value());
  }
  time.value += 1;
  CHECK(sessions.who(secrets[0]));
  CHECK(sessions.open("p", "A", "", ""));
  CHECK(sessions.who(secrets[0]));
  CHECK_FALSE(sessions.who(secrets[1]));
}
