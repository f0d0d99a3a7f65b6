#include "playbook/cacao.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "base/json/value.hpp"

using namespace digue;
using namespace digue::playbook;

namespace {

std::string uuid(int number) {
  return "6ba7b810-9dad-41d1-80b4-00c04fd430c" + std::to_string(number);
}

/// A small good playbook: start, condition with two branches, action, end.
json::Object good() {
  const std::string agent = "group--" + uuid(0);
  const auto action = [&](const std::string& next) {
    return json::Object{{"type", "action"},
                        {"agent", agent},
                        {"commands", json::Array{json::Object{{"type", "manual"}, {"command", "Regarder __account__:value"}}}},
                        {"out_args", json::Array{"__found__"}},
                        {"on_completion", next}};
  };
  json::Object workflow;
  workflow["start--" + uuid(1)] = json::Object{{"type", "start"}, {"on_completion", "if-condition--" + uuid(2)}};
  workflow["if-condition--" + uuid(2)] = json::Object{{"type", "if-condition"},
                                                      {"condition", "__found__:value = 'true'"},
                                                      {"on_true", "action--" + uuid(3)},
                                                      {"on_false", "end--" + uuid(5)},
                                                      {"on_completion", "end--" + uuid(6)}};
  workflow["action--" + uuid(3)] = action("end--" + uuid(4));
  for (const int end : {4, 5, 6}) workflow["end--" + uuid(end)] = json::Object{{"type", "end"}};
  return {{"type", "playbook"},
          {"spec_version", "cacao-2.0"},
          {"id", "playbook--" + uuid(7)},
          {"name", "Essai"},
          {"created_by", "identity--" + uuid(8)},
          {"created", "2026-03-09T19:58:40.000Z"},
          {"modified", "2026-03-09T19:58:40.000Z"},
          {"workflow_start", "start--" + uuid(1)},
          {"workflow", std::move(workflow)},
          {"playbook_variables", json::Object{{"__account__", json::Object{{"type", "string"}, {"constant", true}}},
                                              {"__found__", json::Object{{"type", "bool"}}}}},
          {"agent_definitions", json::Object{{agent, json::Object{{"type", "group"}, {"name", "Astreinte"}}}}}};
}

std::vector<CacaoProblem> problems_of(const json::Object& root) {
  const auto checked = check_cacao(json::canonical(root));
  REQUIRE(checked);
  return *checked;
}

/// True when a change gives a problem at this pointer.
template <class Change>
bool told_at(const std::string& pointer, Change change) {
  auto root = good();
  change(root);
  const auto problems = problems_of(root);
  return std::any_of(problems.begin(), problems.end(), [&](const auto& one) { return one.pointer == pointer && !one.message.empty(); });
}

json::Object& step(json::Object& root, const std::string& id) {
  return root["workflow"].as_object()[id].as_object();
}

}  // namespace

TEST_CASE("cacao: a good playbook has no problem, and is shown in its order") {
  CHECK(problems_of(good()).empty());
  const auto view = view_cacao(json::canonical(good())).value();
  CHECK(view.name == "Essai");
  REQUIRE(view.steps.size() == 6);
  CHECK(view.steps[0].type == "start");
  CHECK(view.steps[2].commands == std::vector<std::string>{"manual: Regarder __account__:value"});
  CHECK_FALSE(view.steps[2].executable);
}

TEST_CASE("cacao: what the schemas do not catch is told with its pointer") {
  const std::string start = "start--" + uuid(1), condition = "if-condition--" + uuid(2), action = "action--" + uuid(3);
  const std::string w = "/workflow/";
  CHECK(told_at("/banana", [](auto& root) { root["banana"] = 1; }));
  CHECK(told_at("/id", [](auto& root) { root["id"] = "playbook--0190a6f4-7c2b-7cc0-8f00-000000000000"; }));
  CHECK(told_at("/modified", [](auto& root) { root["modified"] = "2026-03-08T19:58:40.000Z"; }));
  CHECK(told_at("/created", [](auto& root) { root["created"] = "2026-03-09T19:58:40Z"; }));
  CHECK(told_at("/valid_until", [](auto& root) {
    root["valid_from"] = "2026-03-09T00:00:00Z";
    root["valid_until"] = "2026-03-09T00:00:00Z";
  }));
  CHECK(told_at("/playbook_activities", [](auto& root) { root["playbook_types"] = json::Array{"mitigation"}; }));
  CHECK(told_at("/markings/0", [](auto& root) { root["markings"] = json::Array{"marking-tlp--" + uuid(9)}; }));
  CHECK(told_at("/workflow_start", [&](auto& root) { root["workflow_start"] = action; }));
  CHECK(told_at(w + action + "/agent", [&](auto& root) { step(root, action)["agent"] = "group--" + uuid(9); }));
  CHECK(told_at(w + action + "/targets/0", [&](auto& root) { step(root, action)["targets"] = json::Array{"group--" + uuid(9)}; }));
  CHECK(told_at(w + action + "/commands/0",
                [&](auto& root) { step(root, action)["commands"] = json::Array{json::Object{{"type", "bash"}}}; }));
  CHECK(told_at(w + action + "/commands", [&](auto& root) { step(root, action)["commands"] = json::Array{}; }));
  CHECK(told_at(w + action + "/commands/0/command", [&](auto& root) { root["playbook_variables"].as_object().erase("__account__"); }));
  CHECK(told_at(w + action + "/out_args/0", [&](auto& root) { step(root, action)["out_args"] = json::Array{"__account__"}; }));
  CHECK(told_at(w + action + "/out_args/0", [&](auto& root) { step(root, action)["out_args"] = json::Array{"__nobody__"}; }));
  CHECK(told_at(w + action + "/on_completion", [&](auto& root) { step(root, action)["on_success"] = "end--" + uuid(4); }));
  CHECK(told_at(w + action + "/on_completion", [&](auto& root) { step(root, action)["on_completion"] = "end--" + uuid(9); }));
  CHECK(told_at(w + action, [&](auto& root) { step(root, action).erase("on_completion"); }));
  CHECK(told_at(w + action, [&](auto& root) { step(root, action)["on_completion"] = condition; }));
  CHECK(told_at(w + action + "/type", [&](auto& root) { step(root, action)["type"] = "playbook-action"; }));
  CHECK(told_at(w + condition + "/on_false", [&](auto& root) { step(root, condition)["on_false"] = "end--" + uuid(4); }));
  CHECK(told_at(w + condition + "/on_false", [&](auto& root) { step(root, condition)["on_false"] = "end--" + uuid(6); }));
  CHECK(told_at(w + condition, [&](auto& root) { step(root, condition).erase("condition"); }));
  CHECK(told_at(w + start, [&](auto& root) { step(root, start)["on_failure"] = "end--" + uuid(6); }));
  CHECK(
      told_at(w + "end--" + uuid(9), [&](auto& root) { root["workflow"].as_object()["end--" + uuid(9)] = json::Object{{"type", "end"}}; }));
  CHECK(told_at("/agent_definitions/group--" + uuid(0) + "/type",
                [](auto& root) { root["agent_definitions"].as_object()["group--" + uuid(0)].as_object()["type"] = "ssh"; }));
  CHECK(told_at("/playbook_variables/account", [](auto& root) { root["playbook_variables"].as_object()["account"] = json::Object{}; }));
  CHECK(told_at("/playbook_processing_summary/if_logic",
                [](auto& root) { root["playbook_processing_summary"] = json::Object{{"if_logic", false}}; }));
}

TEST_CASE("cacao: hostile files are bounded") {
  CHECK_FALSE(check_cacao("[]"));
  CHECK_FALSE(check_cacao("{"));
  CHECK_FALSE(check_cacao(std::string(max_cacao + 1, ' ')));
  auto root = good();
  for (int i = 0; i < 3000; ++i) root["workflow"].as_object()["x" + std::to_string(i)] = json::Object{};
  CHECK(problems_of(root).size() <= max_cacao_problems);
  CHECK_FALSE(problems_of(root).empty());
  CHECK_FALSE(check_cacao("{}")->empty());
  CHECK(view_cacao("{}")->steps.empty());
}
