#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace digue {

/// What the machine says about its own clock. A clock that nothing checks is told as such, never as exact.
struct ClockFacts {
  std::string source;                         ///< "machine"
  bool synchronised = false;                  ///< the kernel's discipline is active (adjtimex: not STA_UNSYNC)
  std::optional<std::int64_t> offset_micros;  ///< last offset that the discipline measured; nothing: unknown
  std::optional<std::int64_t> error_micros;   ///< the kernel's maximum error
  std::string zone;                           ///< the machine's time zone name, empty when unknown
};

ClockFacts read_clock();

}  // namespace digue
