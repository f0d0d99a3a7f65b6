#include "playbook/check.hpp"

#include <algorithm>
#include <set>

#include "playbook/official.hpp"

namespace digue::playbook {
namespace {

tl::unexpected<Error> wrong(const Place& place, std::string message, std::string help = {}) {
  return fail(ErrorCode::bad_input, std::move(message), place.file + ":" + std::to_string(place.line), std::move(help));
}

template <class List>
bool holds(const List& list, std::string_view wanted) {
  return std::find(list.begin(), list.end(), wanted) != list.end();
}

bool is_term(const std::vector<Term>& terms, std::string_view id) {
  return std::any_of(terms.begin(), terms.end(), [&](const Term& term) { return term.id == id; });
}

std::string quoted(std::string_view text) {
  return "\"" + std::string(text) + "\"";
}

Result<void> check_actions_of(const Measure& measure) {
  std::vector<const OfficialAction*> expected;
  for (const OfficialAction& official : official_actions())
    if (official.measure == measure.number) expected.push_back(&official);
  std::string ids;
  for (const OfficialAction* official : expected) ids += (ids.empty() ? "" : ", ") + std::string(official->id);
  const std::string help = "Expected, in this order: " + ids + ".";

  for (std::size_t at = 0; at < measure.actions.size(); ++at) {
    const Action& action = measure.actions[at];
    if (at >= expected.size() || action.id != expected[at]->id)
      return wrong(action.place, "measure " + measure.number + ": action " + quoted(action.id) + " does not belong here", help);
    if (action.title.fr != expected[at]->title)
      return wrong(action.place, "action " + action.id + ": the title " + quoted(action.title.fr) + " is not the card's",
                   "Expected " + quoted(expected[at]->title) + ".");
  }
  if (measure.actions.size() < expected.size())
    return wrong(measure.place,
                 "measure " + measure.number + ": action " + std::string(expected[measure.actions.size()]->id) + " is missing", help);
  return {};
}

Result<void> check_measures(const Playbook& playbook) {
  for (const Measure& measure : playbook.measures) {
    const auto officials = official_measures();
    const auto official = std::find_if(officials.begin(), officials.end(), [&](const auto& each) { return each.number == measure.number; });
    if (official == officials.end()) return wrong(measure.place, "unknown measure " + quoted(measure.number), "Expected \"1\" to \"9\".");
    if (playbook.measure(measure.number) != &measure)
      return wrong(measure.place, "measure " + measure.number + " is also in " + playbook.measure(measure.number)->place.file);
    if (measure.title.fr != official->title)
      return wrong(measure.place, "measure " + measure.number + ": the title " + quoted(measure.title.fr) + " is not the card's",
                   "Expected " + quoted(official->title) + ".");
    const std::string by_theme = measure.title_by_theme ? measure.title_by_theme->fr : measure.title.fr;
    if (by_theme != official->title_by_theme)
      return wrong(measure.place, "measure " + measure.number + ": the title by theme " + quoted(by_theme) + " is not the card's",
                   "Expected " + quoted(official->title_by_theme) + ".");
    if (auto checked = check_actions_of(measure); !checked) return checked;
  }
  for (const OfficialMeasure& official : official_measures())
    if (!playbook.measure(official.number))
      return fail(ErrorCode::bad_input, "measure " + std::string(official.number) + " is missing", {},
                  "One file with its number was expected.");
  return {};
}

/// Every measure stands once in the groups of a view; there is at least one group.
template <class Group>
Result<void> check_view(const std::vector<Group>& groups, std::string_view view) {
  std::set<std::string_view> seen;
  for (const Group& group : groups) {
    for (const std::string& number : group.measures) {
      const auto officials = official_measures();
      if (std::none_of(officials.begin(), officials.end(), [&](const auto& each) { return each.number == number; }))
        return wrong(group.place, "the " + std::string(view) + " name an unknown measure " + quoted(number));
      if (!seen.insert(number).second) return wrong(group.place, "the " + std::string(view) + " name measure " + number + " twice");
    }
  }
  for (const OfficialMeasure& official : official_measures())
    if (!seen.contains(official.number))
      return wrong(groups.back().place, "the " + std::string(view) + " leave out measure " + std::string(official.number));
  return {};
}

Result<void> check_views(const Playbook& playbook) {
  if (auto checked = check_view(playbook.priorities, "priorities"); !checked) return checked;
  if (auto checked = check_view(playbook.themes, "themes"); !checked) return checked;
  for (std::size_t at = 0; at < playbook.priorities.size(); ++at)
    if (at >= priority_names.size() || playbook.priorities[at].priority != priority_names[at].value)
      return wrong(playbook.priorities[at].place, "priorities out of order", "Expected P0, P1, P2, P3, once each.");
  if (playbook.priorities.size() < priority_names.size())
    return wrong(playbook.priorities.back().place, "a priority is missing", "Expected P0, P1, P2, P3, once each.");

  const auto officials = official_themes();
  for (std::size_t at = 0; at < playbook.themes.size(); ++at) {
    const Theme& theme = playbook.themes[at];
    if (at >= officials.size() || theme.id != officials[at].id || theme.title.fr != officials[at].title)
      return wrong(theme.place, "theme " + quoted(theme.id) + " with the title " + quoted(theme.title.fr) + " is not the card's",
                   at < officials.size() ? "Expected " + quoted(officials[at].id) + ", " + quoted(officials[at].title) + "." : "");
  }
  if (playbook.themes.size() < officials.size())
    return wrong(playbook.themes.back().place, "theme " + quoted(officials[playbook.themes.size()].id) + " is missing");
  if (playbook.pinned.theme != officials.front().id)
    return wrong(playbook.themes.front().place, "the pinned theme is " + quoted(playbook.pinned.theme),
                 "Expected " + quoted(officials.front().id) + ": it comes before every measure.");

  for (const Measure& measure : playbook.measures) {
    for (const Action& action : measure.actions) {
      for (const PriorityGroup& group : playbook.priorities)
        if (holds(group.measures, measure.number) && group.priority != action.priority)
          return wrong(action.place, "action " + action.id + ": its priority is not that of measure " + measure.number,
                       "Expected " + quoted(name_of(priority_names, group.priority)) + ".");
      for (const Theme& theme : playbook.themes)
        if (holds(theme.measures, measure.number) && theme.id != action.theme)
          return wrong(action.place, "action " + action.id + ": its theme is not that of measure " + measure.number,
                       "Expected " + quoted(theme.id) + ".");
    }
  }
  return {};
}

Result<void> check_references(const Playbook& playbook, const Action& action) {
  const std::string what = "action " + action.id + ": ";
  for (const std::string& outcome : action.finds)
    if (!is_term(playbook.outcomes, outcome)) return wrong(action.place, what + "\"finds\" names an unknown outcome " + quoted(outcome));
  std::set<std::pair<std::string_view, Gate>> required;
  for (const Requirement& each : action.requirements) {
    if (!playbook.action(each.action)) return wrong(each.place, what + "requires an unknown action " + quoted(each.action));
    if (!required.insert({each.action, each.before}).second) return wrong(each.place, what + "requires " + each.action + " twice");
  }
  for (const Reopening& each : action.reopenings) {
    const Action* source = playbook.action(each.action);
    if (!source) return wrong(each.place, what + "is reopened by an unknown action " + quoted(each.action));
    if (source == &action) return wrong(each.place, what + "is reopened by itself");
    if (!holds(source->finds, each.outcome))
      return wrong(each.place, what + "waits for " + quoted(each.outcome) + ", which action " + each.action + " never finds",
                   "Add it to \"finds\" of action " + each.action + ", or name one of its outcomes.");
  }
  if (action.decision) {
    std::set<std::string_view> seen;
    for (const Branch& branch : action.decision->branches) {
      if (!is_term(playbook.causes, branch.cause))
        return wrong(action.place, what + "the decision has an unknown cause " + quoted(branch.cause));
      if (!seen.insert(branch.cause).second) return wrong(action.place, what + "the decision has two branches for " + quoted(branch.cause));
    }
    for (const Term& cause : playbook.causes)
      if (!seen.contains(cause.id)) return wrong(action.place, what + "the decision has no branch for " + quoted(cause.id));
  }
  return {};
}

/// Follows "before start" requirements; `path` holds the actions on the way, `cleared` those that were followed to their end.
Result<void> check_no_cycle(const Playbook& playbook, const Action& action, std::vector<std::string_view>& path,
                            std::set<std::string_view>& cleared) {
  if (cleared.contains(action.id)) return {};
  path.push_back(action.id);
  for (const Requirement& each : action.requirements) {
    if (each.before != Gate::start) continue;
    if (const auto start = std::find(path.begin(), path.end(), each.action); start != path.end()) {
      std::string circle;
      for (auto at = start; at != path.end(); ++at) circle += std::string(*at) + " -> ";
      return wrong(each.place, "actions wait for each other: " + circle + each.action);
    }
    if (auto checked = check_no_cycle(playbook, *playbook.action(each.action), path, cleared); !checked) return checked;
  }
  path.pop_back();
  cleared.insert(action.id);
  return {};
}

}  // namespace

Result<void> check_playbook(const Playbook& playbook) {
  if (playbook.name.empty())
    return fail(ErrorCode::bad_input, "the playbook file is missing", {}, "One file of schema digue.playbook/1 was expected.");
  if (auto checked = check_measures(playbook); !checked) return checked;
  if (auto checked = check_views(playbook); !checked) return checked;
  for (const Measure& measure : playbook.measures)
    for (const Action& action : measure.actions)
      if (auto checked = check_references(playbook, action); !checked) return checked;
  std::set<std::string_view> cleared;
  for (const Measure& measure : playbook.measures) {
    for (const Action& action : measure.actions) {
      std::vector<std::string_view> path;
      if (auto checked = check_no_cycle(playbook, action, path, cleared); !checked) return checked;
    }
  }
  return {};
}

}  // namespace digue::playbook
