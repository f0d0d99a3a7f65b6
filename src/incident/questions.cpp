#include "incident/questions.hpp"

#include <algorithm>

#include "base/yaml_fields.hpp"

namespace digue::incident {

namespace {

constexpr std::array<std::string_view, 3> answers{"yes", "no", "unknown"};
constexpr std::array<std::string_view, 3> axis_names{"perimeter", "impact", "urgency"};
constexpr std::array<std::array<std::string_view, 3>, 3> judgements{
    {{"unknown", "limited", "wide"}, {"unknown", "limited", "strong"}, {"unknown", "not_urgent", "urgent"}}};
constexpr std::array<std::string_view, 6> sections{"accounts", "confirmation", "perimeter", "impact", "urgency", "health"};
constexpr int longest_minutes = 366 * 24 * 60;

template <std::size_t N>
std::optional<std::size_t> position(const std::array<std::string_view, N>& names, std::string_view name) {
  const auto at = std::find(names.begin(), names.end(), name);
  if (at == names.end()) return std::nullopt;
  return static_cast<std::size_t>(at - names.begin());
}

/// The word at `key` as its position among `names`.
template <std::size_t N>
std::size_t choice(YamlFields& fields, std::string_view key, const std::array<std::string_view, N>& names) {
  const auto word = fields.text(key);
  if (const auto at = position(names, word)) return *at;
  std::string expected;
  for (const auto name : names) expected += (expected.empty() ? "Expected " : ", ") + std::string(name);
  const auto* node = fields.optional(key);
  fields.problems().complain(node ? node->line : fields.line(), fields.what() + ": \"" + std::string(key) + "\" cannot be \"" + word + "\"",
                             expected + ".");
  return 0;
}

Question read_question(YamlFields& fields) {
  Question out;
  out.id = fields.text("id");
  out.section = sections[choice(fields, "axis", sections)];
  out.question = read_localized(fields, "question");
  out.why = read_localized(fields, "why");
  out.how = read_localized(fields, "how");
  out.statement = read_localized(fields, "statement");
  for (const auto& node : fields.list("suggests")) {
    YamlFields item(fields.problems(), node, fields.what() + ", suggests");
    if (choice(item, "answer", answers) != 0)
      fields.problems().complain(node.line, item.what() + ": only \"yes\" weighs",
                                 "Word the question so that \"yes\" is the grave answer.");
    out.weighs.push_back(axes[choice(item, "axis", axis_names)]);
    item.finish();
  }
  for (const auto& node : fields.list("raises")) {
    YamlFields item(fields.problems(), node, fields.what() + ", raises");
    const auto answer = static_cast<Answer>(choice(item, "answer", answers));
    out.raises.push_back({answer, item.text("action"), read_localized(item, "why")});
    item.finish();
  }
  out.duty = fields.flag("duty");
  return out;
}

/// Every entry of a list of mappings with an `id` (or another naming field), none twice.
template <class Use>
void for_each(YamlFields& fields, std::string_view key, std::string_view naming, bool once, Use use) {
  std::vector<std::string> seen;
  const auto nodes = fields.list(key);
  if (nodes.empty()) fields.problems().complain(fields.line(), fields.what() + ": \"" + std::string(key) + "\" is empty");
  for (const auto& node : nodes) {
    const auto* named = node.find(naming);
    const std::string id = named ? named->text : std::string();
    YamlFields item(fields.problems(), node, std::string(key) + " " + id);
    if (once && std::find(seen.begin(), seen.end(), id) != seen.end())
      fields.problems().complain(node.line, item.what() + " is there twice");
    seen.push_back(id);
    use(item);
    item.finish();
  }
}

void read_due(YamlFields& fields, Questions& out) {
  std::array<bool, 5> given{};
  constexpr std::array<std::string_view, 4> priorities{"P0", "P1", "P2", "P3"};
  constexpr std::array<std::string_view, 5> rows{"none", "anomaly", "minor", "major", "crisis"};
  for_each(fields, "due_minutes", "severity", true, [&](YamlFields& row) {
    const auto at = choice(row, "severity", rows);
    given[at] = true;
    for (std::size_t priority = 0; priority < 4; ++priority)
      out.due_minutes[at][priority] = row.number(priorities[priority], 1, longest_minutes);
  });
  for (std::size_t at = 0; at < rows.size(); ++at)
    if (!given[at]) fields.problems().complain(fields.line(), "due_minutes: no line for \"" + std::string(rows[at]) + "\"");
  for (std::size_t at = 2; at < rows.size(); ++at)
    for (std::size_t priority = 0; priority < 4; ++priority)
      if (out.due_minutes[at][priority] > out.due_minutes[at - 1][priority])
        fields.problems().complain(fields.line(), "due_minutes: \"" + std::string(rows[at]) + "\" leaves more time than a lower severity");
}

}  // namespace

std::string_view name(Answer answer) {
  return answers[static_cast<std::size_t>(answer)];
}

std::optional<Answer> answer_named(std::string_view name) {
  if (const auto at = position(answers, name)) return static_cast<Answer>(*at);
  return std::nullopt;
}

std::string_view name(Axis axis) {
  return axis_names[static_cast<std::size_t>(axis)];
}

std::string_view name(Axis axis, Judgement judgement) {
  return judgements[static_cast<std::size_t>(axis)][static_cast<std::size_t>(judgement)];
}

std::optional<Judgement> judgement_named(Axis axis, std::string_view name) {
  if (const auto at = position(judgements[static_cast<std::size_t>(axis)], name)) return static_cast<Judgement>(*at);
  return std::nullopt;
}

std::optional<std::size_t> severity_rank(std::string_view severity) {
  return position(severities, severity);
}

const Question* Questions::question(std::string_view id) const {
  const auto at = std::find_if(questions.begin(), questions.end(), [&](const Question& one) { return one.id == id; });
  return at == questions.end() ? nullptr : &*at;
}

const Capability* Questions::capability(std::string_view id) const {
  const auto at = std::find_if(capabilities.begin(), capabilities.end(), [&](const Capability& one) { return one.id == id; });
  return at == capabilities.end() ? nullptr : &*at;
}

std::int64_t Questions::due(const std::optional<std::string>& severity, std::size_t priority) const {
  const auto rank = severity ? severity_rank(*severity) : std::nullopt;
  return due_minutes[rank ? *rank + 1 : 0][std::min<std::size_t>(priority, 3)];
}

Result<Questions> load_questions(std::string_view text, std::string_view file) {
  const auto root = parse_yaml(text, file);
  if (!root) return tl::make_unexpected(root.error());
  YamlProblems problems{std::string(file)};
  YamlFields fields(problems, *root, "file");
  Questions out;
  if (const auto schema = fields.text("schema"); schema != "digue.qualification/1")
    problems.complain(root->line, "unknown schema \"" + schema + "\"", "Expected digue.qualification/1.");
  if (const auto* node = fields.required("time_box")) {
    YamlFields box(problems, *node, "time_box");
    out.low_minutes = box.number("low", 1, 24 * 60);
    out.usual_minutes = box.number("usual", 1, 24 * 60);
    out.high_minutes = box.number("high", 1, 24 * 60);
    box.finish();
    if (out.low_minutes > out.usual_minutes || out.usual_minutes > out.high_minutes)
      problems.complain(node->line, "time_box: not in order", "Expected low <= usual <= high.");
  }
  for_each(fields, "questions", "id", true, [&](YamlFields& item) { out.questions.push_back(read_question(item)); });
  for_each(fields, "precautions", "action", false,
           [&](YamlFields& item) { out.precautions.push_back({item.text("action"), read_localized(item, "text")}); });
  for_each(fields, "capabilities", "id", true, [&](YamlFields& item) {
    out.capabilities.push_back({item.text("id"), read_localized(item, "question"), read_localized(item, "when_not")});
  });
  read_due(fields, out);
  fields.finish();
  if (!problems.first())
    for (const Axis axis : axes)
      if (std::none_of(out.questions.begin(), out.questions.end(),
                       [&](const Question& one) { return std::find(one.weighs.begin(), one.weighs.end(), axis) != one.weighs.end(); }))
        problems.complain(root->line, "no question weighs on \"" + std::string(name(axis)) + "\"");
  if (problems.first()) return tl::make_unexpected(*problems.first());
  return out;
}

}  // namespace digue::incident
