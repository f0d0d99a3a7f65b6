#include "base/result.hpp"

namespace digue {

std::string to_text(const Error& error) {
  std::string text = error.message;
  if (!error.where.empty()) {
    const bool closed = text.ends_with('.');
    if (closed) text.pop_back();
    text += " (" + error.where + (closed ? ")." : ")");
  }
  if (!error.help.empty()) text += (text.ends_with('.') ? " " : ". ") + error.help;
  return text;
}

}  // namespace digue
