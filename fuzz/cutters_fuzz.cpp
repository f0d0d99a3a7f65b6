#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "formats/container/cutter.hpp"
#include "invariant.hpp"

using digue::fuzz::invariant;
using namespace digue::formats;

namespace {

/// Cuts the way a reader does: a window that grows by `step` bytes and slides behind what was cut.
std::vector<Span> cut_all(Container container, std::string_view bytes, std::size_t step) {
  const auto cutter = make_cutter(container);
  std::vector<Span> all;
  std::size_t start = 0, end = 0;
  while (start < bytes.size() || end == 0) {
    end = std::min(bytes.size(), end + step);
    const bool last = end == bytes.size();
    while (start < end || last) {
      std::vector<Span> spans;
      const std::string window(bytes.substr(start, end - start));  // its own allocation: reading past it is seen
      const std::size_t used = cutter->cut(window, last, spans);
      invariant(used <= window.size(), "no more is used than was given");
      std::size_t behind = 0;
      for (Span span : spans) {
        invariant(span.offset >= behind && span.offset + span.length <= used, "records stand in order, inside what was used");
        behind = span.offset + span.length;
        span.offset += start;
        all.push_back(span);
      }
      start += used;
      if (used == 0) break;
    }
    if (last) break;
  }
  invariant(start == bytes.size(), "nothing is left at the end");
  return all;
}

}  // namespace

/// The first byte chooses the container; records must not depend on how the bytes came.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > (1u << 16)) return 0;
  const auto container = static_cast<Container>(data[0] % 4);
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto whole = cut_all(container, bytes, bytes.size() + 1);
  const auto pieces = cut_all(container, bytes, 7);
  bool same = whole.size() == pieces.size();
  for (std::size_t i = 0; same && i < whole.size(); ++i)
    same = whole[i].offset == pieces[i].offset && whole[i].length == pieces[i].length &&
           (whole[i].problem == nullptr) == (pieces[i].problem == nullptr);
  invariant(same, "in pieces as in one");
  return 0;
}
