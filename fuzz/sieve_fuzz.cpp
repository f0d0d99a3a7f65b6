#include <cstdint>
#include <string>

#include "invariant.hpp"
#include "mail/sieve/lexer.hpp"
#include "mail/sieve/verdict.hpp"

using namespace digue;

/// Tokens stand in order inside the script, with nothing but blanks and comments between them; a string that is written again, quoted, is
/// read as the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view script(reinterpret_cast<const char*>(data), size);
  const auto judged = sieve::verdict(script);
  const auto all = sieve::tokens(script);
  INVARIANT(all.has_value() == !judged.unread.has_value());
  if (!all) return 0;
  INVARIANT(judged.effects.size() <= all->size());
  std::size_t end = 0;
  std::string again;
  for (const auto& one : *all) {
    INVARIANT(one.offset >= end && one.length > 0 && one.offset + one.length <= size);
    const auto between = script.substr(end, one.offset - end);
    INVARIANT(between.empty() || std::string_view(" \t\r\n#/").find(between.front()) != std::string_view::npos);
    end = one.offset + one.length;
    if (one.kind == sieve::Token::Kind::string) {
      again += '"';
      for (const char c : one.text) again += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
      again += '"';
    } else {
      again += (one.kind == sieve::Token::Kind::tag ? ":" : "") + one.text;
    }
    again += ' ';
  }
  const auto twice = sieve::tokens(again);
  INVARIANT(twice && twice->size() == all->size());
  for (std::size_t i = 0; i < all->size(); ++i) INVARIANT((*twice)[i].kind == (*all)[i].kind && (*twice)[i].text == (*all)[i].text);
  return 0;
}
