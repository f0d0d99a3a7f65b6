#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "base/yaml_fields.hpp"
#include "connect/guided/guided.hpp"

namespace digue::guided {
namespace {

class FileReader {
 public:
  FileReader(std::string file, const std::vector<std::string>& actions) : problems_(std::move(file)), actions_(actions) {}

  const std::optional<Error>& problem() const { return problems_.first(); }

  Platform read(const YamlNode& root) {
    YamlFields fields(problems_, root, "file");
    Platform out;
    if (const auto schema = fields.text("schema"); schema != "digue.platform/1")
      problems_.complain(root.line, "unknown schema \"" + schema + "\"", "Expected digue.platform/1.");
    out.id = fields.text("id");
    out.name = fields.text("name");
    if (const auto* node = fields.required("about")) out.about = text(*node, "about");
    for (const auto& node : fields.list("connect")) out.connect.push_back(step(node, "connect"));
    for (const auto& node : fields.list("actions")) {
      out.procedures.push_back(procedure(node));
      const auto& id = out.procedures.back().action;
      if (std::count_if(out.procedures.begin(), out.procedures.end(), [&](const auto& one) { return one.action == id; }) > 1)
        problems_.complain(node.line, "action " + id + " is there twice");
    }
    for (const auto& action : actions_)
      if (out.procedure(action) == nullptr)
        problems_.complain(fields.line(), "action " + action + " is missing",
                           "Each platform tells all actions; what it cannot do has a \"cannot\".");
    fields.finish();
    return out;
  }

 private:
  Procedure procedure(const YamlNode& node) {
    YamlFields fields(problems_, node, "an action");
    Procedure out;
    out.action = fields.text("id");
    const std::string what = "action " + out.action;
    if (std::find(actions_.begin(), actions_.end(), out.action) == actions_.end())
      problems_.complain(node.line, "unknown action \"" + out.action + "\"", "Expected a number of the playbook, for example \"1.a\".");
    if (const auto* cannot = fields.optional("cannot")) out.cannot = text(*cannot, what + ", cannot");
    if (const auto* right = out.cannot ? fields.optional("right") : fields.required("right")) out.right = text(*right, what + ", right");
    if (fields.optional("steps"))
      for (const auto& one : fields.list("steps")) out.steps.push_back(step(one, what));
    const auto has = [&](Purpose purpose) {
      return std::any_of(out.steps.begin(), out.steps.end(), [&](const Step& one) { return one.purpose == purpose; });
    };
    if (!out.cannot && !has(Purpose::act)) problems_.complain(node.line, what + " has no step \"for: do\"", "Or tell with \"cannot\" why.");
    if (has(Purpose::act) && !has(Purpose::verify)) problems_.complain(node.line, what + " has no step \"for: verify\"");
    bool sealed = false;
    for (std::size_t i = 0; i < out.steps.size(); ++i) {
      if (i > 0 && out.steps[i].purpose < out.steps[i - 1].purpose)
        problems_.complain(node.line, what + ": step " + std::to_string(i + 1) + " comes too late",
                           "Expected the order seal, look, do, verify, undo.");
      sealed = sealed || out.steps[i].purpose == Purpose::seal;
      if (out.steps[i].irreversible && !sealed)
        problems_.complain(node.line, what + ": step " + std::to_string(i + 1) + " destroys, and nothing was sealed before",
                           "Expected a step \"for: seal\" first.");
    }
    fields.finish();
    return out;
  }

  Step step(const YamlNode& node, const std::string& owner) {
    const std::string what = owner + ", step";
    YamlFields fields(problems_, node, what);
    Step out;
    out.purpose = choice(fields, "for", purpose_names);
    out.text = {fields.text("fr"), fields.text("en")};
    differ(node, out.text, what);
    out.shell = choice(fields, "shell", shell_names);
    if (out.shell != Shell::console) {
      out.command = command(fields, out.shell, what);
    } else if (fields.optional("run")) {
      problems_.complain(node.line, what + ": a console step has no command", "Give the way through the menus in \"fr\" and \"en\".");
    }
    const bool file = out.shell == Shell::ldif || out.shell == Shell::postfix_map;
    if (file || fields.optional("file")) out.file = fields.text("file");
    if (const auto* see = fields.optional("see")) out.see = text(*see, what + ", see");
    if (out.purpose == Purpose::verify && !out.see)
      problems_.complain(node.line, what + ": \"see\" is missing", "Say what on the screen proves it.");
    if (fields.optional("irreversible")) out.irreversible = fields.flag("irreversible");
    fields.finish();
    return out;
  }

  Template command(YamlFields& fields, Shell shell, const std::string& what) {
    const std::string run = fields.text("run");
    auto parsed = Template::parse(trim(run), shell);
    if (parsed) return std::move(*parsed);
    const auto* node = fields.optional("run");
    problems_.complain(node->line + std::stoi(parsed.error().where), what + ": " + parsed.error().message, parsed.error().help);
    return {};
  }

  Text text(const YamlNode& node, const std::string& what) {
    YamlFields fields(problems_, node, what);
    Text out{fields.text("fr"), fields.text("en")};
    fields.finish();
    differ(node, out, what);
    return out;
  }

  void differ(const YamlNode& node, const Text& text, const std::string& what) {
    if (!text.fr.empty() && trim(text.fr) == trim(text.en))
      problems_.complain(node.line, what + ": the same text in both languages", "Expected a French and an English text.");
  }

  template <class Value, std::size_t count>
  Value choice(YamlFields& fields, std::string_view key, const std::array<Name<Value>, count>& names) {
    const std::string word = fields.text(key);
    std::string expected;
    for (const auto& name : names) {
      if (name.text == word) return name.value;
      expected += (expected.empty() ? "Expected " : ", ") + std::string(name.text);
    }
    const YamlNode* node = fields.optional(key);
    problems_.complain(node ? node->line : fields.line(), fields.what() + ": \"" + std::string(key) + "\" cannot be \"" + word + "\"",
                       expected + ".");
    return names.front().value;
  }

  YamlProblems problems_;
  const std::vector<std::string>& actions_;
};

}  // namespace

const Procedure* Platform::procedure(std::string_view action) const {
  const auto found = std::find_if(procedures.begin(), procedures.end(), [&](const auto& one) { return one.action == action; });
  return found == procedures.end() ? nullptr : &*found;
}

Result<std::vector<Platform>> load_platforms(std::span<const SourceFile> files, const std::vector<std::string>& actions) {
  std::vector<Platform> out;
  std::set<std::string> ids;
  for (const auto& file : files) {
    const auto root = parse_yaml(file.text, file.name);
    if (!root) return tl::make_unexpected(root.error());
    FileReader reader(file.name, actions);
    out.push_back(reader.read(*root));
    if (const auto& problem = reader.problem()) return tl::make_unexpected(*problem);
    if (!ids.insert(out.back().id).second)
      return fail(ErrorCode::bad_input, "platform " + out.back().id + " is there twice", file.name + ":1");
  }
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return out;
}

}  // namespace digue::guided
