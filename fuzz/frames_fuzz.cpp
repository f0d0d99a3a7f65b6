#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "invariant.hpp"
#include "worker/frames.hpp"

using digue::fuzz::invariant;
using namespace digue::worker;

namespace {

struct Heard {
  std::vector<std::pair<FrameType, std::string>> frames;
  bool refused = false;
  std::size_t pending = 0;
};

Heard listen(std::string_view bytes, std::size_t step) {
  Heard heard;
  FrameDecoder decoder;
  for (std::size_t at = 0; at < bytes.size() && !heard.refused; at += step) {
    decoder.feed(bytes.substr(at, step));
    while (true) {
      const auto frame = decoder.next();
      heard.refused = !frame;
      if (!frame || !*frame) break;
      invariant((*frame)->payload.size() <= max_payload, "a payload is bounded");
      heard.frames.emplace_back((*frame)->type, (*frame)->payload);
    }
  }
  heard.pending = decoder.pending();
  return heard;
}

}  // namespace

/// The pipe of the worker: what is heard does not depend on how the bytes came, and every byte is in a frame, pending or refused.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const Heard whole = listen(bytes, size == 0 ? 1 : size);
  const Heard cut = listen(bytes, 3);
  invariant(whole.frames == cut.frames && whole.refused == cut.refused, "in pieces as in one");
  std::string again;
  for (const auto& [type, payload] : whole.frames) {
    again += encode(type, payload);
    if (type == FrameType::progress) (void)decode_progress(payload);
  }
  invariant(bytes.substr(0, again.size()) == again, "frames encode to the bytes read");
  if (!whole.refused) invariant(again.size() + whole.pending == size, "no byte is lost");
  return 0;
}
