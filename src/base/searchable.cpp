#include "base/searchable.hpp"

namespace digue {

std::string searchable(std::string_view text) {
  // U+00C0 .. U+017F, two letters each; a blank stands for none.
  static constexpr std::string_view latin =
      "a a a a a a aec e e e e i i i i d n o o o o o * o u u u u y thss"
      "a a a a a a aec e e e e i i i i d n o o o o o / o u u u u y thy "
      "a a a a a a c c c c c c c c d d d d e e e e e e e e e e g g g g "
      "g g g g h h h h i i i i i i i i i i ijijj j k k q l l l l l l l "
      "l l l n n n n n n n n n o o o o o o oeoer r r r r r s s s s s s "
      "s s t t t t t t u u u u u u u u u u u u w w y y y z z z z z z s ";
  static_assert(latin.size() == 2 * (0x180 - 0xc0));
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = [&](std::size_t at) { return at < text.size() ? static_cast<unsigned char>(text[at]) : 0u; };
    const unsigned c = byte(i);
    const unsigned next = byte(i + 1);
    if (c >= 0xc3 && c <= 0xc5 && (next & 0xc0) == 0x80) {
      const auto letters = latin.substr(2 * (((c & 0x1f) << 6 | (next & 0x3f)) - 0xc0), 2);
      out += letters.front();
      if (letters.back() != ' ') out += letters.back();
      ++i;
    } else if (c == 0xc2 && next == 0xa0) {
      out += ' ';
      ++i;
    } else if (c == 0xe2 && next == 0x80 && (byte(i + 2) == 0x99 || byte(i + 2) == 0xaf)) {
      out += byte(i + 2) == 0x99 ? '\'' : ' ';
      i += 2;
    } else {
      out += c == 0 ? ' ' : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : static_cast<char>(c);
    }
  }
  return out;
}

}  // namespace digue
