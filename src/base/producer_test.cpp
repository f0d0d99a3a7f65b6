#include "base/producer.hpp"

#include <doctest/doctest.h>

using namespace digue;

namespace {

std::string all_of(Producer& producer) {
  std::string out;
  for (;;) {
    const auto more = producer.next(out);
    REQUIRE(more);
    if (!*more) return out;
  }
}

}  // namespace

TEST_CASE("producer: all parts come in their order, more than may wait") {
  std::string expected;
  for (int i = 0; i < 200'000; ++i) expected += "part " + std::to_string(i) + std::string(64, '.');
  Producer producer([&](const Producer::Put& put) -> Result<void> {
    for (std::size_t at = 0; at < expected.size(); at += 100'000)
      if (auto done = put(std::string_view(expected).substr(at, 100'000)); !done) return done;
    return {};
  });
  CHECK(all_of(producer) == expected);
  std::string more;
  CHECK_FALSE(producer.next(more).value());
}

TEST_CASE("producer: what was made before an error is taken before the error") {
  Producer producer([](const Producer::Put& put) -> Result<void> {
    static_cast<void>(put("abc"));
    return fail(ErrorCode::io, "no more");
  });
  std::string part;
  CHECK(producer.next(part).value());
  CHECK(part == "abc");
  CHECK(producer.next(part).error().message == "no more");
  Producer throwing([](const Producer::Put&) -> Result<void> { throw std::runtime_error("thrown"); });
  CHECK(throwing.next(part).error().message == "thrown");
}

TEST_CASE("producer: who leaves ends the work; nothing runs before somebody takes") {
  bool ran = false;
  bool ended = false;
  {
    Producer producer([&](const Producer::Put& put) -> Result<void> {
      ran = true;
      const std::string part(1 << 20, 'x');
      for (;;)
        if (auto done = put(part); !done) {
          ended = done.error().code == ErrorCode::cancelled;
          return done;
        }
    });
    CHECK_FALSE(ran);
    std::string part;
    CHECK(producer.next(part).value());
  }
  CHECK(ended);
}
