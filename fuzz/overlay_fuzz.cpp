#include <cstdint>

#include "invariant.hpp"
#include "playbook/overlay.hpp"

using namespace digue;

/// An overlay that is read is written so that it is read alike; one that is refused says where and what was expected.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto overlay = playbook::load_overlay(text, "fuzz.yaml", nullptr);
  if (!overlay) {
    INVARIANT(!overlay.error().message.empty() && overlay.error().where.starts_with("fuzz.yaml"));
    return 0;
  }
  const auto written = playbook::to_yaml(*overlay);
  const auto again = playbook::load_overlay(written, "fuzz.yaml", nullptr);
  // What is escaped may outgrow the bound.
  if (written.size() <= playbook::max_overlay) INVARIANT(again && playbook::to_yaml(*again) == written);
  return 0;
}
