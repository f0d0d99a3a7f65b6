#include "base/result.hpp"

namespace digue {

std::string to_text(const Error& error) {
  std::string text = error.message;
  if (!error.where.empty()) text += " (" + error.where + ")";
  if (!error.help.empty()) text += ". " + error.help;
  return text;
}

}  // namespace digue
