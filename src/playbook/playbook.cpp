#include "playbook/playbook.hpp"

#include <algorithm>

namespace digue::playbook {

const Measure* Playbook::measure(std::string_view number) const {
  const auto found = std::find_if(measures.begin(), measures.end(), [&](const Measure& each) { return each.number == number; });
  return found == measures.end() ? nullptr : &*found;
}

const Action* Playbook::action(std::string_view id) const {
  for (const Measure& each : measures)
    for (const Action& action : each.actions)
      if (action.id == id) return &action;
  return nullptr;
}

std::vector<Section> Playbook::by_priority() const {
  std::vector<Section> sections;
  for (const PriorityGroup& group : priorities) {
    Section& section = sections.emplace_back(Section{std::string(name_of(priority_names, group.priority)), &group.label, {}});
    for (const std::string& number : group.measures)
      if (const Measure* found = measure(number)) section.measures.push_back({found, &found->title});
  }
  return sections;
}

std::vector<Section> Playbook::by_theme() const {
  std::vector<Section> sections;
  for (const Theme& theme : themes) {
    Section& section = sections.emplace_back(Section{theme.id, &theme.title, {}});
    for (const std::string& number : theme.measures)
      if (const Measure* found = measure(number))
        section.measures.push_back({found, found->title_by_theme ? &*found->title_by_theme : &found->title});
  }
  return sections;
}

}  // namespace digue::playbook
