#include "base/producer.hpp"

#include <exception>

namespace digue {

namespace {

constexpr std::size_t most_waiting = std::size_t{4} << 20;

}  // namespace

Producer::Producer(Work work) : work_(std::move(work)) {}

Producer::~Producer() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

Result<void> Producer::put(std::string_view part) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return stopped_ || waiting_.size() < most_waiting; });
  if (stopped_) return fail(ErrorCode::cancelled, "");
  waiting_ += part;
  changed_.notify_all();
  return {};
}

Result<bool> Producer::next(std::string& part) {
  std::unique_lock lock(mutex_);
  if (!thread_.joinable())
    thread_ = std::thread([this] {
      const LanguageScope scope(language_);
      Result<void> done;
      try {
        done = work_([this](std::string_view bytes) { return put(bytes); });
      } catch (const std::exception& problem) {
        done = fail(ErrorCode::internal, problem.what());
      }
      const std::lock_guard ending(mutex_);
      ended_ = std::move(done);
      changed_.notify_all();
    });
  changed_.wait(lock, [&] { return ended_ || !waiting_.empty(); });
  part += waiting_;
  const bool had = !waiting_.empty();
  waiting_.clear();
  changed_.notify_all();
  if (had) return true;
  if (!*ended_) return tl::make_unexpected(ended_->error());
  return false;
}

}  // namespace digue
