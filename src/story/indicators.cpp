#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/text.hpp"
#include "story/attribution.hpp"

namespace digue::story {

namespace {

constexpr std::size_t most_message_ids = 1000;  ///< of one account; those that sort first are kept

/// Domains that millions share: blocking or watching one tells nothing.
bool is_public_mail(std::string_view domain) {
  static constexpr std::array<std::string_view, 24> domains{
      "gmail.com", "googlemail.com", "outlook.com", "outlook.fr", "hotmail.com",    "hotmail.fr", "live.com", "live.fr",
      "msn.com",   "yahoo.com",      "yahoo.fr",    "orange.fr",  "wanadoo.fr",     "free.fr",    "sfr.fr",   "laposte.net",
      "bbox.fr",   "icloud.com",     "me.com",      "proton.me",  "protonmail.com", "gmx.com",    "gmx.fr",   "mail.com"};
  return std::find(domains.begin(), domains.end(), domain) != domains.end();
}

class Collector {
 public:
  explicit Collector(const AccountView& view) : view_(view) {}

  void add(std::string_view type, std::string value, const Row& row, std::string_view why, std::vector<std::string> args = {}) {
    if (value.empty()) return;
    auto [at, is_new] = all_.try_emplace({std::string(type), value});
    Indicator& indicator = at->second;
    if (is_new) {
      indicator.type = type;
      indicator.value = std::move(value);
      indicator.first = row.time;
      indicator.accounts = {std::string(view_.account)};
      indicator.why = {std::string(why), std::move(args)};
    }
    indicator.last = row.time;
  }

  void add_destination(const std::string& address, const Row& row) {
    if (!is_external(view_, address)) return;
    add("sender", address, row, "indicator.forward_destination");
    const std::string domain = address.substr(address.rfind('@') + 1);
    if (!is_public_mail(domain)) add("domain", domain, row, "indicator.forward_domain", {address});
  }

  void add_destinations(const Row& row) {
    each_address(row.get(Field::forward_to), [&](const std::string& address) { add_destination(address, row); });
  }

  void add_rule(const Row& row) {
    std::string text;
    for (const Field field : {Field::rule_name, Field::rule_condition, Field::rule_action, Field::dest_folder, Field::forward_to})
      if (const auto value = row.get(field); !value.empty())
        text.append(text.empty() ? "" : " | ").append(name(field)).append("=").append(clip(value, 200));
    add("rule", std::move(text), row, "indicator.rule");
  }

  void add_messages(const Row& row) {
    std::string_view list = row.get(Field::message_id);
    while (!list.empty()) {
      const auto end = list.find(' ');
      if (const auto id = trim(list.substr(0, end)); !id.empty())
        add("message-id", std::string(clip(id, 998)), row, "indicator.sent_message");
      if (end == std::string_view::npos) return;
      list.remove_prefix(end + 1);
    }
  }

  std::vector<Indicator> take() {
    std::vector<Indicator> list;
    std::size_t ids = 0;
    for (auto& [key, indicator] : all_) {
      if (indicator.type == "message-id" && ++ids > most_message_ids) continue;
      list.push_back(std::move(indicator));
    }
    return list;
  }

 private:
  const AccountView& view_;
  std::map<std::pair<std::string, std::string>, Indicator> all_;
};

}  // namespace

void find_indicators(const AccountView& view, const Attribution& attribution, const PlantedFilters& planted,
                     std::vector<Indicator>& indicators) {
  Collector collector(view);
  for (const Row& row : view.rows) {
    for (const std::string& address : planted.destinations(row)) collector.add_destination(address, row);
    if (row.session == Row::no_session) continue;
    const Judgement& judgement = attribution.sessions[row.session];
    if (judgement.actor != Actor::attacker) continue;
    if (row.ip && !row.ip->is_local() && !is_trusted(view, row) && !is_vouched(view, *row.ip))
      collector.add("ip", to_text(*row.ip), row, judgement.access ? "indicator.attacker_source" : "indicator.attempt_source");
    if (!is_done(row)) continue;
    switch (row.activity) {
      case Activity::rule_create:
      case Activity::rule_change:
        collector.add_rule(row);
        collector.add_destinations(row);
        break;
      case Activity::forwarding_set:
        collector.add_destinations(row);
        break;
      case Activity::consent:
      case Activity::app_create:
      case Activity::app_credential_add:
        collector.add("application", std::string(row.get(Field::app_id).empty() ? row.get(Field::app_name) : row.get(Field::app_id)), row,
                      "indicator.application", {std::string(row.get(Field::app_name))});
        break;
      case Activity::mail_send:
        collector.add_messages(row);
        break;
      default:
        break;
    }
  }
  indicators = collector.take();
}

}  // namespace digue::story
