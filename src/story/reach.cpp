#include <map>
#include <utility>

#include "story/attribution.hpp"

namespace digue::story {

namespace {

/// Distinct addresses told for one account: beyond it, those that sort first by content are kept and a person lists the rest from the
/// events.
constexpr std::size_t most_addresses = 50'000;

}  // namespace

void find_reach(const AccountView& view, const Attribution& attribution, const PlantedFilters& planted, std::vector<Reach>& reach) {
  std::map<std::pair<std::string, std::string>, Reach> all;
  const auto add = [&](const std::string& address, std::string_view how, const Row& row) {
    auto [at, is_new] = all.try_emplace({std::string(how), address});
    Reach& entry = at->second;
    if (is_new) {
      entry.address = address;
      entry.how = how;
      entry.internal = !is_external(view, entry.address);
      entry.first = row.time;
    }
    ++entry.messages;
    if (all.size() > most_addresses) all.erase(std::prev(all.end()));
  };
  for (const Row& row : view.rows) {
    if (row.session == Row::no_session || row.outcome == Outcome::failure) continue;
    if (attribution.sessions[row.session].actor != Actor::attacker) continue;
    switch (row.activity) {
      case Activity::mail_send:
        each_address(row.get(Field::recipients), [&](const std::string& address) { add(address, "message", row); });
        break;
      case Activity::forwarding_set:
      case Activity::rule_create:
      case Activity::rule_change:
        each_address(row.get(Field::forward_to), [&](const std::string& address) { add(address, "forward", row); });
        break;
      case Activity::file_share:
        each_address(row.get(Field::recipients).empty() ? row.get(Field::target) : row.get(Field::recipients),
                     [&](const std::string& address) { add(address, "share", row); });
        break;
      default:
        break;
    }
  }
  // What a planted filter passed on, whether its planting was seen or not.
  for (const Row& row : view.rows)
    for (const std::string& address : planted.destinations(row)) add(address, "forward", row);
  for (auto& [key, entry] : all) reach.push_back(std::move(entry));
}

}  // namespace digue::story
