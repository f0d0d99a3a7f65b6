#include "base/text.hpp"
#include "story/attribution.hpp"

namespace digue::story {

void each_address(std::string_view list, const std::function<void(const std::string&)>& visit) {
  while (!list.empty()) {
    const auto end = list.find_first_of(";,");
    const std::string_view address = trim(list.substr(0, end));
    if (address.find('@') != std::string_view::npos) visit(lower(address));
    if (end == std::string_view::npos) return;
    list.remove_prefix(end + 1);
  }
}

PlantedFilters::PlantedFilters(const AccountView& view, std::optional<UtcMicros> first_access) : view_(view), since_(first_access) {
  if (!since_) return;
  for (const Row& row : view.rows)
    if (row.activity == Activity::rule_effect && row.time < *since_)
      each_address(row.get(Field::forward_to), [&](const std::string& address) { before_.insert(address); });
}

std::vector<std::string> PlantedFilters::destinations(const Row& row) const {
  std::vector<std::string> found;
  if (!since_ || row.activity != Activity::rule_effect || row.time < *since_) return found;
  each_address(row.get(Field::forward_to), [&](const std::string& address) {
    if (is_external(view_, address) && !before_.contains(address)) found.push_back(address);
  });
  return found;
}

}  // namespace digue::story
