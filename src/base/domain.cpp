#include "base/domain.hpp"

#include <algorithm>

namespace digue {

bool is_domain(std::string_view text) {
  if (text.empty() || text.size() > 253 || text.find('.') == std::string_view::npos) return false;
  for (std::size_t at = 0; at <= text.size();) {
    const auto end = std::min(text.find('.', at), text.size());
    const auto label = text.substr(at, end - at);
    if (label.empty() || label.size() > 63 || label.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_") != std::string_view::npos ||
        label.front() == '-' || label.back() == '-')
      return false;
    if (end == text.size() && label.find_first_not_of("0123456789") == std::string_view::npos) return false;
    at = end + 1;
  }
  return true;
}

}  // namespace digue
