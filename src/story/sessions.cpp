#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>

#include "base/text.hpp"
#include "model/habits.hpp"
#include "story/story.hpp"

namespace digue::story {

namespace {

constexpr std::int64_t longest_pause = 6 * micros_per_hour;
/// Rows without an address say nothing of where they were done: only those close in time are one session.
constexpr std::int64_t longest_pause_unplaced = 30 * micros_per_minute;

/// Mail protocols number connections, not sessions: a phone opens hundreds a day. Their id only tells which lines belong together.
bool is_connection(const Row& row) {
  const std::string_view client = row.get(Field::client);
  for (const std::string_view protocol : {"imap", "pop3", "managesieve", "submission", "smtp", "lmtp"})
    if (iequals(client, protocol)) return true;
  return false;
}

/// The rows of one platform session that were done from one neighbourhood.
struct Cluster {
  IpAddress near;
  std::vector<std::string_view> countries, networks, devices;
  std::size_t group = 0;  ///< neighbourhoods that differ in nothing else are one group
};

void insert(std::vector<std::string_view>& set, std::string_view value) {
  if (value.empty()) return;
  const auto at = std::lower_bound(set.begin(), set.end(), value);
  if (at == set.end() || *at != value) set.insert(at, value);
}

bool apart(const std::vector<std::string_view>& a, const std::vector<std::string_view>& b) {
  if (a.empty() || b.empty()) return false;
  return std::none_of(a.begin(), a.end(), [&](std::string_view value) { return std::binary_search(b.begin(), b.end(), value); });
}

/// Sorts the neighbourhoods of one platform session into groups that differ in country, network or device.
std::map<IpAddress, std::size_t> group_places(const std::vector<Row>& rows, const std::vector<std::uint32_t>& members) {
  std::map<IpAddress, Cluster> clusters;
  for (const std::uint32_t index : members) {
    const Row& row = rows[index];
    if (!row.ip) continue;
    Cluster& cluster = clusters[neighbourhood(*row.ip)];
    insert(cluster.countries, row.country);
    insert(cluster.networks, network_of(row));
    insert(cluster.devices, row.device);
  }
  std::map<IpAddress, std::size_t> groups;
  std::vector<const Cluster*> heads;
  for (const auto& [near, cluster] : clusters) {
    std::size_t group = 0;
    while (group < heads.size() && (apart(heads[group]->countries, cluster.countries) || apart(heads[group]->networks, cluster.networks) ||
                                    apart(heads[group]->devices, cluster.devices)))
      ++group;
    if (group == heads.size()) heads.push_back(&cluster);
    groups[near] = group;
  }
  return groups;
}

struct Draft {
  std::string context;
  std::vector<std::uint32_t> rows;
  bool native = false;
};

/// Rows of one platform session id; those without an address go where the last one with an address was.
void draft_native(const std::vector<Row>& rows, std::string_view id, const std::vector<std::uint32_t>& members,
                  std::vector<Draft>& drafts) {
  const auto groups = group_places(rows, members);
  std::map<std::size_t, Draft> parts;
  const auto group_of = [&](std::uint32_t index, std::size_t otherwise) {
    const auto& ip = rows[index].ip;
    return ip ? groups.at(neighbourhood(*ip)) : otherwise;
  };
  const auto first_placed = std::find_if(members.begin(), members.end(), [&](std::uint32_t index) { return rows[index].ip.has_value(); });
  std::size_t current = first_placed != members.end() ? group_of(*first_placed, 0) : 0;
  for (const std::uint32_t index : members) {
    current = group_of(index, current);
    Draft& draft = parts[current];
    if (draft.rows.empty()) {
      draft.context = "native " + std::string(id) + " " + std::to_string(current);
      draft.native = true;
    }
    draft.rows.push_back(index);
  }
  for (auto& [group, draft] : parts) drafts.push_back(std::move(draft));
}

/// Lines that belong together although only one of them names the address: of one connection, of one queued message.
class Places {
 public:
  /// Rows are given in their order: a queue id that is used again means the new message from then on.
  const Row* placed(const Row& row) {
    for (const auto& [field, kind] : {std::pair{Field::session, 's'}, {Field::queue_id, 'q'}}) {
      const std::string_view id = row.get(field);
      if (id.empty()) continue;
      auto& known = by_id_[{kind, id}];
      if (row.ip && row.activity != Activity::mail_receive) known = &row;
      if (!row.ip && known != nullptr) return known;
    }
    return &row;
  }

 private:
  std::map<std::pair<char, std::string_view>, const Row*> by_id_;
};

std::string context_of(const Row& placed) {
  return (placed.ip ? to_text(*placed.ip) : std::string("-")) + "\n" + std::string(placed.device) + "\n" +
         std::string(placed.get(Field::client));
}

/// Rows of one context, cut where it pauses too long.
void draft_by_pauses(const std::vector<Row>& rows, const std::string& context, const std::vector<std::uint32_t>& members,
                     std::vector<Draft>& drafts) {
  const std::int64_t pause = context.starts_with("-\n") ? longest_pause_unplaced : longest_pause;
  const std::uint32_t* before = nullptr;
  for (const std::uint32_t& index : members) {
    if (before == nullptr || rows[index].time.value - rows[*before].time.value > pause) drafts.push_back({context, {}, false});
    drafts.back().rows.push_back(index);
    before = &index;
  }
}

template <class T>
void sort_distinct(std::vector<T>& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

Session finish(std::string_view account, const std::vector<Row>& rows, Draft& draft) {
  Session session;
  session.rows = std::move(draft.rows);
  session.native = draft.native;
  const Row& first = rows[session.rows.front()];
  session.first = first.time;
  session.last = rows[session.rows.back()].time;
  session.id = id_of({account, draft.context, to_hex(first.id)});
  const auto add = [](std::vector<std::string>& list, std::string_view value) {
    if (!value.empty() && (list.empty() || list.back() != value)) list.emplace_back(value);
  };
  for (const std::uint32_t index : session.rows) {
    const Row& row = rows[index];
    if (row.ip && (session.ips.empty() || session.ips.back() != *row.ip)) session.ips.push_back(*row.ip);
    add(session.countries, row.country);
    add(session.networks, row.network);
    add(session.devices, row.device);
  }
  sort_distinct(session.ips);
  sort_distinct(session.countries);
  sort_distinct(session.networks);
  sort_distinct(session.devices);
  return session;
}

/// Some sources tell the place of an address, others only the address: what one record tells holds for the others.
void complete_places(std::vector<Row>& rows) {
  struct Known {
    std::string_view country, network;
  };
  std::map<IpAddress, Known> known;
  for (const Row& row : rows) {
    if (!row.ip || (row.country.empty() && row.network.empty())) continue;
    Known& place = known[*row.ip];
    if (place.country.empty()) place.country = row.country;
    if (place.network.empty()) place.network = row.network;
  }
  for (Row& row : rows) {
    if (!row.ip || (!row.country.empty() && !row.network.empty())) continue;
    const auto at = known.find(*row.ip);
    if (at == known.end()) continue;
    if (row.country.empty()) row.country = at->second.country;
    if (row.network.empty()) row.network = at->second.network;
  }
}

}  // namespace

std::vector<Session> build_sessions(std::string_view account, std::vector<Row>& rows) {
  complete_places(rows);
  std::map<std::string_view, std::vector<std::uint32_t>> native;
  for (std::uint32_t i = 0; i < rows.size(); ++i)
    if (const auto id = rows[i].get(Field::session); !id.empty() && !is_background(rows[i]) && !is_connection(rows[i]))
      native[id].push_back(i);
  Places places;
  std::map<std::string, std::vector<std::uint32_t>> contexts;
  for (std::uint32_t i = 0; i < rows.size(); ++i) {
    if (is_background(rows[i]) || (!rows[i].get(Field::session).empty() && !is_connection(rows[i]))) continue;
    contexts[context_of(*places.placed(rows[i]))].push_back(i);
  }
  std::vector<Draft> drafts;
  for (const auto& [id, members] : native) draft_native(rows, id, members, drafts);
  for (const auto& [context, members] : contexts) draft_by_pauses(rows, context, members, drafts);

  std::vector<Session> sessions;
  sessions.reserve(drafts.size());
  for (Draft& draft : drafts) sessions.push_back(finish(account, rows, draft));
  std::sort(sessions.begin(), sessions.end(),
            [](const Session& a, const Session& b) { return std::tie(a.first, a.id) < std::tie(b.first, b.id); });
  for (Row& row : rows) row.session = Row::no_session;
  for (std::uint32_t i = 0; i < sessions.size(); ++i)
    for (const std::uint32_t index : sessions[i].rows) rows[index].session = i;
  return sessions;
}

}  // namespace digue::story
