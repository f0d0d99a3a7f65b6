#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "base/messages.hpp"
#include "base/result.hpp"

namespace digue {

/// What one thread makes, part by part, for another that takes it; a few megabytes wait between them at most.
class Producer {
 public:
  using Put = std::function<Result<void>(std::string_view part)>;
  using Work = std::function<Result<void>(const Put& put)>;
  /// `work` runs in a thread of its own from the first next() on, in the language of whoever asked.
  explicit Producer(Work work);
  /// Ends the work: its next put() answers `cancelled`.
  ~Producer();
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;

  /// Appends the next bytes to `part`; false at the end. The error of the work, once what it made before was taken.
  Result<bool> next(std::string& part);

 private:
  Result<void> put(std::string_view part);

  const Work work_;
  const Language language_ = current_language();
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string waiting_;
  bool stopped_ = false;
  std::optional<Result<void>> ended_;
  std::thread thread_;
};

}  // namespace digue
