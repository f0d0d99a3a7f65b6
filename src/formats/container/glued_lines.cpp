#include "formats/container/glued_lines.hpp"

#include "formats/container/log_time.hpp"

namespace digue::formats {

namespace {

constexpr std::size_t longest_header = 64;

bool is_header(std::string_view text) {
  std::size_t at = 1;
  while (at < text.size() && at < 4 && text[at] >= '0' && text[at] <= '9') ++at;
  if (at == 1 || at >= text.size() || text[at] != '>') return false;
  text.remove_prefix(at + 1);
  if (text.starts_with("1 ")) text.remove_prefix(2);
  Stamp stamp;
  return take_stamp(text, stamp) && text.starts_with(' ');
}

}  // namespace

std::size_t next_glued(std::string_view text, std::size_t from, bool whole) {
  for (auto at = text.find('<', from); at != std::string_view::npos && (whole || at + longest_header <= text.size());
       at = text.find('<', at + 1))
    if (is_header(text.substr(at, longest_header))) return at;
  return std::string_view::npos;
}

bool is_glued(std::string_view first_kilobytes) {
  if (next_glued(first_kilobytes, 0, true) != 0) return false;
  std::size_t at_start = 0;
  std::size_t amid = 0;
  for (std::size_t at = 0; at != std::string_view::npos; at = next_glued(first_kilobytes, at + 1, true))
    ++(at == 0 || first_kilobytes[at - 1] == '\n' ? at_start : amid);
  return amid > at_start;
}

}  // namespace digue::formats
