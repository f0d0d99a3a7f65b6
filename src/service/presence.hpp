#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.hpp"

namespace digue::service {

/// Somebody who has an incident open.
struct Present {
  std::string name;
  std::string place;    ///< of the page: "plan", "journal" ...
  std::string editing;  ///< what is being changed there, such as "task:6c1f0a9e"; empty: nothing
  UtcMicros since;
  bool operator==(const Present&) const = default;
};

/// Who is where. Kept in memory only: each page says again that it is there, and is forgotten when it no longer does. Any thread.
class Presence {
 public:
  using Clock = std::function<UtcMicros()>;
  /// A page that says nothing for so long is gone. Browsers let a page in the background speak once a minute.
  static constexpr std::int64_t life = 90 * micros_per_second;
  static constexpr std::size_t max_pages = 2000;  ///< beyond, a new page is not shown

  explicit Presence(Clock clock = now) : clock_(std::move(clock)) {}

  /// The page `page` of the login session `owner` shows the incident. True when others would see a difference.
  bool here(const std::string& incident, std::string owner, std::string page, const Present& present);
  /// True when others would see a difference.
  bool gone(const std::string& incident, const std::string& owner, const std::string& page);
  /// By name, one row for each name, place and edited thing.
  std::vector<Present> list(const std::string& incident);
  /// All pages of a login session are gone; the incidents that they showed.
  std::vector<std::string> forget(std::string_view owner);

 private:
  struct Page {
    Present present;
    UtcMicros seen;
  };
  using Key = std::pair<std::string, std::string>;  // owner, page
  std::vector<Present> seen_in(const std::string& incident) const;
  void forget_silent();

  Clock clock_;
  std::mutex mutex_;
  std::map<std::string, std::map<Key, Page>> pages_;  // by incident
  std::size_t count_ = 0;
};

}  // namespace digue::service
