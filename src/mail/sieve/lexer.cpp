#include "mail/sieve/lexer.hpp"

#include "base/messages.hpp"
#include "base/text.hpp"

namespace digue::sieve {

namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

class Lexer {
 public:
  explicit Lexer(std::string_view script) : script_(script) {}

  Result<std::vector<Token>> run() {
    std::vector<Token> out;
    while (true) {
      if (auto skipped = skip(); !skipped) return tl::make_unexpected(skipped.error());
      if (at_ == script_.size()) return out;
      Token token;
      token.offset = at_;
      token.line = line_;
      if (auto read = next(token); !read) return tl::make_unexpected(read.error());
      token.length = at_ - token.offset;
      out.push_back(std::move(token));
    }
  }

 private:
  char peek(std::size_t ahead = 0) const { return at_ + ahead < script_.size() ? script_[at_ + ahead] : '\0'; }
  char take() {
    if (script_[at_] == '\n') ++line_;
    return script_[at_++];
  }
  Result<void> wrong(std::string_view key, std::size_t line) const {
    return fail(ErrorCode::bad_input, tr(key), tr("sieve.line", {{"line", std::to_string(line)}}));
  }

  /// Blanks and comments.
  Result<void> skip() {
    while (at_ < script_.size()) {
      const char c = peek();
      if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
        take();
      } else if (c == '#') {
        while (at_ < script_.size() && peek() != '\n') take();
      } else if (c == '/' && peek(1) == '*') {
        const auto begun = line_;
        const auto end = script_.find("*/", at_ + 2);
        if (end == std::string_view::npos) return wrong("sieve.comment", begun);
        while (at_ < end + 2) take();
      } else {
        break;
      }
    }
    return {};
  }

  Result<void> next(Token& token) {
    const char c = peek();
    if (c == '"') return quoted(token);
    if (is_letter(c)) return word(token);
    if (c == ':' && is_letter(peek(1))) {
      take();
      token.kind = Token::Kind::tag;
      token.text = name();
      return {};
    }
    if (is_digit(c)) {
      token.kind = Token::Kind::number;
      while (is_digit(peek())) token.text += take();
      if (std::string_view("KMGkmg").find(peek()) != std::string_view::npos && peek() != '\0') token.text += take();
      return {};
    }
    if (std::string_view(";,{}[]()").find(c) != std::string_view::npos && c != '\0') {
      token.kind = Token::Kind::mark;
      token.text = take();
      return {};
    }
    return wrong("sieve.character", line_);
  }

  std::string name() {
    std::string out;
    while (is_letter(peek()) || is_digit(peek())) out += take();
    return lower(out);
  }

  Result<void> quoted(Token& token) {
    token.kind = Token::Kind::string;
    take();
    while (at_ < script_.size()) {
      const char c = take();
      if (c == '"') return {};
      if (c == '\\') {
        if (at_ == script_.size()) break;
        token.text += take();  // any octet may be escaped and stands for itself
      } else {
        token.text += c;
      }
    }
    return wrong("sieve.string", token.line);
  }

  /// An identifier, or "text:" and lines until one that is a dot.
  Result<void> word(Token& token) {
    token.kind = Token::Kind::identifier;
    token.text = name();
    if (token.text != "text" || peek() != ':') return {};
    take();
    token.kind = Token::Kind::string;
    token.text.clear();
    while (peek() == ' ' || peek() == '\t') take();
    if (peek() == '#')
      while (at_ < script_.size() && peek() != '\n') take();
    if (peek() == '\r') take();
    if (peek() != '\n') return wrong("sieve.string", token.line);
    take();
    while (at_ < script_.size()) {
      auto end = script_.find('\n', at_);
      if (end == std::string_view::npos) break;
      auto text = script_.substr(at_, end - at_ + 1);
      while (at_ <= end) take();
      if (text == ".\n" || text == ".\r\n") return {};
      if (text.starts_with('.')) text.remove_prefix(1);
      token.text += text;
    }
    // The last line may lack its end.
    if (script_.substr(at_) == "." || script_.substr(at_) == ".\r") {
      at_ = script_.size();
      return {};
    }
    return wrong("sieve.string", token.line);
  }

  std::string_view script_;
  std::size_t at_ = 0, line_ = 1;
};

}  // namespace

Result<std::vector<Token>> tokens(std::string_view script) {
  return Lexer(script).run();
}

}  // namespace digue::sieve
