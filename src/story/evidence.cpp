#include "story/evidence.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace digue::story {

namespace {

std::string shown(const Row& row) {
  if (!row.ip) return "-";
  return to_text(*row.ip) + (row.country.empty() ? "" : " (" + std::string(row.country) + ")");
}

}  // namespace

Scene::Scene(const AccountView& view, const std::vector<Finding>& findings, const std::vector<HostileSource>& hostile)
    : view_(view), findings_(findings), hostile_(hostile), habits_(view.rows) {
  std::set<Id128> consents;
  for (const Finding& finding : findings_) {
    const bool wave = finding.rule == "brute_force" || finding.rule == "mfa_fatigue";
    for (const std::uint32_t session : finding.sessions) {
      by_session_[session].push_back(&finding);
      if (wave && finding.confidence >= 0.4) guessing_.insert(session);
    }
    if (finding.rule == "consent" && finding.confidence >= 0.35)
      for (const auto& record : finding.records) consents.insert(record.event);
  }
  for (std::size_t i = 0; i < view_.sessions.size(); ++i)
    if (view_.sessions[i].last.value - view_.sessions[i].first.value > micros_per_day) long_sessions_.push_back(i);
  adopt();
  plant();
  if (consents.empty()) return;
  for (const Row& row : view_.rows)
    if (row.activity == Activity::consent && consents.contains(row.id) && !row.get(Field::app_id).empty())
      applications_.insert(row.get(Field::app_id));
}

/// The placed sessions that were active at most `after` before the orphan began, oldest first.
std::vector<std::size_t> Scene::around(const Session& orphan, std::int64_t after) const {
  std::vector<std::size_t> found = long_sessions_;
  const auto& all = view_.sessions;
  const auto start = std::lower_bound(all.begin(), all.end(), orphan.first.value - after - micros_per_day,
                                      [](const Session& session, std::int64_t time) { return session.first.value < time; });
  for (auto at = start; at != all.end() && at->first.value - 5 * micros_per_minute <= orphan.last.value; ++at)
    found.push_back(static_cast<std::size_t>(at - all.begin()));
  std::erase_if(found, [&](std::size_t index) {
    const Session& placed = all[index];
    return placed.ips.empty() || placed.first.value - 5 * micros_per_minute > orphan.last.value ||
           placed.last.value + after < orphan.first.value;
  });
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

/// Directory records name no address. What they did counts for the unusual session that was active then, the latest if there are several;
/// in the user's ordinary company it counts for nobody else.
void Scene::adopt() {
  for (const auto& [index, findings] : by_session_) {
    const Session& orphan = view_.sessions[index];
    if (!orphan.ips.empty()) continue;
    std::optional<std::size_t> host;
    for (const std::size_t candidate : around(orphan, micros_per_hour)) {
      const Session& placed = view_.sessions[candidate];
      const Row* row = first_access(placed);
      if (row == nullptr || is_trusted(view_, *row)) continue;
      Evidence unusual;
      add_source(placed, unusual);
      add_novelty(placed, *row, unusual);
      double sum = 0;
      for (const Sign& sign : unusual) sum += sign.weight;
      if (sum >= counted_from) host = candidate;
    }
    if (!host) continue;
    host_[index] = *host;
    adopted_[*host].push_back(index);
  }
}

/// No line says who planted a filter. One that passes mail outside is laid to the unusual place that was in use last before it first did:
/// to one that signed in to the filters, when the log tells any.
void Scene::plant() {
  constexpr std::int64_t longest_wait = 30 * micros_per_day;
  if (std::none_of(findings_.begin(), findings_.end(), [](const Finding& finding) { return finding.rule == "rule_effect"; })) return;
  std::optional<UtcMicros> first_mail;
  for (const Row& row : view_.rows) {
    if (row.activity != Activity::mail_receive) continue;
    if (!first_mail) first_mail = row.time;
    if (row.time.value / micros_per_day == first_mail->value / micros_per_day) continue;
    mail_known_from_ = row.time;
    break;
  }
  for (const Finding& finding : findings_) {
    if (finding.rule != "rule_effect" || finding.confidence < 0.5) continue;
    std::vector<std::size_t> unusual;
    std::optional<IpAddress> place;
    bool filters = false;
    for (std::size_t i = 0; i < view_.sessions.size() && view_.sessions[i].first <= finding.first; ++i) {
      const Session& session = view_.sessions[i];
      const Row* row = first_access(session);
      if (row == nullptr || is_trusted(view_, *row) || row->ip->is_local() || session.last.value + longest_wait < finding.first.value)
        continue;
      Evidence signs;
      add_source(session, signs);
      add_novelty(session, *row, signs);
      if (signs.empty()) continue;
      unusual.push_back(i);
      const bool here = iequals(row->get(Field::client), "managesieve");
      if (filters && !here) continue;
      filters = here;
      place = neighbourhood(*row->ip);
    }
    for (const std::size_t i : unusual)
      if (neighbourhood(*first_access(view_.sessions[i])->ip) == place) by_session_[i].push_back(&finding);
  }
}

void Scene::learn(const std::vector<Judgement>& judged) {
  std::vector<bool> skip(view_.rows.size());
  const auto is_attacker = [](const Judgement& judgement) { return judgement.actor == Actor::attacker; };
  if (std::none_of(judged.begin(), judged.end(), is_attacker)) return;
  near_attacker_.clear();
  like_attacker_.clear();
  for (std::size_t i = 0; i < judged.size(); ++i) {
    if (judged[i].actor != Actor::attacker) continue;
    const Session& session = view_.sessions[i];
    for (const std::uint32_t index : session.rows) skip[index] = true;
    if (!judged[i].access) continue;
    for (const IpAddress& ip : session.ips) near_attacker_.try_emplace(neighbourhood(ip), ip);
    for (const std::string& network : session.networks)
      for (const std::string& device : session.devices) like_attacker_.emplace(network, device);
  }
  habits_ = Habits(view_.rows, skip);
}

const Row* Scene::first_access(const Session& session) const {
  for (const std::uint32_t index : session.rows)
    if (is_access(view_.rows[index])) return &view_.rows[index];
  return nullptr;
}

bool Scene::enough_history(const Session& session) const {
  return habits_.enough_before(session.first) || Habits::other_days(&habits_.activity(), session.first) >= 5;
}

bool Scene::is_new_place(const Row& row) const {
  return (!row.country.empty() && habits_.is_new(habits_.find(Habits::Kind::country, row.country), row.time)) ||
         habits_.is_new(habits_.place_of(row), row.time);
}

double Scene::user_support(const Session& session) const {
  const Row* row = first_access(session);
  if (row == nullptr) return enough_history(session) ? 0.55 : 0;
  if (is_trusted(view_, *row)) return 0.9;
  if (habits_.regular(*row)) return 0.9;
  if (habits_.regular_before(*row)) return 0.8;
  const std::uint32_t days = Habits::other_days(habits_.place_of(*row), row->time);
  if (days >= 2) return 0.7;
  return enough_history(session) && !is_new_place(*row) ? 0.6 : days >= 1 ? 0.5 : 0;
}

const HostileSource* Scene::hostile_of(const Session& session) const {
  const HostileSource* worst = nullptr;
  for (const IpAddress& ip : session.ips) {
    const auto at = std::lower_bound(hostile_.begin(), hostile_.end(), ip,
                                     [](const HostileSource& source, const IpAddress& key) { return source.ip < key; });
    if (at == hostile_.end() || at->ip != ip || is_vouched(view_, ip)) continue;
    if (worst == nullptr || at->confidence > worst->confidence) worst = &*at;
  }
  const Row& row = view_.rows[session.rows.front()];
  return worst != nullptr && row.own_range ? nullptr : worst;
}

bool Scene::got_in_somewhere(const HostileSource& source) const {
  if (source.reason.key != hostile_source.reason) return true;
  const SourceFacts* facts = view_.world != nullptr ? view_.world->source(source.ip) : nullptr;
  return facts != nullptr && facts->accounts_succeeded > 0;
}

std::optional<IpAddress> Scene::attacker_nearby(const Session& session) const {
  if (view_.rows[session.rows.front()].own_range) return std::nullopt;
  for (const IpAddress& ip : session.ips)
    if (const auto at = near_attacker_.find(neighbourhood(ip)); at != near_attacker_.end()) return at->second;
  return std::nullopt;
}

bool Scene::is_familiar(const Session& session) const {
  for (const std::uint32_t index : session.rows) {
    const Row& row = view_.rows[index];
    if (is_trusted(view_, row) || Habits::other_days(habits_.place_of(row), row.time) >= 1) return true;
    if (const Habits::Use* use = habits_.place_of(row); use != nullptr && use->first < row.time) return true;
  }
  return false;
}

Evidence Scene::evidence(std::size_t index, const std::vector<Judgement>& judged) const {
  const Session& session = view_.sessions[index];
  Evidence evidence;
  add_findings(index, evidence);
  add_applications(session, evidence);
  const Row* row = first_access(session);
  if (row == nullptr) {
    if (session.ips.empty()) add_company(index, judged, evidence);
    return evidence;
  }
  const bool trusted = is_trusted(view_, *row);
  if (!trusted) {
    add_source(session, evidence);
    add_novelty(session, *row, evidence);
    add_kinship(session, *row, evidence);
  }
  add_against(*row, !trusted && is_new_place(*row), evidence);
  return evidence;
}

void Scene::add_source(const Session& session, Evidence& evidence) const {
  if (const HostileSource* source = hostile_of(session))
    evidence.push_back({Sign::Kind::decisive, hostile_source.value * source->confidence, source->reason});
}

void Scene::add_novelty(const Session& session, const Row& row, Evidence& evidence) const {
  Evidence novelty;
  bool stay = false;
  if (!row.country.empty() && habits_.is_new(habits_.find(Habits::Kind::country, row.country), row.time)) {
    novelty.push_back({Sign::Kind::novelty, new_country.value, {std::string(new_country.reason), {std::string(row.country), shown(row)}}});
    const World* world = view_.world;
    if (world != nullptr && world->accounts >= 10 && world->accounts_in(row.country) <= 1)
      novelty.push_back({Sign::Kind::novelty,
                         country_unseen_elsewhere.value,
                         {std::string(country_unseen_elsewhere.reason), {std::string(row.country)}}});
    stay = habits_.is_stay(row.country);
  }
  if (habits_.is_new(habits_.place_of(row), row.time))
    novelty.push_back({Sign::Kind::novelty,
                       new_network.value,
                       {std::string(new_network.reason), {row.network.empty() ? shown(row) : std::string(row.network)}}});
  if (!row.device.empty() && habits_.is_new(habits_.find(Habits::Kind::device, row.device), row.time))
    novelty.push_back({Sign::Kind::novelty, new_device.value, {std::string(new_device.reason), {std::string(row.device)}}});
  if (!row.own_range && !row.ip->is_local() && habits_.is_new(&habits_.outside(), row.time))
    novelty.push_back({Sign::Kind::novelty, first_outside.value, {std::string(first_outside.reason), {shown(row)}}});
  const bool abroad = !novelty.empty() && novelty.front().reason.key == new_country.reason;
  double sum = 0;
  for (const Sign& sign : novelty) sum += sign.weight;
  const double factor = (sum > novelty_cap ? novelty_cap / sum : 1) * (stay ? stay_factor : 1);
  for (Sign& sign : novelty) {
    sign.weight *= factor;
    evidence.push_back(std::move(sign));
  }
  if (abroad && is_between_home(session, row))
    evidence.push_back({Sign::Kind::novelty, between_home.value, {std::string(between_home.reason), {std::string(row.country)}}});
}

/// Signed in at the usual places within the ten hours before and the ten hours after: a journey there and back leaves no such trace.
bool Scene::is_between_home(const Session& session, const Row& row) const {
  constexpr std::int64_t span = 10 * micros_per_hour;
  const auto is_home = [&](const Row& other) {
    return other.activity == Activity::sign_in && is_access(other) && other.country != row.country &&
           (is_trusted(view_, other) ||
            (!other.country.empty() && !habits_.is_new(habits_.find(Habits::Kind::country, other.country), other.time)));
  };
  const auto at = [&](std::int64_t time) {
    return std::lower_bound(view_.rows.begin(), view_.rows.end(), time,
                            [](const Row& other, std::int64_t t) { return other.time.value < t; });
  };
  return std::any_of(at(session.first.value - span), at(session.first.value), is_home) &&
         std::any_of(at(session.last.value + 1), at(session.last.value + span), is_home);
}

/// Of findings about several places at once, only the unusual ones are to blame; a filter may be older than an evidence that shows no mail
/// before it.
double Scene::share_of_blame(const Finding& finding, std::size_t index) const {
  if (finding.rule == "rule_effect") return mail_known_from_ && *mail_known_from_ < view_.sessions[index].first ? 1 : undecided;
  if (finding.rule != "impossible_travel" && finding.rule != "session_several_networks") return 1;
  const auto days = [&](std::size_t session) -> std::uint32_t {
    const Row* row = first_access(view_.sessions[session]);
    if (row == nullptr) return 0;
    if (is_trusted(view_, *row)) return 1000;
    const std::uint32_t place = Habits::other_days(habits_.place_of(*row), row->time);
    const std::uint32_t country =
        row->country.empty() ? place : Habits::other_days(habits_.find(Habits::Kind::country, row->country), row->time);
    return std::min(place, country) + country;
  };
  const std::uint32_t mine = days(index);
  std::uint32_t most = 0;
  bool alike = true;
  for (const std::uint32_t session : finding.sessions) {
    most = std::max(most, days(session));
    alike = alike && days(session) == mine;
  }
  // All places new to an account whose habits are known: the intruder's, each of them.
  if (alike) return mine == 0 && habits_.enough_before(view_.sessions[index].first) ? 1 : undecided;
  if (mine == most) return 0;
  return mine * 3 <= most ? 1 : undecided;
}

void Scene::add_findings(std::size_t index, Evidence& evidence) const {
  std::vector<const Finding*> findings;
  const auto collect = [&](std::size_t session) {
    if (const auto at = by_session_.find(session); at != by_session_.end())
      findings.insert(findings.end(), at->second.begin(), at->second.end());
  };
  collect(index);
  if (const auto at = adopted_.find(index); at != adopted_.end())
    for (const std::size_t orphan : at->second) collect(orphan);
  // Within a group the signs are not independent: the strongest counts, the others a little.
  std::map<RuleGroup, std::map<std::string_view, Sign>> groups;
  for (const Finding* finding : findings) {
    const auto rule = std::find_if(rule_weights.begin(), rule_weights.end(), [&](const RuleWeight& w) { return w.rule == finding->rule; });
    if (rule == rule_weights.end() || finding->why.empty()) continue;
    const double factor = std::min(full_factor, finding->confidence / full_confidence) * share_of_blame(*finding, index);
    const double weight = rule->value * factor;
    if (weight < 0.05) continue;
    Sign& sign = groups[rule->group][rule->rule];
    if (weight <= sign.weight) continue;
    sign = {rule->group == RuleGroup::fatigue ? Sign::Kind::decisive : Sign::Kind::action, weight, finding->why.front()};
  }
  for (auto& [group, signs] : groups) {
    std::vector<Sign> sorted;
    for (auto& [rule, sign] : signs) sorted.push_back(std::move(sign));
    std::stable_sort(sorted.begin(), sorted.end(), [](const Sign& a, const Sign& b) { return a.weight > b.weight; });
    for (std::size_t i = 0; i < sorted.size(); ++i) {
      if (i > 0) {
        sorted[i].weight *= same_group_factor;
        sorted[i].kind = Sign::Kind::repeat;
      }
      evidence.push_back(std::move(sorted[i]));
    }
  }
}

void Scene::add_kinship(const Session& session, const Row& row, Evidence& evidence) const {
  if (const auto near = attacker_nearby(session)) {
    evidence.push_back({Sign::Kind::decisive, same_address.value, {std::string(same_address.reason), {to_text(*near)}}});
    return;
  }
  if (row.network.empty() || row.device.empty() || habits_.regular(row) || habits_.regular_before(row)) return;
  if (like_attacker_.contains({std::string(row.network), std::string(row.device)}))
    evidence.push_back({Sign::Kind::action,
                        same_network_device.value,
                        {std::string(same_network_device.reason), {std::string(row.network), std::string(row.device)}}});
}

void Scene::add_applications(const Session& session, Evidence& evidence) const {
  if (applications_.empty()) return;
  for (const std::uint32_t index : session.rows) {
    const Row& row = view_.rows[index];
    if (row.activity == Activity::consent || row.activity == Activity::sign_in || !row.ip) continue;
    if (const auto id = row.get(Field::app_id); applications_.contains(id)) {
      evidence.push_back({Sign::Kind::action, consented_application.value, {std::string(consented_application.reason), {std::string(id)}}});
      return;
    }
  }
}

/// A directory record names no address: who was active around it?
void Scene::add_company(std::size_t index, const std::vector<Judgement>& judged, Evidence& evidence) const {
  const Session& session = view_.sessions[index];
  const auto host = host_.find(index);
  bool attacker = false, other = false;
  for (const std::size_t placed : around(session, micros_per_hour / 2))
    if (judged[placed].access) (judged[placed].actor == Actor::attacker ? attacker : other) = true;
  const auto add = [&](Sign::Kind kind, const Weight& weight) {
    evidence.push_back({kind, weight.value, {std::string(weight.reason), {}}});
  };
  if (host != host_.end() && judged[host->second].actor == Actor::attacker)
    add(Sign::Kind::decisive, among_attacker);
  else if (attacker && other)
    add(Sign::Kind::action, among_both);
  else if (attacker)
    add(Sign::Kind::decisive, among_attacker);
  else if (other)
    add(Sign::Kind::against, among_user);
}

void Scene::add_against(const Row& row, bool new_place, Evidence& evidence) const {
  const auto add = [&](const Weight& weight, std::vector<std::string> args) {
    evidence.push_back({Sign::Kind::against, weight.value, {std::string(weight.reason), std::move(args)}});
  };
  if (row.own_range)
    add(own_address, {shown(row)});
  else if (is_trusted(view_, row))
    add(shared_address, {shown(row)});
  else if (habits_.regular(row))
    add(regular, {shown(row), std::string(row.device)});
  else if (habits_.regular_before(row))
    add(regular_before, {shown(row), std::string(row.device)});
  else if (new_place && is_telling_device(row.device) && Habits::days_before(habits_.find(Habits::Kind::device, row.device), row.time) >= 3)
    add(known_device, {std::string(row.device)});
}

}  // namespace digue::story
