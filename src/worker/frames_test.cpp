#include "worker/frames.hpp"

#include <doctest/doctest.h>

using namespace digue;
using namespace digue::worker;

TEST_CASE("Frames: whole or byte by byte, the same") {
  const std::string bytes = encode_progress(7, 1ULL << 40) + encode(FrameType::output, "\x02line") + encode(FrameType::done, "");
  for (const std::size_t step : {std::size_t{1}, bytes.size()}) {
    FrameDecoder decoder;
    std::vector<std::pair<FrameType, std::string>> got;
    for (std::size_t at = 0; at < bytes.size(); at += step) {
      decoder.feed(std::string_view(bytes).substr(at, step));
      while (true) {
        const auto frame = decoder.next();
        REQUIRE(frame);
        if (!*frame) break;
        got.emplace_back((*frame)->type, (*frame)->payload);
      }
    }
    REQUIRE(got.size() == 3);
    const auto progress = decode_progress(got[0].second);
    REQUIRE(progress);
    CHECK(progress->done == 7);
    CHECK(progress->total == 1ULL << 40);
    CHECK(got[1].second == "\x02line");
    CHECK(got[2].first == FrameType::done);
    CHECK(decoder.pending() == 0);
  }
}

TEST_CASE("Frames: an unknown type or a length beyond the bound ends the conversation") {
  for (const std::string& bad :
       {std::string("\x00\x00\x00\x00\x00", 5), std::string("\x06\x00\x00\x00\x00", 5), std::string("\x03\xff\xff\xff\xff", 5)}) {
    FrameDecoder decoder;
    decoder.feed(bad);
    CHECK_FALSE(decoder.next());
  }
  CHECK_FALSE(decode_progress("short"));
}

TEST_CASE("Streams keep their names") {
  for (std::size_t i = 0; i < stream_count; ++i) CHECK(stream_named(name(static_cast<Stream>(i))) == static_cast<Stream>(i));
  CHECK_FALSE(stream_named("nothing"));
}
