#include "connect/guided/template.hpp"

#include <algorithm>

#include "base/messages.hpp"
#include "base/quote.hpp"
#include "base/time.hpp"

namespace digue::guided {

namespace {

using Part = Template::Part;

bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || c == '_';
}

tl::unexpected<Error> wrong(std::size_t line, std::string message, std::string help = {}) {
  return fail(ErrorCode::bad_input, std::move(message), std::to_string(line), std::move(help));
}

/// Follows the quotes of a shell through the text around placeholders, so that none stands where its encoder would not hold.
class Scanner {
 public:
  explicit Scanner(Shell shell) : shell_(shell) {}

  /// What is wrong in this piece of literal text; empty when nothing.
  std::string_view read(std::string_view text) {
    for (std::size_t at = 0; at < text.size(); ++at) {
      const char c = text[at];
      const char escape = shell_ == Shell::sh ? '\\' : '`';
      if (comment_) {
        comment_ = c != '\n';
      } else if (c == escape && quote_ != '\'') {
        ++at;
      } else if (quote_ != 0) {
        if (c == quote_) quote_ = 0;
      } else if (c == '\'' || c == '"') {
        if (shell_ == Shell::powershell && last_ == '@') return "a here-string";
        quote_ = c;
      } else if (c == '#' && (last_ == 0 || last_ == ' ' || last_ == '\n')) {
        comment_ = true;
      } else if (shell_ == Shell::sh && c == '<' && last_ == '<') {
        return "a here-document";
      }
      last_ = c;
    }
    return {};
  }
  bool inside() const { return quote_ != 0 || comment_; }
  bool open_quote() const { return quote_ != 0; }
  char last() const { return last_; }
  /// A value was written.
  void value() { last_ = 'x'; }

 private:
  Shell shell_;
  char quote_ = 0;
  bool comment_ = false;
  char last_ = 0;
};

/// Characters that may touch a word of its own. Others would make it part of a variable's name, a pattern or a member access.
bool may_touch(Shell shell, char before, char after) {
  const std::string_view left = shell == Shell::sh ? " \t\n=/\"':@(," : " \t\n(,=;:{@!";
  const std::string_view right = shell == Shell::sh ? " \t\n/\"');|,:&" : " \t\n),;}|";
  return (before == 0 || left.find(before) != std::string_view::npos) && (after == 0 || right.find(after) != std::string_view::npos);
}

class Parser {
 public:
  Parser(std::string_view text, Shell shell) : text_(text), shell_(shell), scanner_(shell) {}

  Result<std::vector<Part>> commands() {
    std::vector<Part> parts;
    while (at_ < text_.size()) {
      if (starts("[[") || at_placeholder()) {
        const std::size_t line = line_;
        if (scanner_.inside())
          return wrong(line, "a placeholder inside quotes or a comment",
                       "Its encoder adds the quotes: write {{name}} without any, or [[text {{name}}]].");
        const char before = scanner_.last();
        auto part = starts("[[") ? word() : one();
        if (!part) return tl::make_unexpected(part.error());
        if (!may_touch(shell_, before, peek()))
          return wrong(line, "a placeholder that touches other text", "Put what belongs together into [[text {{name}} text]].");
        scanner_.value();
        parts.push_back(std::move(*part));
        continue;
      }
      std::string text;
      while (at_ < text_.size() && !starts("[[") && !at_placeholder()) text += take();
      if (const auto found = scanner_.read(text); !found.empty())
        return wrong(line_, std::string(found) + " cannot hold placeholders safely", "Use a file (ldif) or one word ([[...]]).");
      parts.push_back({std::move(text), nullptr, Encoding::none, false, {}});
    }
    if (scanner_.open_quote()) return wrong(line_, "a quote that does not end");
    return parts;
  }

  /// Lines "name: value" of LDIF; a line with placeholders is one word whose `text` is the name.
  Result<std::vector<Part>> ldif() {
    std::vector<Part> parts;
    while (at_ < text_.size()) {
      std::string text;
      while (at_ < text_.size() && peek() != '\n' && !at_placeholder()) text += take();
      if (at_placeholder()) {
        const auto colon = text.find(": ");
        if (colon == std::string::npos)
          return wrong(line_, "a placeholder that is no value", "Expected a line of the form name: {{value}}.");
        Part line{text.substr(0, colon), nullptr, Encoding::none, true, {}};
        if (text.size() > colon + 2) line.parts.push_back({text.substr(colon + 2), nullptr, Encoding::none, false, {}});
        if (auto rest = inner(line, "\n"); !rest) return tl::make_unexpected(rest.error());
        parts.push_back(std::move(line));
        text.clear();
      }
      if (at_ < text_.size()) text += take();
      if (!text.empty()) parts.push_back({std::move(text), nullptr, Encoding::none, false, {}});
    }
    return parts;
  }

  /// Lines "{{key}} text" of a lookup table.
  Result<std::vector<Part>> map() {
    std::vector<Part> parts;
    bool line_start = true;
    while (at_ < text_.size()) {
      if (at_placeholder()) {
        auto part = one();
        if (!part)
          return part.error().where.empty() ? wrong(line_, part.error().message)
                                            : Result<std::vector<Part>>(tl::make_unexpected(part.error()));
        const bool plain = part->what->kind == Kind::time || part->what->kind == Kind::reference;
        if (line_start == plain)
          return wrong(line_, "only keys, times and the reference go into a table", "Expected {{key}} at the start of a line.");
        part->word = line_start;
        line_start = false;
        parts.push_back(std::move(*part));
        continue;
      }
      std::string text(1, take());
      line_start = text == "\n";
      parts.push_back({std::move(text), nullptr, Encoding::none, false, {}});
    }
    return parts;
  }

 private:
  bool starts(std::string_view mark) const { return text_.substr(at_).starts_with(mark); }
  bool at_placeholder() const { return starts("{{") && at_ + 2 < text_.size() && is_name(text_[at_ + 2]); }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  char take() {
    if (text_[at_] == '\n') ++line_;
    return text_[at_++];
  }

  Result<Part> one() {
    const auto end = text_.find("}}", at_);
    if (end == std::string_view::npos) return wrong(line_, "a placeholder that does not end", "Expected {{name}} or {{name|encoding}}.");
    const auto inside = text_.substr(at_ + 2, end - at_ - 2);
    const auto bar = inside.find('|');
    Part part;
    part.what = placeholder(inside.substr(0, bar));
    if (part.what == nullptr) {
      std::string known;
      for (const auto& each : placeholders) known += (known.empty() ? "" : ", ") + std::string(each.name);
      return wrong(line_, "unknown placeholder \"" + std::string(inside.substr(0, bar)) + "\"", "Expected one of " + known + ".");
    }
    const auto code = bar == std::string_view::npos ? std::string_view() : inside.substr(bar + 1);
    const auto found = std::find_if(encoding_names.begin(), encoding_names.end(), [&](const auto& each) { return each.text == code; });
    if (found == encoding_names.end() || (bar != std::string_view::npos && code.empty())) {
      std::string known;
      for (const auto& each : encoding_names)
        if (!each.text.empty()) known += (known.empty() ? "" : ", ") + std::string(each.text);
      return wrong(line_, "unknown encoding \"" + std::string(code) + "\"", "Expected one of " + known + ".");
    }
    part.encoding = found->value;
    at_ = end + 2;
    return part;
  }

  Result<Part> word() {
    at_ += 2;
    Part part{{}, nullptr, Encoding::none, true, {}};
    if (auto done = inner(part, "]]"); !done) return tl::make_unexpected(done.error());
    if (!starts("]]")) return wrong(line_, "a word that does not end", "Expected [[text {{name}} text]].");
    at_ += 2;
    return part;
  }

  Result<void> inner(Part& word, std::string_view end) {
    std::string text;
    const auto flush = [&] {
      if (!text.empty()) word.parts.push_back({std::move(text), nullptr, Encoding::none, false, {}});
      text.clear();
    };
    while (at_ < text_.size() && !starts(end)) {
      if (!at_placeholder()) {
        text += take();
        continue;
      }
      flush();
      auto part = one();
      if (!part) return tl::make_unexpected(part.error());
      if (part->what->kind == Kind::list) return wrong(line_, "a list inside a word", "Lists stand alone: {{ips}}.");
      word.parts.push_back(std::move(*part));
    }
    flush();
    return {};
  }

  std::string_view text_;
  Shell shell_;
  Scanner scanner_;
  std::size_t at_ = 0;
  std::size_t line_ = 0;
};

Result<std::string> encode(Encoding encoding, const std::string& value) {
  switch (encoding) {
    case Encoding::none:
      return value;
    case Encoding::json:
      return quote::json_text(value);
    case Encoding::url:
      return quote::url_component(value);
    case Encoding::odata:
      return quote::odata_text(value);
    case Encoding::ldap:
      return quote::ldap_filter_value(value);
    case Encoding::name:
      return quote::ldap_name_value(value);
    case Encoding::phrase:
      return quote::search_phrase(value);
    case Encoding::date:
      return value.substr(0, value.find('T'));
    case Encoding::epoch: {
      const auto time = parse_iso8601(value);
      if (!time) return fail(ErrorCode::internal, "a time that is none", value);
      return std::to_string(time->civil / 1'000'000);
    }
    case Encoding::local:
      return value.substr(0, value.rfind('@'));
    case Encoding::domain:
      return value.substr(value.rfind('@') + 1);
  }
  return value;
}

void gather(const std::vector<Part>& parts, std::vector<std::string_view>& names) {
  for (const auto& part : parts) {
    if (part.what != nullptr && std::find(names.begin(), names.end(), part.what->name) == names.end()) names.push_back(part.what->name);
    gather(part.parts, names);
  }
}

class Filler {
 public:
  Filler(Shell shell, const Template::Values& values) : shell_(shell), values_(values) {}

  Result<std::string> fill(const std::vector<Part>& parts) {
    for (const auto& part : parts) {
      if (part.word && part.what == nullptr) {
        auto text = concatenated(part);
        if (!text) return text;
        if (auto done = shell_ == Shell::ldif ? add(quote::ldif_line(part.text, *text)) : add_word(*text, !part.parts.front().what); !done)
          return tl::make_unexpected(done.error());
      } else if (part.what != nullptr) {
        if (auto done = add_value(part); !done) return tl::make_unexpected(done.error());
      } else {
        out_ += part.text;
      }
    }
    return std::move(out_);
  }

 private:
  Result<void> add(Result<std::string> text) {
    if (!text) return tl::make_unexpected(text.error());
    out_ += *text;
    return {};
  }

  Result<void> add_word(const std::string& text, bool fixed_start) {
    // No quoting keeps a program from reading a word as an option; only "--" before it does.
    if (shell_ == Shell::sh && !fixed_start && text.starts_with('-') && !out_.ends_with("-- ") &&
        (out_.empty() || out_.back() == ' ' || out_.back() == '\n' || out_.back() == '('))
      return fail(ErrorCode::bad_input, tr("guided.dash"), {}, tr("quote.help"));
    return add(shell_ == Shell::sh ? quote::sh_word(text) : quote::powershell_word(text));
  }

  Result<void> add_value(const Part& part) {
    const auto& values = *values_(*part.what);
    bool first = true;
    for (const auto& value : values) {
      auto text = encode(part.encoding, value);
      if (!text) return tl::make_unexpected(text.error());
      if (!first) out_ += shell_ == Shell::sh ? " " : ", ";
      first = false;
      if (shell_ == Shell::postfix_map) {
        if (auto done = part.word ? add(quote::postfix_key(*text)) : add(std::move(text)); !done) return done;
      } else if (auto done = add_word(*text, false); !done) {
        return done;
      }
    }
    return {};
  }

  Result<std::string> concatenated(const Part& word) const {
    std::string text = "";
    for (const auto& part : word.parts) {
      if (part.what == nullptr) {
        text += part.text;
        continue;
      }
      const auto value = encode(part.encoding, values_(*part.what)->front());
      if (!value) return value;
      text += *value;
    }
    return text;
  }

  Shell shell_;
  const Template::Values& values_;
  std::string out_;
};

}  // namespace

const Placeholder* placeholder(std::string_view name) {
  const auto found = std::find_if(placeholders.begin(), placeholders.end(), [&](const auto& each) { return each.name == name; });
  return found == placeholders.end() ? nullptr : &*found;
}

Result<Template> Template::parse(std::string_view text, Shell shell) {
  Parser parser(text, shell);
  auto parts = shell == Shell::ldif ? parser.ldif() : shell == Shell::postfix_map ? parser.map() : parser.commands();
  if (!parts) return tl::make_unexpected(parts.error());
  Template out;
  out.shell_ = shell;
  out.parts_ = std::move(*parts);
  return out;
}

std::vector<std::string_view> Template::names() const {
  std::vector<std::string_view> names;
  gather(parts_, names);
  return names;
}

Result<std::string> Template::fill(const Values& values) const {
  return Filler(shell_, values).fill(parts_);
}

}  // namespace digue::guided
