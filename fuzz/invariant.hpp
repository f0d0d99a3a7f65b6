#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace digue::fuzz {

/// Ends the run with what was broken: a fuzzer asserts a property, not only the absence of a crash.
inline void invariant(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

}  // namespace digue::fuzz

/// The same with the condition's own text.
#define INVARIANT(condition) digue::fuzz::invariant(static_cast<bool>(condition), #condition)
