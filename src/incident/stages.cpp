#include "incident/stages.hpp"

#include <algorithm>

#include "base/yaml_fields.hpp"

namespace digue::incident {

namespace {

template <class All>
bool has(const All& all, const std::string& id) {
  return std::any_of(all.begin(), all.end(), [&](const auto& one) { return one.id == id; });
}

Stage read_stage(YamlFields& fields, const Stages& out) {
  Stage stage;
  stage.id = fields.text("stage");
  stage.title = read_localized(fields, "title");
  stage.aim = read_localized(fields, "aim");
  for (const auto& node : fields.list("does")) {
    YamlFields item(fields.problems(), node, fields.what() + ", does");
    const auto helper = item.text("actor");
    if (!has(out.helpers, helper)) fields.problems().complain(node.line, item.what() + ": no actor \"" + helper + "\"");
    stage.does.emplace_back(helper, read_localized(item, "text"));
    item.finish();
  }
  for (const auto& helper : out.helpers)
    if (std::count_if(stage.does.begin(), stage.does.end(), [&](const auto& one) { return one.first == helper.id; }) != 1)
      fields.problems().complain(fields.line(), fields.what() + ": actor \"" + helper.id + "\" must be named once");
  return stage;
}

}  // namespace

const Stage* Stages::stage(std::string_view id) const {
  const auto at = std::find_if(stages.begin(), stages.end(), [&](const Stage& one) { return one.id == id; });
  return at == stages.end() ? nullptr : &*at;
}

Result<Stages> load_stages(std::string_view text, std::string_view file) {
  const auto root = parse_yaml(text, file);
  if (!root) return tl::make_unexpected(root.error());
  YamlProblems problems{std::string(file)};
  YamlFields fields(problems, *root, "file");
  Stages out;
  if (const auto schema = fields.text("schema"); schema != "digue.stages/1")
    problems.complain(root->line, "unknown schema \"" + schema + "\"", "Expected digue.stages/1.");
  for (const auto& node : fields.list("actors")) {
    YamlFields item(problems, node, "actor");
    Helper helper{item.text("actor"), read_localized(item, "name")};
    if (has(out.helpers, helper.id)) problems.complain(node.line, "actor \"" + helper.id + "\" is there twice");
    item.finish();
    out.helpers.push_back(std::move(helper));
  }
  for (const auto& node : fields.list("stages")) {
    YamlFields item(problems, node, "stage");
    auto stage = read_stage(item, out);
    if (has(out.stages, stage.id)) problems.complain(node.line, "stage \"" + stage.id + "\" is there twice");
    item.finish();
    out.stages.push_back(std::move(stage));
  }
  fields.finish();
  if (out.stages.empty()) problems.complain(root->line, "no stage");
  if (problems.first()) return tl::make_unexpected(*problems.first());
  return out;
}

}  // namespace digue::incident
