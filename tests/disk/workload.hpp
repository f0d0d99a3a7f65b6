#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "disk.hpp"

/// A night's work on a data directory, what it promises, and the check that a directory keeps the promises.
namespace digue::disk {

/// What somebody was told is kept.
struct Promise {
  std::string incident;
  std::int64_t seq = 0;
  std::string text;       ///< of the journal line
  std::string leaf;       ///< in hexadecimal
  std::string sha256;     ///< of the exhibit that the line tells of; empty: none
  std::int64_t note = 0;  ///< instead of a line: the last whole version of the file `note`
};
using Promises = std::map<std::uint64_t, Promise>;

struct Night {
  Promises promises;                 ///< by their mark
  std::vector<std::string> refused;  ///< texts of lines that somebody was told are not kept
  std::vector<std::string> offered;  ///< all texts that were sent in
  std::string problem;               ///< what went wrong that must not
};

/// Works in the empty `folder` for `steps` steps, then once more on a disk that is well again. Its choices follow from `random`; ids, salts
/// and times do not.
Night work(Recording& recording, Random& random, const std::string& folder, std::size_t steps);

/// Opens what is left in `folder` as the workbench does and compares it with the promises up to `marks`. Empty when all holds, else what
/// does not. Leaves a line of its own behind, to show that work goes on.
std::string broken(const std::string& folder, const Night& night, std::uint64_t marks);

}  // namespace digue::disk
