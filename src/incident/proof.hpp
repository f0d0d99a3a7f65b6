#pragma once

#include <cstdint>
#include <string>

#include "base/time.hpp"

namespace digue::incident {

/// What a person pasted as the answer of a command: an exhibit, tied to the task that it proves.
struct Proof {
  std::string id;
  std::string task;
  std::string exhibit;
  std::string sha256;  ///< of the exhibit
  std::int64_t bytes = 0;
  std::string platform;
  std::string command;  ///< as it was shown
  std::string note;
  UtcMicros at;
  std::string by;
};

}  // namespace digue::incident
