#pragma once

#include <optional>
#include <string>
#include <vector>

#include "journal/entry.hpp"

namespace digue::journal {

/// Which lines of a journal to show. What is empty asks for nothing.
struct Filter {
  std::string words{};                    ///< each of them stands somewhere in the line, whatever its case and accents
  std::vector<Kind> kinds{};              ///< one of them
  std::string author{};                   ///< author or reporter, in part
  std::string account{};                  ///< concerned account, in part
  std::string machine{};                  ///< concerned machine, in part
  std::optional<UtcMicros> from{}, to{};  ///< of the event; `to` excluded
  bool rectified = false;                 ///< only lines that were corrected, and their corrections

  bool empty() const;
};

/// `body` null: the words were destroyed, so that nothing asked of them matches.
bool matches(const Filter& filter, const Header& header, const Body* body, bool rectified);

}  // namespace digue::journal
