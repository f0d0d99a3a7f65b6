#include "service/presence.hpp"

#include <algorithm>
#include <tuple>

namespace digue::service {

bool Presence::here(const std::string& incident, std::string owner, std::string page, const Present& present) {
  const std::lock_guard lock(mutex_);
  const auto before = seen_in(incident);
  forget_silent();
  auto& pages = pages_[incident];
  const Key key(std::move(owner), std::move(page));
  const auto at = pages.find(key);
  const auto time = clock_();
  if (at != pages.end()) {
    const auto since = at->second.present.since;
    at->second = {present, time};
    at->second.present.since = since;
  } else if (count_ < max_pages) {
    ++count_;
    auto& made = pages[key];
    made = {present, time};
    made.present.since = time;
  } else if (pages.empty()) {
    pages_.erase(incident);
  }
  return seen_in(incident) != before;
}

bool Presence::gone(const std::string& incident, const std::string& owner, const std::string& page) {
  const std::lock_guard lock(mutex_);
  const auto before = seen_in(incident);
  const auto at = pages_.find(incident);
  if (at != pages_.end()) {
    count_ -= at->second.erase({owner, page});
    if (at->second.empty()) pages_.erase(at);
  }
  return seen_in(incident) != before;
}

std::vector<Present> Presence::list(const std::string& incident) {
  const std::lock_guard lock(mutex_);
  forget_silent();
  return seen_in(incident);
}

std::vector<std::string> Presence::forget(std::string_view owner) {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> incidents;
  for (auto& [incident, pages] : pages_) {
    const auto count = std::erase_if(pages, [&](const auto& one) { return one.first.first == owner; });
    count_ -= count;
    if (count > 0) incidents.push_back(incident);
  }
  std::erase_if(pages_, [](const auto& one) { return one.second.empty(); });
  return incidents;
}

// Two tabs of a person at one place are one person there, since the earlier of both.
std::vector<Present> Presence::seen_in(const std::string& incident) const {
  std::vector<Present> out;
  const auto at = pages_.find(incident);
  if (at == pages_.end()) return out;
  for (const auto& [key, page] : at->second) out.push_back(page.present);
  const auto order = [](const Present& one) { return std::tie(one.name, one.place, one.editing, one.since.value); };
  std::sort(out.begin(), out.end(), [&](const Present& a, const Present& b) { return order(a) < order(b); });
  const auto same = [](const Present& a, const Present& b) { return a.name == b.name && a.place == b.place && a.editing == b.editing; };
  out.erase(std::unique(out.begin(), out.end(), same), out.end());
  return out;
}

void Presence::forget_silent() {
  const auto time = clock_();
  for (auto& [incident, pages] : pages_)
    count_ -= std::erase_if(pages, [&](const auto& one) { return time.value - one.second.seen.value >= life; });
  std::erase_if(pages_, [](const auto& one) { return one.second.empty(); });
}

}  // namespace digue::service
