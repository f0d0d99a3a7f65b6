#include "net/live.hpp"

#include <doctest/doctest.h>

using namespace digue::net;

namespace {

/// Kinds and topics in the order told, without ids: "journal a, task a".
std::string told(const std::string& stream) {
  std::string out;
  for (std::size_t at = 0; (at = stream.find("event: ", at)) != std::string::npos; ++at) {
    out += (out.empty() ? "" : ", ") + stream.substr(at + 7, stream.find('\n', at) - at - 7);
    const auto data = stream.find("data: ", at);
    if (stream.compare(data, 9, "data: {}\n") != 0) out += ' ' + stream.substr(data + 19, stream.find('"', data + 19) - data - 19);
  }
  return out;
}

std::string last_id(const std::string& stream) {
  const auto at = stream.rfind("id: ") + 4;
  return stream.substr(at, stream.find('\n', at) - at);
}

Subscription::Filter only(std::string topic) {
  return [topic = std::move(topic)](const News& news) { return news.topic == topic; };
}

}  // namespace

TEST_CASE("news goes to those who may see it, the same once until taken, each with its number") {
  LiveHub hub;
  const auto one = hub.subscribe(only("a"), "", "x");
  const auto all = hub.subscribe(nullptr, "", "y");
  CHECK(told(one->take()) == "hello");
  hub.publish("journal", "a");
  hub.publish("journal", "a");
  hub.publish("task", "a");
  hub.publish("journal", "b");
  const auto text = one->take();
  CHECK(told(text) == "journal a, task a");
  CHECK(text.find("-2\nevent: journal\ndata: {\"incident\":\"a\"}\n\n") != std::string::npos);
  CHECK(one->take().empty());
  CHECK(told(all->take()) == "hello, journal a, task a, journal b");
}

TEST_CASE("a listener is woken once until it takes, for what came before it too") {
  LiveHub hub;
  const auto one = hub.subscribe(nullptr, "", "x");
  hub.publish("job", "a");
  int woken = 0;
  one->on_news([&] { ++woken; });
  CHECK(woken == 1);
  hub.publish("job", "b");
  CHECK(woken == 1);
  CHECK(told(one->take()) == "hello, job a, job b");
  hub.publish("journal", "a");
  CHECK(woken == 2);
  one->on_news(nullptr);
  hub.publish("task", "a");
  CHECK(woken == 2);
  CHECK(told(one->take()) == "journal a, task a");
}

TEST_CASE("a client that comes back goes on where it was") {
  LiveHub hub;
  hub.publish("task", "a");
  const auto first = hub.subscribe(nullptr, "", "x");
  hub.publish("journal", "a");
  const auto id = last_id(first->take());
  hub.publish("journal", "b");
  hub.publish("task", "b");
  CHECK(told(hub.subscribe(nullptr, id, "x")->take()) == "hello, journal b, task b");
  CHECK(told(hub.subscribe(nullptr, last_id(hub.subscribe(nullptr, "", "x")->take()), "x")->take()) == "hello");
}

TEST_CASE("a client whose place is not known any more reads everything again") {
  LiveHub hub;
  const auto slow = hub.subscribe(nullptr, "", "x");
  const auto id = last_id(slow->take());
  for (std::size_t i = 0; i <= LiveHub::kept; ++i) hub.publish("journal", std::to_string(i));
  CHECK(told(slow->take()) == "reset");
  CHECK(told(hub.subscribe(nullptr, id, "x")->take()) == "reset");
  const auto now = last_id(hub.subscribe(nullptr, "", "x")->take());
  LiveHub later;
  for (const auto* other : {"another-1", "-", "-1", "x", ""})
    CHECK(told(hub.subscribe(nullptr, other, "x")->take()) == (*other ? "reset" : "hello"));
  CHECK(told(later.subscribe(nullptr, now, "x")->take()) == "reset");
  CHECK(told(hub.subscribe(nullptr, now + "9", "x")->take()) == "reset");
  CHECK(told(hub.subscribe(nullptr, now, "x")->take()) == "hello");
}

TEST_CASE("the streams of one owner end at once, and nothing more is told to them") {
  LiveHub hub;
  const auto one = hub.subscribe(nullptr, "", "x");
  const auto other = hub.subscribe(nullptr, "", "y");
  int woken = 0;
  one->on_news([&] { ++woken; });
  hub.close_of("x");
  CHECK(woken == 2);
  CHECK(one->closed());
  CHECK_FALSE(other->closed());
  hub.publish("journal", "a");
  CHECK(one->take().empty());
  CHECK(told(other->take()) == "hello, journal a");
}
