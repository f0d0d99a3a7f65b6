#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"

namespace digue {

/// What a jail could hold back on this machine.
struct Jail {
  int landlock_abi = 0;  ///< 0: the kernel has no Landlock
};

/// Shuts this process in, for good: no sockets, no tracing, no new programs (seccomp), and of the file system only reading below
/// `readable` (Landlock, the rights that the running kernel knows). Open descriptors go on working. Call before the first hostile byte
/// and before threads start. Without Landlock it is an error (forbidden) unless `without_landlock`.
/// `programs`: files that may still be executed in this process's place, jailed as it is.
Result<Jail> enter_jail(const std::vector<std::string>& readable, bool without_landlock, const std::vector<std::string>& programs = {});

}  // namespace digue
