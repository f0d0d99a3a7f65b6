#include "people/throttle.hpp"

#include <algorithm>

namespace digue::people {

std::int64_t wait_before(const ThrottleRule& rule, const Failures& failures, UtcMicros time) {
  if (failures.count < rule.free || time.value - failures.last.value >= failure_memory) return 0;
  const auto doublings = std::min<std::int64_t>(failures.count - rule.free, 40);
  const auto delay = std::min(rule.longest, rule.first * (std::int64_t{1} << std::min<std::int64_t>(doublings, 30)));
  // A clock that was set back must not make the wait longer than the delay.
  return std::clamp<std::int64_t>(failures.last.value + delay - time.value, 0, delay);
}

Failures failed_again(const Failures& failures, UtcMicros time) {
  const bool old = time.value - failures.last.value >= failure_memory;
  return {old ? 1 : failures.count + 1, time};
}

}  // namespace digue::people
