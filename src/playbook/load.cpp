#include "playbook/load.hpp"

#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "base/yaml_fields.hpp"
#include "playbook/check.hpp"

namespace digue::playbook {
namespace {

/// Texts of all actions read so far, so that a text used twice is told with both places.
using SeenTexts = std::map<std::string, std::string, std::less<>>;

/// Reads one file. Texts inside an action are also checked against those of every other action.
class FileReader {
 public:
  FileReader(std::string file, SeenTexts& seen) : problems_(std::move(file)), seen_(seen) {}

  const std::optional<Error>& problem() const { return problems_.first(); }

  void read(const YamlNode& root, Playbook& out) {
    YamlFields fields(problems_, root, "file");
    const std::string schema = fields.text("schema");
    if (schema == "digue.playbook/1") {
      if (!out.name.empty()) problems_.complain(root.line, "a second playbook file");
      read_playbook(fields, out);
    } else if (schema == "digue.measure/1") {
      read_measure(fields, out);
    } else {
      problems_.complain(root.line, "unknown schema \"" + schema + "\"", "Expected digue.playbook/1 or digue.measure/1.");
    }
  }

 private:
  void read_playbook(YamlFields& fields, Playbook& out) {
    out.name = fields.text("name");
    out.title = text(fields, "title");
    read_object(fields, "credits", [&](YamlFields& credits) {
      out.credits = {credits.text("card"),        credits.text("publisher"), credits.text("site"),    credits.text("licence"),
                     credits.text("licence_url"), credits.text("consulted"), text(credits, "origin"), text(credits, "changes")};
    });
    out.before = text_list(fields, "before");
    read_object(fields, "pinned",
                [&](YamlFields& pinned) { out.pinned = {pinned.text("theme"), text(pinned, "why"), text_list(pinned, "steps")}; });
    for_each(fields, "priorities", "priority", [&](YamlFields& group) {
      out.priorities.push_back({choice(group, "priority", priority_names), text(group, "label"), group.words("measures"), place(group)});
    });
    for_each(fields, "themes", "theme", [&](YamlFields& theme) {
      out.themes.push_back({theme.text("theme"), text(theme, "title"), theme.words("measures"), place(theme)});
    });
    for_each(fields, "causes", "cause", [&](YamlFields& cause) { out.causes.push_back({cause.text("cause"), text(cause, "label")}); });
    for_each(fields, "outcomes", "outcome",
             [&](YamlFields& outcome) { out.outcomes.push_back({outcome.text("outcome"), text(outcome, "label")}); });
    need_some(fields, "priorities", out.priorities.size());
    need_some(fields, "themes", out.themes.size());
    out.afterwards = text_list(fields, "afterwards");
    fields.finish();
  }

  void read_measure(YamlFields& fields, Playbook& out) {
    Measure measure;
    measure.number = fields.text("measure");
    measure.title = text(fields, "title");
    measure.title_by_theme = optional_text(fields, "title_by_theme");
    measure.aim = text(fields, "aim");
    measure.place = place(fields);
    for_each(fields, "actions", "action", [&](YamlFields& action) { measure.actions.push_back(read_action(action, measure.number)); });
    fields.finish();
    out.measures.push_back(std::move(measure));
  }

  Action read_action(YamlFields& fields, const std::string& measure) {
    Action action;
    action.id = fields.text("id");
    action_ = action.id;
    action.measure = measure;
    action.place = place(fields);
    action.title = text(fields, "title");
    action.priority = choice(fields, "priority", priority_names);
    action.theme = fields.text("theme");
    for (const std::string& word : fields.words("acts_on")) action.targets.push_back(choice(fields, "acts_on", word, target_names));
    need_some(fields, "acts_on", action.targets.size());
    action.scope = choice(fields, "once_per", scope_names);
    action.applies_if = optional_text(fields, "applies_if");
    action.why = text(fields, "why");
    action.prerequisites = text_list(fields, "prerequisites");
    action.impact = text(fields, "impact");
    action.care = text(fields, "care");
    action.steps = text_list(fields, "steps");
    read_decision(fields, action);
    read_indicators(fields, action);
    action.destroys = fields.flag("destroys");
    action.seal_first = text_list(fields, "seal_first", !action.destroys);
    action.leaves = text(fields, "leaves");
    action.verify = text_list(fields, "verify");
    read_object(fields, "undo",
                [&](YamlFields& undo) { action.undo = {choice(undo, "reversibility", reversibility_names), text(undo, "how")}; });
    if (fields.optional("review_days")) action.review_days = fields.number("review_days", 1, 365);
    action.finds = fields.words("finds");
    for_each(fields, "requires", "requirement", [&](YamlFields& item) {
      action.requirements.push_back(
          {item.text("action"), choice(item, "before", gate_names), text(item, "reason"), text(item, "override"), place(item)});
    });
    for_each(fields, "reopen_on", "reopening", [&](YamlFields& item) {
      action.reopenings.push_back({item.text("action"), item.text("outcome"), text(item, "reason"), place(item)});
    });
    action.attack = vocabulary(fields, "attack", "T1234 or T1234.567");
    action.react = vocabulary(fields, "react", "RA1234");
    action.d3fend = vocabulary(fields, "d3fend", "D3-ABC");
    fields.finish();
    action_.clear();
    return action;
  }

  void read_decision(YamlFields& fields, Action& action) {
    if (!fields.optional("decision")) return;
    Decision& decision = action.decision.emplace();
    read_object(fields, "decision", [&](YamlFields& node) {
      decision.question = text(node, "question");
      for_each(node, "branches", "branch", [&](YamlFields& branch) {
        decision.branches.push_back({branch.text("cause"), text(branch, "recognise"), text_list(branch, "then")});
      });
    });
  }

  void read_indicators(YamlFields& fields, Action& action) {
    if (!fields.optional("indicators")) return;
    read_object(fields, "indicators", [&](YamlFields& node) {
      action.indicators = IndicatorPolicy{choice(node, "mode", indicator_mode_names), node.words("kinds")};
    });
  }

  /// Reads a mapping with the languages as its fields.
  Text read_text(const YamlNode& node, const std::string& what) {
    YamlFields fields(problems_, node, what);
    Text out{fields.text("fr"), fields.text("en")};
    fields.finish();
    if (!out.fr.empty() && trim(out.fr) == trim(out.en))
      problems_.complain(node.line, what + ": the same text in both languages", "Expected a French and an English text.");
    if (!action_.empty()) {
      for (const std::string& one : {out.fr, out.en}) {
        const auto [first, is_new] = seen_.try_emplace(
            std::string(trim(one)), "action " + action_ + " (" + problems_.file() + ":" + std::to_string(node.line) + ")");
        if (!is_new && !one.empty())
          problems_.complain(node.line, what + ": this text is already used by " + first->second, "Each action needs a text of its own.");
      }
    }
    return out;
  }

  Text text(YamlFields& fields, std::string_view key) {
    const YamlNode* node = fields.required(key);
    return node ? read_text(*node, fields.what() + ", " + std::string(key)) : Text{};
  }

  std::optional<Text> optional_text(YamlFields& fields, std::string_view key) {
    return fields.optional(key) ? std::optional(text(fields, key)) : std::nullopt;
  }

  std::vector<Text> text_list(YamlFields& fields, std::string_view key, bool may_be_empty = false) {
    std::vector<Text> out;
    for (const YamlNode& node : fields.list(key)) out.push_back(read_text(node, fields.what() + ", " + std::string(key)));
    if (!may_be_empty) need_some(fields, key, out.size());
    return out;
  }

  void need_some(YamlFields& fields, std::string_view key, std::size_t count) {
    const YamlNode* node = fields.optional(key);
    if (count == 0) problems_.complain(node ? node->line : fields.line(), fields.what() + ": \"" + std::string(key) + "\" is empty");
  }

  template <class Value, std::size_t count>
  Value choice(YamlFields& fields, std::string_view key, std::string_view word, const std::array<Name<Value>, count>& names) {
    std::string expected;
    for (const auto& name : names) {
      if (name.text == word) return name.value;
      expected += (expected.empty() ? "Expected " : ", ") + std::string(name.text);
    }
    const YamlNode* node = fields.optional(key);
    problems_.complain(node ? node->line : fields.line(),
                       fields.what() + ": \"" + std::string(key) + "\" cannot be \"" + std::string(word) + "\"", expected + ".");
    return names.front().value;
  }

  template <class Value, std::size_t count>
  Value choice(YamlFields& fields, std::string_view key, const std::array<Name<Value>, count>& names) {
    return choice(fields, key, fields.text(key), names);
  }

  template <class Use>
  void read_object(YamlFields& fields, std::string_view key, Use use) {
    const YamlNode* node = fields.required(key);
    if (!node) return;
    YamlFields inner(problems_, *node, fields.what() + ", " + std::string(key));
    use(inner);
    inner.finish();
  }

  /// Each entry of a list of mappings; `kind` names it in complaints, with its identifying field where it has one.
  template <class Use>
  void for_each(YamlFields& fields, std::string_view key, const std::string& kind, Use use) {
    for (const YamlNode& node : fields.list(key)) {
      std::string what = kind;
      for (const char* name : {"id", "action", "priority", "theme", "cause", "outcome"}) {
        const YamlNode* found = node.find(name);
        if (found && what == kind) what += " " + found->text;
      }
      YamlFields inner(problems_, node, action_.empty() ? what : "action " + action_ + ", " + what);
      use(inner);
      inner.finish();
    }
  }

  /// Identifiers of a public vocabulary. Only their form is checked: vocabularies grow, and content may be newer than the program.
  std::vector<std::string> vocabulary(YamlFields& fields, std::string_view key, std::string_view expected) {
    std::vector<std::string> ids = fields.words(key);
    for (const std::string& id : ids) {
      if (!has_shape(key, id))
        problems_.complain(fields.optional(key)->line,
                           fields.what() + ": \"" + id + "\" is not an identifier of \"" + std::string(key) + "\"",
                           "Expected the form " + std::string(expected) + ".");
    }
    return ids;
  }

  static bool has_shape(std::string_view key, std::string_view id) {
    const auto digits = [](std::string_view part, std::size_t count) {
      return part.size() == count && std::all_of(part.begin(), part.end(), [](char c) { return c >= '0' && c <= '9'; });
    };
    if (key == "react") return id.starts_with("RA") && digits(id.substr(2), 4);
    if (key == "d3fend")
      return id.starts_with("D3-") && id.size() > 3 && std::all_of(id.begin() + 3, id.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
    if (!id.starts_with("T") || !digits(id.substr(1, 4), 4)) return false;
    return id.size() == 5 || (id[5] == '.' && digits(id.substr(6), 3));
  }

  Place place(const YamlFields& fields) const { return {problems_.file(), fields.line()}; }

  YamlProblems problems_;
  SeenTexts& seen_;
  std::string action_;  // the action being read, or empty
};

}  // namespace

Result<Playbook> load_playbook(std::span<const SourceFile> files) {
  Playbook playbook;
  SeenTexts seen;
  for (const SourceFile& file : files) {
    const auto root = parse_yaml(file.text, file.name);
    if (!root) return tl::make_unexpected(root.error());
    FileReader reader(file.name, seen);
    reader.read(*root, playbook);
    if (const auto& problem = reader.problem()) return tl::make_unexpected(*problem);
  }
  std::stable_sort(playbook.measures.begin(), playbook.measures.end(),
                   [](const Measure& a, const Measure& b) { return a.number < b.number; });
  if (auto checked = check_playbook(playbook); !checked) return tl::make_unexpected(checked.error());
  return playbook;
}

}  // namespace digue::playbook
