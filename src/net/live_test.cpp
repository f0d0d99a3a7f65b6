#include "net/live.hpp"

#include <doctest/doctest.h>

using namespace digue::net;

TEST_CASE("news goes to those who asked for the topic, once until taken") {
  LiveHub hub;
  const auto one = hub.subscribe("a");
  const auto all = hub.subscribe("");
  int woken = 0;
  one->on_news([&] { ++woken; });
  hub.publish("journal", "a");
  hub.publish("journal", "a");
  hub.publish("task", "a");
  hub.publish("task", "b");
  CHECK(woken == 2);
  CHECK(one->take() == "event: journal\ndata: {\"incident\":\"a\"}\n\nevent: task\ndata: {\"incident\":\"a\"}\n\n");
  CHECK(one->take().empty());
  CHECK(all->take().find("{\"incident\":\"b\"}") != std::string::npos);
  hub.publish("journal", "a");
  CHECK(woken == 3);
  one->on_news(nullptr);
  hub.publish("task", "a");
  CHECK(woken == 3);
  CHECK_FALSE(one->take().empty());
}

TEST_CASE("news that came before the listener wakes it") {
  LiveHub hub;
  const auto one = hub.subscribe("a");
  hub.publish("job", "a");
  int woken = 0;
  one->on_news([&] { ++woken; });
  CHECK(woken == 1);
}
