#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace digue::net {

/// What one client of the live stream has not been sent yet. The same news twice is sent once, so it stays small however slow the client.
class Subscription {
 public:
  explicit Subscription(std::string topic) : topic_(std::move(topic)) {}
  /// `wake` is called, on any thread, when there is news; null stops that.
  void on_news(std::function<void()> wake);
  /// The news as text/event-stream, empty when there is none.
  std::string take();

 private:
  friend class LiveHub;
  void put(std::string_view kind, std::string_view topic);

  const std::string topic_;
  std::mutex mutex_;
  std::vector<std::pair<std::string, std::string>> news_;
  std::function<void()> wake_;
};

/// News by topic (an incident's id) to whoever subscribed. Any thread.
class LiveHub {
 public:
  /// `topic` empty: all topics.
  std::shared_ptr<Subscription> subscribe(std::string topic);
  /// `kind` and `topic` hold no line end and no quote.
  void publish(std::string_view kind, std::string_view topic);

 private:
  std::mutex mutex_;
  std::vector<std::weak_ptr<Subscription>> subscriptions_;
};

}  // namespace digue::net
