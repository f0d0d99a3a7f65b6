#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "service/context.hpp"

namespace digue::service {

struct JobView {
  incident::Job job;
  std::optional<std::int64_t> rate;  ///< bytes per second, while it runs
};

/// What a job that runs tells of itself, and is told.
struct Running {
  std::string job;
  std::atomic<bool> cancelled{false};
  std::atomic<std::uint64_t> bytes_done{0};
  std::atomic<std::uint64_t> bytes_total{0};
  std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();
};

/// Long works on an incident: one at a time, in the order asked. Any thread.
class Jobs {
 public:
  /// Looks at the incident in the transaction that adds the job; sets its bytes_total.
  using Prepare = std::function<Result<void>(store::CaseWriter&, incident::Job&)>;
  /// The work. It says itself that it started and ended well (job_started(), job_done()); what it answers else is told for it.
  using Work = std::function<Result<void>(const incident::Job&, Running&)>;

  explicit Jobs(const Context& context);
  /// Stops the one under way (it is told as failed) and waits for its end.
  ~Jobs();
  Jobs(const Jobs&) = delete;
  Jobs& operator=(const Jobs&) = delete;

  /// Jobs that a stop of the workbench cut are told as failed, in the journal too. Before the first start().
  Result<void> recover();
  /// conflict when the incident has one of this kind that has not ended. `kind`: analysis, verification, package.
  Result<JobView> start(const Caller& caller, const std::string& incident, const std::string& kind, const Prepare& prepare, Work work);
  Result<std::vector<JobView>> list(const std::string& incident);
  /// conflict when it has ended.
  Result<JobView> cancel(const Caller& caller, const std::string& incident, const std::string& id);

 private:
  struct Queued {
    std::string incident, id;
    Work work;
  };
  void serve();
  void run(const Queued& queued, Running& running);
  struct Ended {
    incident::Job job;
    std::string state, error;
  };
  void end(const incident::Job& job, const std::string& state, const std::string& error);
  /// Writes the ends for which there was no place before.
  void write_ends();
  JobView view(incident::Job job);

  const Context& context_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Queued> queue_;
  std::unique_ptr<Running> running_;
  std::vector<Ended> unwritten_;  ///< ended, but the disk had no place for it
  bool stopping_ = false;
  std::thread thread_;
};

/// The job as it stands when its work begins, in the transaction of `writer`.
Result<void> job_started(store::CaseWriter& writer, const incident::Job& job, UtcMicros at);
/// And when it has ended well.
Result<void> job_done(store::CaseWriter& writer, const incident::Job& job, UtcMicros started, UtcMicros ended);

}  // namespace digue::service
