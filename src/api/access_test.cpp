#include "api/access.hpp"

#include <doctest/doctest.h>

using namespace digue;
using namespace digue::api;

TEST_CASE("a sign-in token is good once and not for long") {
  UtcMicros time{1'000'000};
  Access access([&] { return time; });
  const auto token = access.new_token();
  CHECK(token.text.size() == 64);
  CHECK_FALSE(access.sign_in("", "x"));
  CHECK_FALSE(access.sign_in(std::string(64, '0'), "x"));
  const auto secret = access.sign_in(token.text, "A. Roche");
  REQUIRE(secret);
  CHECK(*secret != token.text);
  CHECK(access.who(*secret) == "A. Roche");
  CHECK_FALSE(access.sign_in(token.text, "B"));
  CHECK_FALSE(access.who(token.text));
  CHECK_FALSE(access.who(""));

  const auto late = access.new_token();
  time.value += 12 * micros_per_hour;
  CHECK_FALSE(access.sign_in(late.text, "x"));
}

TEST_CASE("a login session ends by sign-out, by rest and by age") {
  UtcMicros time{1'000'000};
  Access access([&] { return time; });
  const auto open = [&] { return access.sign_in(access.new_token().text, "A").value(); };
  const auto left = open();
  access.sign_out(left);
  CHECK_FALSE(access.who(left));

  const auto idle = open();
  time.value += 11 * micros_per_hour;
  CHECK(access.who(idle, true));
  time.value += 1 * micros_per_hour;
  CHECK_FALSE(access.who(idle));

  const auto busy = open();
  for (int hours = 0; hours < 66; hours += 11) {
    time.value += 11 * micros_per_hour;
    CHECK(access.who(busy));
  }
  time.value += 6 * micros_per_hour;
  CHECK_FALSE(access.who(busy));
}

TEST_CASE("the cookie is found among others") {
  net::Request request;
  request.headers = {{"cookie", "a=1; digue-80470=x;digue-8047=y"}, {"cookie", "last=z"}};
  CHECK(cookie(request, "digue-8047") == "y");
  CHECK(cookie(request, "last") == "z");
  CHECK(cookie(request, "digue").empty());
}
