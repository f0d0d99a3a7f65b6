#pragma once

#include <string>

#include "base/localized.hpp"

namespace digue::incident {

/// Where a statement of the content comes from.
struct Source {
  std::string text;     ///< a law, a card, a page
  std::string dated;    ///< its own date as it gives it, or "n.d."
  std::string checked;  ///< day on which we read it, YYYY-MM-DD
};

/// One content file as the caller read it; the name is only used in errors.
struct ContentFile {
  std::string name;
  std::string text;
};

}  // namespace digue::incident
