#include "mail/sieve/verdict.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.hpp"
#include "mail/sieve/lexer.hpp"

namespace digue::sieve {

namespace {

using Tokens = std::vector<Token>;
using enum Effect::Kind;

struct Verb {
  std::string_view name;
  Effect::Kind kind;
};
constexpr std::array<Verb, 11> verbs{{{"redirect", redirect},
                                      {"discard", discard},
                                      {"fileinto", fileinto},
                                      {"reject", reject},
                                      {"ereject", reject},
                                      {"refuse", reject},
                                      {"vacation", vacation},
                                      {"notify", notify},
                                      {"include", include},
                                      {"addflag", flag},
                                      {"setflag", flag}}};

bool is_mark(const Token& token, char mark) {
  return token.kind == Token::Kind::mark && token.text[0] == mark;
}

void append_utf8(std::string& out, unsigned long code) {
  const auto byte = [&](unsigned long value) { out += static_cast<char>(value); };
  if (code < 0x80) {
    byte(code);
  } else if (code < 0x800) {
    byte(0xc0 | (code >> 6));
    byte(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    byte(0xe0 | (code >> 12));
    byte(0x80 | ((code >> 6) & 0x3f));
    byte(0x80 | (code & 0x3f));
  } else {
    byte(0xf0 | (code >> 18));
    byte(0x80 | ((code >> 12) & 0x3f));
    byte(0x80 | ((code >> 6) & 0x3f));
    byte(0x80 | (code & 0x3f));
  }
}

/// The characters of "hex: 40 41" or "unicode: 20ac"; nothing when it is neither.
std::optional<std::string> encoded(std::string_view inside) {
  const auto colon = inside.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const bool hex = iequals(inside.substr(0, colon), "hex");
  if (!hex && !iequals(inside.substr(0, colon), "unicode")) return std::nullopt;
  auto rest = trim(inside.substr(colon + 1));
  if (rest.empty()) return std::nullopt;
  std::string out;
  while (!rest.empty()) {
    unsigned long code = 0;
    const auto [end, problem] = std::from_chars(rest.data(), rest.data() + rest.size(), code, 16);
    if (problem != std::errc() || code > (hex ? 0xffUL : 0x10ffffUL) || (!hex && code >= 0xd800 && code < 0xe000)) return std::nullopt;
    if (hex)
      out += static_cast<char>(code);
    else
      append_utf8(out, code);
    const auto used = static_cast<std::size_t>(end - rest.data());
    if (used < rest.size() && rest[used] != ' ' && rest[used] != '\t' && rest[used] != '\r' && rest[used] != '\n') return std::nullopt;
    rest = trim(rest.substr(used));
  }
  return out;
}

std::string decoded(const std::string& text) {
  std::string out;
  std::size_t at = 0;
  while (at < text.size()) {
    const auto open = text.find("${", at);
    const auto close = open == std::string::npos ? open : text.find('}', open);
    if (close == std::string::npos) break;
    out.append(text, at, open - at);
    if (const auto plain = encoded(std::string_view(text).substr(open + 2, close - open - 2)))
      out += *plain;
    else
      out.append(text, open, close + 1 - open);
    at = close + 1;
  }
  return out.append(text, at);
}

class Judge {
 public:
  explicit Judge(const Tokens& tokens) : tokens_(tokens) {}

  std::vector<Effect> run() {
    std::size_t begin = 0;
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      const bool opens = is_mark(tokens_[i], '{'), closes = is_mark(tokens_[i], '}');
      if (!opens && !closes && !is_mark(tokens_[i], ';')) continue;
      command(begin, i);
      begin = i + 1;
      if (opens) ++depth_;
      if (closes && depth_ > 0) --depth_;
    }
    command(begin, tokens_.size());
    return std::move(effects_);
  }

 private:
  void command(std::size_t begin, std::size_t end) {
    if (begin >= end || tokens_[begin].kind != Token::Kind::identifier) return;
    const auto& name = tokens_[begin].text;
    if (name == "require") {
      for (auto i = begin; i < end; ++i) {
        encoded_ = encoded_ || (tokens_[i].kind == Token::Kind::string && iequals(tokens_[i].text, "encoded-character"));
        variables_ = variables_ || (tokens_[i].kind == Token::Kind::string && iequals(tokens_[i].text, "variables"));
      }
      return;
    }
    const auto verb = std::find_if(verbs.begin(), verbs.end(), [&](const auto& one) { return one.name == name; });
    if (verb == verbs.end()) return;
    Effect effect;
    effect.kind = verb->kind;
    effect.line = tokens_[begin].line;
    effect.conditional = depth_ > 0;
    effect.copy = std::any_of(tokens_.begin() + static_cast<std::ptrdiff_t>(begin), tokens_.begin() + static_cast<std::ptrdiff_t>(end),
                              [](const Token& one) { return one.kind == Token::Kind::tag && one.text == "copy"; });
    // What an action is about is its last argument: one string, or a list of them.
    for (auto i = end; i-- > begin + 1;) {
      if (tokens_[i].kind == Token::Kind::string) {
        effect.target = effect.target.empty() ? tokens_[i].text : tokens_[i].text + " " + effect.target;
      } else if (!(is_mark(tokens_[i], ']') && i + 1 == end) && !is_mark(tokens_[i], ',')) {
        break;
      }
      if (!is_mark(tokens_[end - 1], ']')) break;
    }
    if (encoded_) effect.target = decoded(effect.target);
    effect.computed = variables_ && effect.target.find("${") != std::string::npos;
    effects_.push_back(std::move(effect));
  }

  const Tokens& tokens_;
  std::vector<Effect> effects_;
  std::size_t depth_ = 0;
  bool encoded_ = false, variables_ = false;
};

}  // namespace

bool Verdict::forwards() const {
  return std::any_of(effects.begin(), effects.end(), [](const auto& one) { return one.kind == redirect || one.kind == notify; });
}

bool Verdict::hides() const {
  return std::any_of(effects.begin(), effects.end(), [](const auto& one) {
    return one.kind == discard || one.kind == reject || (one.kind == fileinto && !one.copy) ||
           (one.kind == flag && (icontains(one.target, "\\seen") || icontains(one.target, "\\deleted")));
  });
}

Verdict verdict(std::string_view script) {
  Verdict out;
  const auto all = tokens(script);
  if (!all) {
    out.unread = to_text(all.error());
    return out;
  }
  out.effects = Judge(*all).run();
  return out;
}

std::string_view name(Effect::Kind kind) {
  constexpr std::array<std::string_view, 8> names{"redirect", "discard", "fileinto", "reject", "vacation", "notify", "include", "flag"};
  return names[static_cast<std::size_t>(kind)];
}

}  // namespace digue::sieve
