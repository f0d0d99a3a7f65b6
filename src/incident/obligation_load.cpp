#include <algorithm>
#include <array>
#include <set>

#include "incident/content_fields.hpp"
#include "incident/draft.hpp"
#include "incident/obligation.hpp"

namespace digue::incident {

namespace {

constexpr std::array<std::string_view, 5> instants{"suspicion", "awareness", "knowledge_of_attack", "decision", "closing"};
constexpr std::array<std::string_view, 6> starts{"suspicion", "awareness", "knowledge_of_attack", "decision", "closing", "filing"};
constexpr std::array<std::string_view, 5> clock_kinds{"none", "without_delay", "hours", "months", "contract"};
constexpr std::array<std::string_view, 3> rule_verdicts{"required", "in_doubt", "undecided"};
constexpr std::array<std::string_view, 2> statuses{"active", "inactive"};

template <std::size_t count>
std::size_t index_of(const std::array<std::string_view, count>& names, std::string_view one) {
  const auto at = std::find(names.begin(), names.end(), one);
  return at == names.end() ? 0 : static_cast<std::size_t>(at - names.begin());
}

DutyClock read_clock(YamlFields& fields) {
  using Kind = DutyClock::Kind;
  DutyClock out;
  out.kind = static_cast<Kind>(index_of(clock_kinds, content::choice(fields, "kind", clock_kinds)));
  if (out.kind == Kind::hours) out.count = fields.number("hours", 1, 24 * 366);
  if (out.kind == Kind::months) out.count = fields.number("months", 1, 60);
  if (fields.optional("from")) out.from = content::choice(fields, "from", starts);
  if (out.from == "filing") out.of = fields.text("of");
  if (out.from.empty() && (out.kind == Kind::hours || out.kind == Kind::months || out.kind == Kind::contract))
    fields.problems().complain(fields.line(), fields.what() + ": counted time without \"from\"", "Expected the instant that starts it.");
  out.soft = content::optional_flag(fields, "soft");
  out.note = content::optional_text(fields, "note");
  return out;
}

Localized read_template(YamlFields& fields, std::string_view key) {
  const YamlNode* node = fields.optional(key);
  auto out = content::text(fields, key);
  for (const auto& text : {out.fr, out.en})
    if (const auto unknown = unknown_placeholder(text))
      fields.problems().complain(node ? node->line : fields.line(), fields.what() + ": no placeholder \"{" + *unknown + "}\"",
                                 "Expected one of: " + placeholder_list() + ".");
  return out;
}

Obligation read_obligation(YamlFields& fields) {
  Obligation out;
  out.place = content::place(fields);
  out.id = fields.text("id");
  out.order = fields.number("order", 1, 1000);
  out.contact = fields.text("contact");
  out.title = content::text(fields, "title");
  out.summary = content::text(fields, "summary");
  out.who = content::text(fields, "who");
  out.why = content::text(fields, "why");
  out.how = content::texts(fields, "how");
  content::each(fields, "asks", "field", [&](YamlFields& field) {
    out.asks.push_back({{field.text("fr"), field.text("en")}, content::optional_flag(field, "unsure")});
  });
  out.sources = content::sources(fields);
  out.uncertain = content::texts(fields, "uncertain");
  out.from = content::optional_date(fields, "from");
  out.until = content::optional_date(fields, "until");
  out.active = content::choice(fields, "status", statuses) == "active";
  if (!out.active) out.inactive_because = content::text(fields, "inactive_because");
  content::object(fields, "clock", [&](YamlFields& clock) { out.clock = read_clock(clock); });
  content::each(fields, "applies", "rule", [&](YamlFields& rule) {
    const auto verdict = static_cast<Verdict>(index_of(rule_verdicts, content::choice(rule, "verdict", rule_verdicts)));
    auto condition = read_condition(rule, "when");
    out.rules.push_back({rule.text("rule"), std::move(condition), verdict, content::text(rule, "reason")});
  });
  out.otherwise = content::text(fields, "otherwise");
  content::object(fields, "draft", [&](YamlFields& draft) {
    out.subject = read_template(draft, "subject");
    out.draft = read_template(draft, "body");
  });
  if (out.how.empty()) fields.problems().complain(fields.line(), "file: \"how\" is empty", "Expected the steps of filing.");
  if (out.from && out.until && *out.until < *out.from) fields.problems().complain(fields.line(), "file: \"until\" is before \"from\"");
  return out;
}

}  // namespace

std::span<const std::string_view> instant_names() {
  return instants;
}

Result<std::vector<Obligation>> load_obligations(std::span<const ContentFile> files) {
  std::vector<Obligation> out;
  const auto read = content::read_files(files, "digue.obligation/1", [&](YamlFields& fields) {
    auto one = read_obligation(fields);
    for (const auto& other : out)
      if (other.id == one.id) fields.problems().complain(fields.line(), "file: \"" + one.id + "\" is already the id of " + other.place);
    out.push_back(std::move(one));
  });
  if (!read) return tl::make_unexpected(read.error());
  std::set<std::string> ids;
  for (const auto& one : out) ids.insert(one.id);
  for (const auto& one : out)
    if (!one.clock.of.empty() && !ids.contains(one.clock.of))
      return fail(ErrorCode::bad_input, "the clock waits for the filing of \"" + one.clock.of + "\", which is no obligation", one.place);
  std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.order < b.order; });
  return out;
}

}  // namespace digue::incident
