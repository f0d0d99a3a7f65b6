#include <map>
#include <utility>

#include "base/text.hpp"
#include "story/attribution.hpp"

namespace digue::story {

namespace {

/// Distinct addresses told for one account: beyond it, those that sort first by content are kept and a person lists the rest from the
/// events.
constexpr std::size_t most_addresses = 50'000;

template <class Visit>
void each_address(std::string_view list, Visit visit) {
  while (!list.empty()) {
    const auto end = list.find_first_of(";,");
    std::string_view address = trim(list.substr(0, end));
    if (address.find('@') != std::string_view::npos) visit(address);
    if (end == std::string_view::npos) return;
    list.remove_prefix(end + 1);
  }
}

}  // namespace

void find_reach(const AccountView& view, const Attribution& attribution, std::vector<Reach>& reach) {
  std::map<std::pair<std::string, std::string>, Reach> all;
  const auto add = [&](std::string_view address, std::string_view how, const Row& row) {
    auto [at, is_new] = all.try_emplace({std::string(how), lower(address)});
    Reach& entry = at->second;
    if (is_new) {
      entry.address = at->first.second;
      entry.how = how;
      entry.internal = !is_external(view, entry.address);
      entry.first = row.time;
      if (all.size() > most_addresses) all.erase(std::prev(all.end()));
    }
    ++entry.messages;
  };
  for (const Row& row : view.rows) {
    if (row.session == Row::no_session || row.outcome == Outcome::failure) continue;
    if (attribution.sessions[row.session].actor != Actor::attacker) continue;
    switch (row.activity) {
      case Activity::mail_send:
        each_address(row.get(Field::recipients), [&](std::string_view address) { add(address, "message", row); });
        break;
      case Activity::forwarding_set:
      case Activity::rule_create:
      case Activity::rule_change:
        each_address(row.get(Field::forward_to), [&](std::string_view address) { add(address, "forward", row); });
        break;
      case Activity::file_share:
        each_address(row.get(Field::recipients).empty() ? row.get(Field::target) : row.get(Field::recipients),
                     [&](std::string_view address) { add(address, "share", row); });
        break;
      default:
        break;
    }
  }
  // Mail that a planted rule passed on counts for its destination.
  for (const Row& row : view.rows) {
    if (row.activity != Activity::rule_effect) continue;
    each_address(row.get(Field::forward_to), [&](std::string_view address) {
      const auto at = all.find({"forward", lower(address)});
      if (at != all.end() && at->second.first && row.time >= *at->second.first) ++at->second.messages;
    });
  }
  for (auto& [key, entry] : all) reach.push_back(std::move(entry));
}

}  // namespace digue::story
