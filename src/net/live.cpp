#include "net/live.hpp"

#include <algorithm>

namespace digue::net {

void Subscription::on_news(std::function<void()> wake) {
  const std::lock_guard lock(mutex_);
  wake_ = std::move(wake);
  if (wake_ && !news_.empty()) wake_();
}

std::string Subscription::take() {
  const std::lock_guard lock(mutex_);
  std::string out;
  for (const auto& [kind, topic] : news_) out += "event: " + kind + "\ndata: {\"incident\":\"" + topic + "\"}\n\n";
  news_.clear();
  return out;
}

void Subscription::put(std::string_view kind, std::string_view topic) {
  const std::lock_guard lock(mutex_);
  if (!topic_.empty() && topic_ != topic) return;
  const std::pair<std::string, std::string> one(kind, topic);
  if (std::find(news_.begin(), news_.end(), one) != news_.end()) return;
  news_.push_back(one);
  if (wake_) wake_();
}

std::shared_ptr<Subscription> LiveHub::subscribe(std::string topic) {
  auto subscription = std::make_shared<Subscription>(std::move(topic));
  const std::lock_guard lock(mutex_);
  std::erase_if(subscriptions_, [](const auto& one) { return one.expired(); });
  subscriptions_.push_back(subscription);
  return subscription;
}

void LiveHub::publish(std::string_view kind, std::string_view topic) {
  std::vector<std::shared_ptr<Subscription>> all;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& one : subscriptions_)
      if (auto subscription = one.lock()) all.push_back(std::move(subscription));
  }
  for (const auto& subscription : all) subscription->put(kind, topic);
}

}  // namespace digue::net
