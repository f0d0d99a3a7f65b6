#include "incident/content_fields.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "base/time.hpp"

namespace digue::incident::content {

namespace {

Localized text_of(YamlProblems& problems, const YamlNode& node, const std::string& what) {
  YamlFields fields(problems, node, what);
  Localized out{fields.text("fr"), fields.text("en")};
  fields.finish();
  return out;
}

std::string named(const YamlFields& fields, std::string_view key) {
  return fields.what() + ", " + std::string(key);
}

std::optional<Date> date_of(std::string_view text) {
  const auto parsed = text.size() == 10 ? parse_iso8601(std::string(text) + "T00:00:00") : std::nullopt;
  if (!parsed) return std::nullopt;
  const auto civil = civil_from_micros(parsed->civil);
  return Date{civil.year, civil.month, civil.day};
}

void need_choice(YamlFields& fields, std::string_view key, std::string_view word, std::span<const std::string_view> choices) {
  if (std::find(choices.begin(), choices.end(), word) != choices.end()) return;
  std::string expected;
  for (const auto one : choices) expected += (expected.empty() ? "Expected " : ", ") + std::string(one);
  const YamlNode* node = fields.optional(key);
  fields.problems().complain(node ? node->line : fields.line(),
                             fields.what() + ": \"" + std::string(key) + "\" cannot be \"" + std::string(word) + "\"", expected + ".");
}

}  // namespace

Localized text(YamlFields& fields, std::string_view key) {
  const YamlNode* node = fields.required(key);
  return node ? text_of(fields.problems(), *node, named(fields, key)) : Localized{};
}

std::optional<Localized> optional_text(YamlFields& fields, std::string_view key) {
  return fields.optional(key) ? std::optional(text(fields, key)) : std::nullopt;
}

std::vector<Localized> texts(YamlFields& fields, std::string_view key) {
  std::vector<Localized> out;
  if (!fields.optional(key)) return out;
  for (const YamlNode& node : fields.list(key)) out.push_back(text_of(fields.problems(), node, named(fields, key)));
  return out;
}

std::string optional_word(YamlFields& fields, std::string_view key) {
  return fields.optional(key) ? fields.text(key) : std::string();
}

bool optional_flag(YamlFields& fields, std::string_view key) {
  return fields.optional(key) && fields.flag(key);
}

std::vector<std::string> optional_words(YamlFields& fields, std::string_view key) {
  return fields.optional(key) ? fields.words(key) : std::vector<std::string>();
}

std::string choice(YamlFields& fields, std::string_view key, std::span<const std::string_view> choices) {
  const std::string word = fields.text(key);
  need_choice(fields, key, word, choices);
  return word;
}

std::vector<std::string> choices(YamlFields& fields, std::string_view key, std::span<const std::string_view> choices) {
  auto words = optional_words(fields, key);
  for (const auto& word : words) need_choice(fields, key, word, choices);
  return words;
}

std::optional<Date> optional_date(YamlFields& fields, std::string_view key) {
  const YamlNode* node = fields.optional(key);
  if (!node) return std::nullopt;
  const auto date = date_of(node->text);
  if (!date) fields.problems().complain(node->line, fields.what() + ": \"" + std::string(key) + "\" is not a date", "Expected 2026-03-29.");
  return date;
}

std::vector<Source> sources(YamlFields& fields) {
  std::vector<Source> out;
  each(fields, "sources", "source", [&](YamlFields& one) {
    Source source{one.text("text"), one.text("dated"), one.text("checked")};
    if (!source.checked.empty() && !date_of(source.checked))
      fields.problems().complain(one.line(), one.what() + ": \"checked\" is not a date", "Expected 2026-03-29.");
    out.push_back(std::move(source));
  });
  if (out.empty()) fields.problems().complain(fields.line(), fields.what() + ": \"sources\" is empty", "Expected where it comes from.");
  return out;
}

void object(YamlFields& fields, std::string_view key, const std::function<void(YamlFields&)>& read) {
  const YamlNode* node = fields.required(key);
  if (!node) return;
  YamlFields inner(fields.problems(), *node, named(fields, key));
  read(inner);
  inner.finish();
}

void each(YamlFields& fields, std::string_view key, const std::string& kind, const std::function<void(YamlFields&)>& read) {
  const auto list = fields.list(key);
  if (list.size() > max_entries) {
    fields.problems().complain(list[max_entries].line, fields.what() + ": \"" + std::string(key) + "\" is too long",
                               "Expected at most " + std::to_string(max_entries) + " entries.");
    return;
  }
  for (const YamlNode& node : list) {
    const YamlNode* name = node.find(kind);
    YamlFields inner(fields.problems(), node, name ? kind + " " + name->text : fields.what() + ", " + kind);
    read(inner);
    inner.finish();
  }
}

Result<void> read_files(std::span<const ContentFile> files, std::string_view schema, const std::function<void(YamlFields&)>& read) {
  for (const ContentFile& file : files) {
    const auto root = parse_yaml(file.text, file.name);
    if (!root) return tl::make_unexpected(root.error());
    YamlProblems problems(file.name);
    YamlFields fields(problems, *root, "file");
    const std::string given = fields.text("schema");
    if (given != schema) {
      problems.complain(root->line, "unknown schema \"" + given + "\"", "Expected " + std::string(schema) + ".");
    } else {
      read(fields);
      fields.finish();
    }
    if (const auto& problem = problems.first()) return tl::make_unexpected(*problem);
  }
  return {};
}

std::string place(YamlFields& fields) {
  return fields.problems().file() + ":" + std::to_string(fields.line());
}

}  // namespace digue::incident::content
