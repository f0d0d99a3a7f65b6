#include "playbook/cacao.hpp"

#include <array>

#include "api/api.hpp"
#include "api/reply.hpp"

namespace digue::api {

namespace {

using playbook::Text;

json::Value text(const Text& one) {
  return json::Object{{"fr", one.fr}, {"en", one.en}};
}

json::Value texts(const std::vector<Text>& all) {
  json::Array out;
  for (const auto& one : all) out.push_back(text(one));
  return out;
}

json::Value requirements(const playbook::Action& action, playbook::Gate gate) {
  json::Array out;
  for (const auto& one : action.requirements)
    if (one.before == gate)
      out.push_back(json::Object{{"action", one.action}, {"why", text(one.reason)}, {"override", text(one.override_when)}});
  return out;
}

json::Value decision_json(const playbook::Decision& decision) {
  json::Array branches;
  for (const auto& branch : decision.branches)
    branches.push_back(json::Object{{"cause", branch.cause}, {"recognise", text(branch.recognise)}, {"steps", texts(branch.steps)}});
  return json::Object{{"question", text(decision.question)}, {"branches", std::move(branches)}};
}

json::Value reopenings(const playbook::Action& action) {
  json::Array out;
  for (const auto& one : action.reopenings)
    out.push_back(json::Object{{"action", one.action}, {"outcome", one.outcome}, {"why", text(one.reason)}});
  return out;
}

json::Value indicators_json(const playbook::IndicatorPolicy& policy) {
  return json::Object{{"mode", std::string(playbook::name_of(playbook::indicator_mode_names, policy.mode))},
                      {"kinds", json::array_of(policy.kinds)}};
}

json::Value action_json(const playbook::Action& action) {
  json::Array targets;
  for (const auto target : action.targets) targets.emplace_back(std::string(playbook::name_of(playbook::target_names, target)));
  return json::Object{
      {"id", action.id},
      {"title", text(action.title)},
      {"applies_if", action.applies_if ? text(*action.applies_if) : json::Value(nullptr)},
      {"why", text(action.why)},
      {"prerequisites", texts(action.prerequisites)},
      {"impact", text(action.impact)},
      {"care", text(action.care)},
      {"steps", texts(action.steps)},
      {"decision", action.decision ? decision_json(*action.decision) : json::Value(nullptr)},
      {"indicators", action.indicators ? indicators_json(*action.indicators) : json::Value(nullptr)},
      {"reopened_by", reopenings(action)},
      {"acts_on", std::move(targets)},
      {"once_per", std::string(playbook::name_of(playbook::scope_names, action.scope))},
      {"proof", texts(action.verify)},
      {"leaves", text(action.leaves)},
      {"undo", text(action.undo.how)},
      {"reversible", std::string(playbook::name_of(playbook::reversibility_names, action.undo.reversibility))},
      {"seal_first", texts(action.seal_first)},
      {"techniques", json::array_of(action.attack)},
      {"react", json::array_of(action.react)},
      {"d3fend", json::array_of(action.d3fend)},
      {"requires", requirements(action, playbook::Gate::start)},
      {"lift_requires", requirements(action, playbook::Gate::lift)},
      {"review_days", action.review_days ? json::Value(*action.review_days) : json::Value(nullptr)},
      {"finds", json::array_of(action.finds)},
  };
}

json::Value playbook_json(const playbook::Playbook& book) {
  const auto& credits = book.credits;
  const auto credit = [&](const std::string& origin, const std::string& changes) {
    return credits.publisher + ", « " + credits.card + " », " + credits.licence + " (" + credits.site + "). " + origin + " " + changes;
  };
  json::Array outcomes;
  for (const auto& term : book.outcomes) outcomes.push_back(json::Object{{"id", term.id}, {"label", text(term.label)}});
  json::Array causes;
  for (const auto& term : book.causes) causes.push_back(json::Object{{"id", term.id}, {"label", text(term.label)}});
  json::Array themes;
  for (const auto& theme : book.themes) themes.push_back(json::Object{{"id", theme.id}, {"title", text(theme.title)}});
  json::Array measures;
  std::int64_t order = 0;
  for (const auto& group : book.priorities) {
    for (const auto& number : group.measures) {
      const auto* measure = book.measure(number);
      if (measure == nullptr) continue;
      json::Array actions;
      for (const auto& action : measure->actions) actions.push_back(action_json(action));
      measures.push_back(json::Object{
          {"id", measure->number},
          {"title", text(measure->title)},
          {"title_by_theme", measure->title_by_theme ? text(*measure->title_by_theme) : json::Value(nullptr)},
          {"aim", text(measure->aim)},
          {"priority", std::string(playbook::name_of(playbook::priority_names, group.priority))},
          {"theme", measure->actions.empty() ? std::string() : measure->actions.front().theme},
          {"order", ++order},
          {"actions", std::move(actions)},
      });
    }
  }
  return json::Object{
      {"credits",
       json::Object{{"fr", credit(credits.origin.fr, credits.changes.fr)}, {"en", credit(credits.origin.en, credits.changes.en)}}},
      {"before", texts(book.before)},
      {"pinned", json::Object{{"theme", book.pinned.theme}, {"why", text(book.pinned.why)}, {"steps", texts(book.pinned.steps)}}},
      {"themes", std::move(themes)},
      {"outcomes", std::move(outcomes)},
      {"causes", std::move(causes)},
      {"measures", std::move(measures)},
      {"afterwards", texts(book.afterwards)},
  };
}

Answer show(Call& call) {
  return reply_json(playbook_json(call.api.context.playbook));
}

Answer cacao(Call& call) {
  auto response = reply_text(playbook::to_cacao(call.api.context.playbook));
  response.headers.emplace_back("Content-Disposition", "attachment; filename=\"digue-playbook.cacao.json\"");
  return response;
}

constexpr std::array routes{Route{"GET", "playbook", show}, Route{"GET", "playbook.cacao", cacao}};

}  // namespace

std::span<const Route> playbook_routes() {
  return routes;
}

}  // namespace digue::api
