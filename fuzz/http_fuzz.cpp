#include <cstdint>
#include <string>

#include "invariant.hpp"
#include "net/parser.hpp"

using namespace digue::net;

namespace {

std::string parse(std::string_view bytes, std::size_t step) {
  RequestParser parser;
  std::string seen;
  std::size_t start = 0;
  for (std::size_t end = std::min(step, bytes.size());; end = std::min(bytes.size(), end + step)) {
    while (start < end) {
      const std::size_t used = parser.feed(bytes.substr(start, end - start));
      INVARIANT(used <= end - start);
      seen += parser.take_body();
      start += used;
      if (parser.state() == RequestParser::State::failed) return "refused";
      if (parser.state() == RequestParser::State::done) return seen + "|done";
      if (used == 0) break;
    }
    if (end == bytes.size()) break;
  }
  return seen + "|open";
}

}  // namespace

/// The pieces in which a request comes do not change how it is read, but for how early a bad one that is still incomplete is refused.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 20'000) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string whole = parse(bytes, size + 1), pieces = parse(bytes, 5);
  INVARIANT(whole == pieces || (whole == "refused" && pieces.ends_with("|open")) || (pieces == "refused" && whole.ends_with("|open")));
  return 0;
}
