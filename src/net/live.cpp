#include "net/live.hpp"

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

#include "base/crypto/random.hpp"

namespace digue::net {

void Subscription::on_news(std::function<void()> wake) {
  {
    const std::lock_guard lock(mutex_);
    wake_ = std::move(wake);
    woken_ = false;
    if (!wake_) return;
  }
  // What came before there was somebody to wake; the greeting at least.
  this->wake();
}

void Subscription::wake() {
  const std::lock_guard lock(mutex_);
  if (!wake_ || std::exchange(woken_, true)) return;
  wake_();
}

bool Subscription::closed() const {
  const std::lock_guard lock(mutex_);
  return closed_;
}

std::string Subscription::take() {
  {
    const std::lock_guard lock(mutex_);
    woken_ = false;
    if (closed_) return {};
  }
  std::vector<News> news;
  std::string out;
  const auto put = [&](std::uint64_t number, std::string_view kind, std::string_view topic) {
    out.append("id: ").append(hub_.name_).append("-").append(std::to_string(number)).append("\nevent: ").append(kind);
    out.append(topic.empty() ? "\ndata: {}\n\n" : "\ndata: {\"incident\":\"" + std::string(topic) + "\"}\n\n");
  };
  {
    const std::lock_guard lock(hub_.mutex_);
    const bool behind = !hub_.news_.empty() && last_ + 1 < hub_.news_.front().number;
    if (reset_ || behind) last_ = hub_.last_;
    if (reset_ || behind || !greeted_) put(last_, reset_ || behind ? "reset" : "hello", {});
    greeted_ = true;
    reset_ = false;
    // Numbers follow each other without a gap.
    const auto fresh = static_cast<std::ptrdiff_t>(hub_.last_ - last_);
    news.assign(hub_.news_.end() - fresh, hub_.news_.end());
    last_ = hub_.last_;
  }
  std::set<std::pair<std::string_view, std::string_view>> told;
  std::vector<const News*> last_of;
  for (auto one = news.rbegin(); one != news.rend(); ++one)
    if (told.insert({one->kind, one->topic}).second) last_of.push_back(&*one);
  for (auto one = last_of.rbegin(); one != last_of.rend(); ++one)
    if (!filter_ || filter_(**one)) put((*one)->number, (*one)->kind, (*one)->topic);
  return out;
}

LiveHub::LiveHub() : name_(random_hex(6)) {}

std::shared_ptr<Subscription> LiveHub::subscribe(Subscription::Filter filter, std::string_view after, std::string owner) {
  std::shared_ptr<Subscription> one(new Subscription(*this, std::move(filter), std::move(owner)));
  const std::lock_guard lock(mutex_);
  one->last_ = last_;
  if (!after.empty()) {
    std::uint64_t number = 0;
    const auto dash = after.find('-');
    const auto text = dash == std::string_view::npos ? std::string_view() : after.substr(dash + 1);
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool ours = after.substr(0, dash) == name_ && !text.empty() && read.ec == std::errc() && read.ptr == text.data() + text.size();
    one->reset_ = !ours || number > last_;
    if (!one->reset_) one->last_ = number;
  }
  std::erase_if(subscriptions_, [](const auto& other) { return other.expired(); });
  subscriptions_.push_back(one);
  return one;
}

std::vector<std::shared_ptr<Subscription>> LiveHub::all() {
  std::vector<std::shared_ptr<Subscription>> out;
  for (const auto& one : subscriptions_)
    if (auto subscription = one.lock()) out.push_back(std::move(subscription));
  return out;
}

void LiveHub::publish(std::string_view kind, std::string_view topic) {
  std::vector<std::shared_ptr<Subscription>> listeners;
  {
    const std::lock_guard lock(mutex_);
    news_.push_back({++last_, std::string(kind), std::string(topic)});
    if (news_.size() > kept) news_.pop_front();
    listeners = all();
  }
  for (const auto& one : listeners) one->wake();
}

void LiveHub::close_of(std::string_view owner) {
  std::vector<std::shared_ptr<Subscription>> listeners;
  {
    const std::lock_guard lock(mutex_);
    listeners = all();
  }
  for (const auto& one : listeners) {
    if (one->owner_ != owner) continue;
    {
      const std::lock_guard lock(one->mutex_);
      one->closed_ = true;
      one->woken_ = false;
    }
    one->wake();
  }
}

}  // namespace digue::net
