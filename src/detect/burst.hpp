#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "detect/account.hpp"

namespace digue::detect {

/// A stretch of hours in which an account did something far more than it usually does.
struct Burst {
  std::vector<const Row*> rows;  ///< ascending
  std::uint64_t amount = 0;      ///< over the whole stretch
  std::uint64_t peak = 0;        ///< most within one hour
  std::uint64_t usual = 0;       ///< most within one hour on the account's other days; 0: never done before
  bool enough_history = false;   ///< at least three other days of use
};

/// Stretches of hours (an hour starts at its first row) whose amount reaches `least` and five times the account's usual best hour.
std::vector<Burst> find_bursts(const Account& account, const std::vector<const Row*>& rows, std::uint64_t least,
                               const std::function<std::uint64_t(const Row&)>& amount);

}  // namespace digue::detect
