#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

#include "service/analyser.hpp"
#include "service/context.hpp"

namespace digue::service {

/// How far a job is; known while it runs.
struct Progress {
  std::uint64_t bytes_done = 0;
  std::uint64_t bytes_total = 0;
};

struct JobView {
  incident::Job job;
  std::optional<std::int64_t> rate;  ///< bytes per second, while it runs
};

/// Analyses of exhibits: one at a time, in the order asked, each in the analyser given. Any thread.
class Analyses {
 public:
  Analyses(const Context& context, Analyser& analyser);
  /// Stops the one under way (it is told as failed) and waits for its end.
  ~Analyses();
  Analyses(const Analyses&) = delete;
  Analyses& operator=(const Analyses&) = delete;

  /// Jobs that a stop of the workbench cut are told as failed, in the journal too. Before the first start().
  Result<void> recover();

  /// conflict when the incident has one that has not ended, bad_input without an exhibit.
  Result<JobView> start(const Caller& caller, const std::string& incident);
  Result<std::vector<JobView>> list(const std::string& incident);
  /// conflict when it has ended.
  Result<JobView> cancel(const Caller& caller, const std::string& incident, const std::string& id);
  Analyser& analyser() const { return analyser_; }

 private:
  struct Running;
  void serve();
  void run(const std::string& incident, const std::string& id, Running& running);
  Result<void> analyse(const incident::Job& job, Running& running);
  void end(const incident::Job& job, std::string state, const std::string& error);
  JobView view(incident::Job job);

  const Context& context_;
  Analyser& analyser_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::pair<std::string, std::string>> queue_;  ///< incident, job
  std::unique_ptr<Running> running_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace digue::service
