#include <cstdint>

#include "base/json/value.hpp"
#include "invariant.hpp"
#include "worker/job.hpp"

using namespace digue;

/// Canonical text is stable: read again, it canonicalises to itself.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static_cast<void>(worker::job_from_json(text));
  const auto value = json::parse(text);
  if (!value) return 0;
  const std::string canonical = json::canonical(*value);
  const auto again = json::parse(canonical, {std::size_t{16} << 20, 64});
  INVARIANT(again);
  INVARIANT(json::canonical(*again) == canonical);
  return 0;
}
