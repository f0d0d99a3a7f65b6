#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace digue::net {

class LiveHub;

/// Something of a kind changed under a topic (an incident's id).
struct News {
  std::uint64_t number = 0;  ///< 1, 2, 3 ... since the hub began
  std::string kind;
  std::string topic;
};

/// What one client of the live stream has not been sent yet: a place in the hub's news, so a slow client costs nothing. Any thread.
class Subscription {
 public:
  /// Whether a piece of news is for this client; asked for each one when it is about to be sent. Quick, and waits for nothing.
  using Filter = std::function<bool(const News&)>;

  /// `wake` is called, on any thread, when there is something to take; null stops that.
  void on_news(std::function<void()> wake);
  /// The news as text/event-stream, empty when there is none. The same kind and topic several times is told once, with the last number.
  std::string take();
  /// True once its owner may no longer listen: the stream ends.
  bool closed() const;

 private:
  friend class LiveHub;
  Subscription(LiveHub& hub, Filter filter, std::string owner) : hub_(hub), filter_(std::move(filter)), owner_(std::move(owner)) {}
  void wake();

  LiveHub& hub_;
  const Filter filter_;
  const std::string owner_;
  mutable std::mutex mutex_;  // never held together with the hub's by this class
  std::function<void()> wake_;
  bool woken_ = false;
  bool closed_ = false;
  // Guarded by the hub's mutex.
  std::uint64_t last_ = 0;
  bool greeted_ = false;
  bool reset_ = false;
};

/// News to whoever subscribed, each with a number, so that a client that was cut off goes on where it was. Outlives its subscriptions.
class LiveHub {
 public:
  /// News kept for those who come back.
  static constexpr std::size_t kept = 4096;

  LiveHub();
  /// `after` is the id of the last event that the client had ("<hub>-<number>"), empty for a new one. The first event is `hello`, or
  /// `reset` when what came since is no longer known: then the client reads everything again.
  std::shared_ptr<Subscription> subscribe(Subscription::Filter filter, std::string_view after, std::string owner);
  /// `kind` and `topic` hold no line end and no quote.
  void publish(std::string_view kind, std::string_view topic);
  /// Ends the streams of an owner, such as a login session that was revoked.
  void close_of(std::string_view owner);

 private:
  friend class Subscription;
  std::vector<std::shared_ptr<Subscription>> all();

  const std::string name_;  // of this run: numbers of another one mean nothing here
  std::mutex mutex_;
  std::deque<News> news_;
  std::uint64_t last_ = 0;
  std::vector<std::weak_ptr<Subscription>> subscriptions_;
};

}  // namespace digue::net
