#pragma once

#include <condition_variable>
#include <functional>
#include <thread>

#include "containment/rules.hpp"
#include "service/platforms.hpp"

/// The second river: plan, approve, seal, apply, verify, undo. Each arrow writes the main courante.
namespace digue::service {

struct NewOperation {
  std::string platform;
  containment::Order order;  ///< its account empty: as the platform's settings name `account`
  std::string account;       ///< of the incident; empty: none
  std::string task;          ///< empty: none
  std::string reason;
  std::vector<std::string> evidence;  ///< ids of findings
};

/// What was tried or read back, in words; the platform's own name of it where there are none.
Localized name_of(const containment::Probe& probe);

struct NewCollection {
  std::string platform;
  containment::Order order;
  std::string account;
  std::string task;
};

/// Operations of all incidents. Plans, trials and collections run in the caller's thread; what was approved runs in one of its own, on
/// which a crash leaves nothing unknown: a step is on disk as sent before the platform hears of it. Any thread.
class Containment {
 public:
  using Operation = containment::Operation;
  struct Options {
    std::function<UtcMicros()> clock = now;
    containment::Policy policy{};
    std::chrono::milliseconds retry{2000};  ///< after a platform did not answer; doubled up to a minute
    std::chrono::milliseconds look{2000};   ///< how often what is due is looked for
    int tries = 12;                         ///< then the operation fails, and what is not known is said
  };
  Containment(const Context& context, Platforms& platforms, Options options);
  /// Waits for the step under way.
  ~Containment();
  Containment(const Containment&) = delete;
  Containment& operator=(const Containment&) = delete;

  /// Lets what was approved and what is due be done, what a stop cut first. Before it nothing runs.
  void start();

  Result<std::vector<Operation>> list(const std::string& incident) const;
  Result<Operation> show(const std::string& incident, const std::string& id) const;
  bool needs_two(const Operation& operation) const { return containment::needs_two(operation.plan, options_.policy); }
  /// Whether a person may approve it as things stand ("free"), by break-glass only ("glass"), or not at all: because of who they are
  /// ("other"), or since nothing is carried out on its platform ("dry_run").
  std::string_view approval_by(const Caller& caller, const Operation& operation) const;
  /// What would be done, without keeping anything of it.
  Result<containment::Plan> try_plan(const std::string& incident, const NewOperation& wanted);
  Result<Operation> plan(const Caller& caller, const std::string& incident, const NewOperation& wanted);
  Result<Operation> approve(const Caller& caller, const std::string& incident, const std::string& id, bool break_glass,
                            const std::string& reason);
  /// `reason` may be empty but for one that failed before anything was sent.
  Result<Operation> cancel(const Caller& caller, const std::string& incident, const std::string& id, const std::string& reason = {});
  /// Plans what takes it back, as an operation of its own.
  Result<Operation> plan_undo(const Caller& caller, const std::string& incident, const std::string& id, const std::string& reason);
  /// Reads back and tries again, now.
  Result<Operation> verify(const Caller& caller, const std::string& incident, const std::string& id);
  /// The temporary password, for once: told in the journal, and forgotten. not_found when there is none (any more).
  Result<std::string> take_password(const Caller& caller, const std::string& incident, const std::string& id);
  /// Each piece as an exhibit with its record of acquisition.
  Result<std::vector<incident::Exhibit>> collect(const Caller& caller, const std::string& incident, const NewCollection& wanted);

 private:
  struct Wait {
    int tries = 0;
    bool locked = false;  ///< told so
    std::chrono::steady_clock::time_point until{};
  };
  Result<containment::Plan> make_plan(const std::string& incident, const NewOperation& wanted);
  Result<Operation> add(const Caller& caller, Operation operation);
  /// The same in the transaction of `writer`; completes `operation`.
  Result<void> add_to(store::CaseWriter& writer, const Caller& caller, Operation& operation);
  /// Changes it in one transaction, with a line of the journal; gives it as stored.
  using Move = std::function<Result<void>(Operation&)>;
  Result<Operation> move(const Caller& caller, const std::string& incident, const std::string& id, const std::string& about,
                         const Move& move, const std::string& detail = {});

  void serve();
  /// True when there may be more to do at once.
  bool work();
  bool run(Operation operation);
  bool run_approved(const Operation& operation);
  bool run_step(const Operation& operation);
  bool run_dues(const Operation& operation);
  void check(const Operation& operation);
  Result<std::vector<containment::Probe>> probes_of(const Operation& operation);
  Result<containment::Plan> plan_again(const Operation& operation);
  /// What is set for the platform now, not when it was planned.
  Result<void> still_allowed(const containment::Operation& operation, containment::Plan plan);
  void lift(const Operation& operation);
  Result<containment::Plan> full_plan(const Operation& operation);
  /// The platform did not answer: again later, or at last never. False: given up.
  bool later(const Operation& operation, const Error& error);

  const Context& context_;
  Platforms& platforms_;
  Options options_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  bool woken_ = false;
  std::map<std::string, Wait> waits_;  ///< by operation; of the thread only
  std::thread thread_;
};

}  // namespace digue::service
