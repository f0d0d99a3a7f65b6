#pragma once

#include <algorithm>
#include <deque>
#include <string>
#include <tuple>
#include <vector>

#include "model/timeline.hpp"

/// Small synthetic evidence for tests: rows of one account, from named places.
namespace digue::test {

/// Where and with what something is done.
struct Where {
  std::string ip, country, network, device;
  bool own_range = false;
};

inline const Where hospital{"192.0.2.10", "FR", "AS64496 Hospital", "Edge on Windows 11", true};
inline const Where home{"198.51.100.20", "FR", "AS64497 Home", "Edge on Windows 11", false};
inline const Where phone{"198.51.100.130", "FR", "AS64498 Mobile", "Safari on iPhone", false};
inline const Where lagos{"203.0.113.66", "NG", "AS64501 Lagos", "Chrome on Windows 10", false};
inline const Where lisbon{"203.0.113.140", "PT", "AS64503 Lisbon", "Edge on Windows 11", false};
inline const Where nowhere{"", "", "", "", false};

/// Day 0 is Monday 2 March 2026; hours in UTC.
inline UtcMicros at(int day, int hour = 9, int minute = 0, int second = 0) {
  constexpr std::int64_t start = 1772409600;
  return {(start + day * 86400LL + hour * 3600LL + minute * 60LL + second) * micros_per_second};
}

using Details = std::vector<std::pair<Field, std::string>>;

class Rows {
 public:
  explicit Rows(std::string account = "marie.durand@ch-exemple.fr") : account_(std::move(account)) { world.profile = &profile; }

  Row& add(UtcMicros time, Activity activity, const Where& where, Details details = {}, Outcome outcome = Outcome::success) {
    auto& list = fields_.emplace_back();
    for (auto& [field, value] : details) list.emplace_back(field, keep(value));
    Row row;
    row.time = time;
    row.activity = activity;
    row.outcome = outcome;
    row.ip = parse_ip(where.ip);
    row.country = keep(where.country);
    row.network = keep(where.network);
    row.device = keep(where.device);
    row.own_range = where.own_range;
    row.account = account_;
    row.fields = list;
    row.place = {0, 100, static_cast<std::uint64_t>(rows.size()) * 100};
    row.uid = keep("uid-" + std::to_string(rows.size()));
    row.id = id_of({account_, row.uid});
    rows.push_back(row);
    return rows.back();
  }
  Row& sign_in(UtcMicros time, const Where& where, std::string session = {}) {
    return session.empty() ? add(time, Activity::sign_in, where)
                           : add(time, Activity::sign_in, where, {{Field::session, std::move(session)}});
  }
  Row& wrong_password(UtcMicros time, const Where& where, std::string code = "50126") {
    return add(time, Activity::sign_in, where, {{Field::error_code, std::move(code)}}, Outcome::failure);
  }
  /// Ordinary days: a sign-in and some mail from the hospital each day, an evening sign-in by phone every second day.
  void live(int first_day, int days) {
    for (int day = first_day; day < first_day + days; ++day) {
      const std::string session = "office-" + std::to_string(day);
      sign_in(at(day, 7, 30), hospital, session);
      add(at(day, 8), Activity::mail_read, hospital, {{Field::session, session}, {Field::count, "3"}});
      add(at(day, 10), Activity::mail_send, hospital, {{Field::session, session}, {Field::recipients, "paul.martin@ch-exemple.fr"}});
      if (day % 2 == 0) sign_in(at(day, 18, 40), phone, "phone-" + std::to_string(day));
    }
  }

  void sort() {
    std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return std::tie(a.time, a.id) < std::tie(b.time, b.id); });
  }
  /// The view with the sessions given (or one session for all rows of an address).
  AccountView view() {
    sort();
    if (sessions.empty()) {
      std::vector<std::optional<IpAddress>> seen;
      for (std::uint32_t i = 0; i < rows.size(); ++i) {
        const auto known = std::find(seen.begin(), seen.end(), rows[i].ip);
        if (known == seen.end()) {
          sessions.emplace_back();
          sessions.back().first = rows[i].time;
        }
        const auto index = static_cast<std::uint32_t>(known - seen.begin());
        if (known == seen.end()) seen.push_back(rows[i].ip);
        sessions[index].rows.push_back(i);
        sessions[index].last = rows[i].time;
        rows[i].session = index;
      }
    }
    return {account_, rows, sessions, &world};
  }

  std::vector<Row> rows;
  std::vector<Session> sessions;
  Profile profile{{"ch-exemple.fr"}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}};
  World world;

 private:
  std::string_view keep(const std::string& text) { return texts_.emplace_back(text); }

  std::string account_;
  std::deque<std::string> texts_;
  std::deque<std::vector<std::pair<Field, std::string_view>>> fields_;
};

}  // namespace digue::test
