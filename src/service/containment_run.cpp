#include <algorithm>

#include "base/text.hpp"
#include "service/containment_notes.hpp"
#include "service/duty_facts.hpp"
#include "service/exhibits.hpp"

namespace digue::service {

namespace {

using containment::Due;
using containment::Operation;
using containment::Plan;
using containment::State;
using containment::StepState;
using Steady = std::chrono::steady_clock;

constexpr std::chrono::milliseconds longest_wait{60'000};
constexpr std::int64_t next_check = 15 * micros_per_minute;
constexpr std::int64_t longest_lift = micros_per_day;      // between two tries of a lift that fails
constexpr std::int64_t checks_end = 48 * micros_per_hour;  // a platform that does not answer is not asked for ever

/// Whether a plan that was made again is the one that was approved: the same changes from the same state. What they lead to, and what later
/// steps on the same object start from, may hold other temporary secrets.
bool same_changes(const Plan& approved, const Plan& fresh) {
  std::set<std::string_view> seen;
  return std::equal(approved.steps.begin(), approved.steps.end(), fresh.steps.begin(), fresh.steps.end(),
                    [&](const auto& a, const auto& b) {
                      const bool first = seen.insert(a.object).second;
                      return a.verb == b.verb && a.object == b.object && a.act == b.act && (!first || a.before == b.before);
                    });
}

Caller approver(const Operation& operation) {
  auto out = workbench();
  if (operation.approval) {
    out.name = operation.approval->by;
    out.person = operation.approval->person;
  }
  return out;
}

bool is_due(const Operation& operation, Due::What what, UtcMicros at) {
  return std::any_of(operation.dues.begin(), operation.dues.end(), [&](const auto& due) { return due.what == what && due.at <= at; });
}

void drop_due(Operation& operation, Due::What what, UtcMicros at) {
  std::erase_if(operation.dues, [&](const auto& due) { return due.what == what && due.at <= at; });
}

std::string proof_of(const Context& context, const Operation& operation) {
  return say(context, "operation.task_proof", {{"what", title_of(context, operation)}, {"id", operation.id}});
}

/// What a task shows once an operation for it is proven; a person says when it is done.
Result<void> show_on_task(store::CaseWriter& writer, const Context& context, const Operation& operation) {
  if (operation.task.empty()) return {};
  const auto tasks = writer.tasks(operation.incident);
  if (!tasks) return tl::make_unexpected(tasks.error());
  for (auto task : *tasks) {
    if (task.id != operation.task || incident::is_closed(task.state)) continue;
    task.state = incident::TaskState::in_progress;
    if (trim(task.proof).empty()) task.proof = proof_of(context, operation);
    task.changed = now();
    task.by = operation.approval ? operation.approval->by : operation.author;
    return writer.set_task(operation.incident, task);
  }
  return {};
}

/// A task does not go on showing as its proof what was taken back.
Result<void> take_from_task(store::CaseWriter& writer, const Context& context, const Operation& operation) {
  if (operation.task.empty()) return {};
  const auto tasks = writer.tasks(operation.incident);
  if (!tasks) return tl::make_unexpected(tasks.error());
  for (auto task : *tasks) {
    if (task.id != operation.task || task.proof != proof_of(context, operation)) continue;
    task.proof = say(context, "operation.task_undone", {{"what", title_of(context, operation)}, {"id", operation.undone_by}});
    task.changed = now();
    task.by = workbench().name;
    return writer.set_task(operation.incident, task);
  }
  return {};
}

/// What an undo took back, once it is proven: its operation, and those that rested on it, whatever their incident.
Result<void> close_undone(store::CaseWriter& writer, const Context& context, const Operation& undo, std::vector<Operation>& closed) {
  auto original = writer.operation(undo.incident, undo.undoes);
  if (!original) return tl::make_unexpected(original.error());
  auto others = writer.operations_on(undo.platform);
  if (!others) return tl::make_unexpected(others.error());
  closed.push_back(*original);
  std::copy_if(others->begin(), others->end(), std::back_inserter(closed),
               [&](const auto& one) { return containment::rests_on(one, *original); });
  for (auto other : *others) {
    if (std::none_of(closed.begin(), closed.end(), [&](const auto& one) { return one.id == other.superseded_by; })) continue;
    other.superseded_by = undo.id;
    if (auto done = writer.set_operation(other); !done) return done;
  }
  for (auto& one : closed) {
    if (auto done = containment::take_back(one, undo.id); !done) return done;
    if (auto done = writer.set_operation(one); !done) return done;
    if (auto done = take_from_task(writer, context, one); !done) return done;
    const auto line = write_note(writer, context, workbench(), one.incident, note_of(context, one, "operation.undone"));
    if (!line) return tl::make_unexpected(line.error());
  }
  return {};
}

}  // namespace

Containment::Containment(const Context& context, Platforms& platforms, Options options)
    : context_(context), platforms_(platforms), options_(std::move(options)) {}

Containment::~Containment() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Containment::start() {
  thread_ = std::thread([this] { serve(); });
}

void Containment::serve() {
  const LanguageScope language(context_.settings.language);
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    woken_ = false;
    lock.unlock();
    const bool more = work();
    lock.lock();
    if (!more) wake_.wait_for(lock, options_.look, [&] { return stopping_ || woken_; });
  }
}

bool Containment::work() {
  auto waiting = store::reading(context_.cases, [&](store::CaseReader& reader) { return reader.operations_to_do(options_.clock()); });
  if (!waiting) return false;
  // What somebody waits for comes before what is looked at again.
  const auto checks = std::stable_partition(
      waiting->begin(), waiting->end(), [](const auto& one) { return !containment::is_closed(one.state) && one.state != State::applied; });
  const auto first_check = checks == waiting->end() ? std::string() : checks->id;
  bool more = false, checking = false;
  for (const auto& operation : *waiting) {
    checking |= operation.id == first_check;
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return false;
      if (checking && woken_) return true;
    }
    if (const auto at = waits_.find(operation.id); at != waits_.end() && at->second.until > Steady::now()) continue;
    more |= run(operation);
  }
  return more;
}

bool Containment::run(Operation operation) {
  switch (operation.state) {
    case State::approved:
      return run_approved(operation);
    case State::sealed:
    case State::applying:
      return run_step(operation);
    default:
      return run_dues(operation);
  }
}

Result<Plan> Containment::full_plan(const Operation& operation) {
  auto secrets = secrets_of(context_, platforms_, operation);
  if (!secrets) return tl::make_unexpected(secrets.error());
  auto plan = operation.plan;
  plan.secrets = std::move(*secrets);
  for (std::size_t i = 0; i < plan.steps.size(); ++i)
    if (plan.steps[i].act == containment::Act::pulse && operation.runs[i].state == StepState::done)
      plan.secrets["answer." + plan.steps[i].verb] = operation.runs[i].answer;
  return plan;
}

bool Containment::later(const Operation& operation, const Error& error) {
  auto& wait = waits_[operation.id];
  // Whoever unlocks comes when they can: that is no try of the platform, and gives nothing up.
  const bool locked = is_locked(error);
  if (!locked && ++wait.tries >= options_.tries) return false;
  const auto delay = std::min<std::chrono::milliseconds>(options_.retry * (1LL << std::clamp(wait.tries - 1, 0, 10)), longest_wait);
  wait.until = Steady::now() + (locked ? options_.look : delay);
  if (locked ? !std::exchange(wait.locked, true) : wait.tries == 1) {
    const auto told = context_.cases.write([&](store::CaseWriter& writer) -> Result<void> {
      const auto line = write_note(writer, context_, workbench(), operation.incident,
                                   note_of(context_, operation, locked ? "operation.locked" : "operation.waits", to_text(error)));
      return line ? Result<void>() : tl::make_unexpected(line.error());
    });
    if (told) tell(context_, operation);
  }
  return true;
}

// The state is compared with the plan's, its prior state becomes an exhibit, and only then may a step be sent.
bool Containment::run_approved(const Operation& operation) {
  const auto caller = approver(operation);
  const auto give_up = [&](const std::string& why) {
    waits_.erase(operation.id);
    return move(caller, operation.incident, operation.id, "operation.failed",
                [&](Operation& one) { return containment::fail_at(one, std::nullopt, why, options_.clock()); })
        .has_value();
  };
  auto fresh = plan_again(operation);
  if (!fresh) {
    if (fresh.error().code == ErrorCode::io && later(operation, fresh.error())) return false;
    return give_up(tr("operation.not_started", {{"why", to_text(fresh.error())}}));
  }
  if (auto good = still_allowed(operation, *fresh); !good) {
    if (is_locked(good.error()) && later(operation, good.error())) return false;
    return give_up(tr("operation.not_started", {{"why", to_text(good.error())}}));
  }
  // Mail comes and goes in a queue; what was approved is what each message of the plan was, and applying leaves out those that left.
  const auto* capability = containment::capability_named(operation.plan.order.capability);
  const bool moves =
      capability != nullptr && capability->aim == containment::Aim::queue && operation.undoes.empty() && !fresh->steps.empty();
  // Nobody approved taking along what came to rest on it since; a lift at its date waits for none of that.
  const bool takes_more = fresh->two_persons && !operation.plan.two_persons && operation.author != workbench().name;
  if (takes_more || (!moves && !same_changes(operation.plan, *fresh))) return give_up(tr("operation.stale"));
  waits_.erase(operation.id);
  if (fresh->prior.empty())
    return move(caller, operation.incident, operation.id, "operation.sealed", [](Operation& one) { return containment::seal(one, {}); })
        .has_value();
  const auto sealed = seal_bytes(context_, fresh->prior);
  if (!sealed) {
    if (later(operation, sealed.error())) return false;
    return give_up(tr("operation.not_started", {{"why", to_text(sealed.error())}}));
  }
  const auto done = record_sealed(context_, *sealed, [&](store::CaseWriter& writer) -> Result<void> {
    auto one = writer.operation(operation.incident, operation.id);
    if (!one) return tl::make_unexpected(one.error());
    if (one->state != State::approved) return fail(ErrorCode::conflict, {});  // given up meanwhile
    const auto record = writer.incident(operation.incident);
    if (!record) return tl::make_unexpected(record.error());
    const auto name = say(context_, "operation.prior_name", {{"capability", operation.plan.order.capability}, {"id", operation.id}});
    Arrival arrival;
    // Whole mails of staff are opened with a reason, wherever they lie.
    if (capability != nullptr && (capability->aim == containment::Aim::queue || capability->aim == containment::Aim::messages))
      arrival.content = "mail";
    arrival.acquisition.source = operation.platform;
    arrival.acquisition.authority = say(context_, "acquisition.response", {{"reference", record->reference}});
    arrival.acquisition.tool = "Digue";
    arrival.acquisition.tool_version = DIGUE_VERSION;
    arrival.acquisition.query = operation.plan.order.capability;
    auto note = note_of(context_, *one, "operation.sealed");
    note.text += ' ' + say(context_, "note.operation.exhibit", {{"name", name}, {"sha256", sealed->sha256}});
    const auto exhibit = take_in(writer, context_, caller, operation.incident, *sealed, fresh->prior,
                                 {name, "connector", std::move(arrival), std::move(note)});
    if (!exhibit) return tl::make_unexpected(exhibit.error());
    if (auto moved = containment::seal(*one, exhibit->id); !moved) return moved;
    return writer.set_operation(*one);
  });
  if (!done && later(operation, done.error())) return false;
  if (!done) return give_up(tr("operation.not_started", {{"why", to_text(done.error())}}));
  waits_.erase(operation.id);
  context_.notify("exhibit", operation.incident);
  tell(context_, operation);
  return true;
}

bool Containment::run_step(const Operation& operation) {
  const auto caller = approver(operation);
  const auto step = containment::next_step(operation);
  if (!step)
    return move(caller, operation.incident, operation.id, "operation.applied",
                [&](Operation& one) { return containment::accept_nothing(one, options_.clock()); })
        .has_value();
  const auto& change = operation.plan.steps[*step];
  const auto give_up = [&](const std::string& why) {
    waits_.erase(operation.id);
    return move(caller, operation.incident, operation.id, "operation.failed",
                [&](Operation& one) { return containment::fail_at(one, *step, why, options_.clock()); })
        .has_value();
  };
  const auto plan = full_plan(operation);
  if (!plan) {
    // Keys are missing: nothing can be asked of the platform.
    if (later(operation, plan.error())) return false;
    return operation.runs[*step].state == StepState::sent
               ? give_up(tr("operation.unknown", {{"object", change.object}, {"why", to_text(plan.error())}}))
               : move(caller, operation.incident, operation.id, "operation.failed", [&](Operation& one) {
                   return containment::fail_at(one, std::nullopt, to_text(plan.error()), options_.clock());
                 }).has_value();
  }
  if (operation.runs[*step].state == StepState::sent) {
    // Sent and not answered: whether it was done is seen on the platform, not guessed.
    auto stand = containment::Stand::before;
    if (change.act == containment::Act::change) {
      const auto seen = platforms_.with(
          operation.platform, [&](containment::Connector& connector, const CommonSettings&) { return connector.stand(*plan, change); });
      if (!seen) {
        if (seen.error().code == ErrorCode::io && later(operation, seen.error())) return false;
        return give_up(tr("operation.unknown", {{"object", change.object}, {"why", to_text(seen.error())}}));
      }
      stand = *seen;
    }
    return move(caller, operation.incident, operation.id, "operation.recovered",
                [&](Operation& one) { return containment::recover(one, *step, stand, options_.clock()); })
        .has_value();
  }
  // Settings may have changed while it waited: what was not sent yet is not sent then.
  if (auto good = still_allowed(operation, operation.plan); !good) {
    if ((is_locked(good.error()) || good.error().code == ErrorCode::io) && later(operation, good.error())) return false;
    waits_.erase(operation.id);
    return move(caller, operation.incident, operation.id, "operation.failed",
                [&](Operation& one) { return containment::fail_at(one, std::nullopt, to_text(good.error()), options_.clock()); })
        .has_value();
  }
  const auto sent = store::writing(context_.cases, [&](store::CaseWriter& writer) -> Result<Operation> {
    auto one = writer.operation(operation.incident, operation.id);
    if (!one) return one;
    if (auto done = containment::send(*one, *step, options_.clock()); !done) return tl::make_unexpected(done.error());
    if (auto done = writer.set_operation(*one); !done) return tl::make_unexpected(done.error());
    return one;
  });
  if (!sent) return (void)later(operation, sent.error()), false;
  const auto answer = platforms_.with(
      operation.platform, [&](containment::Connector& connector, const CommonSettings&) { return connector.apply(*plan, change); });
  if (!answer) {
    if (answer.error().code == ErrorCode::io && later(operation, answer.error())) return false;
    return give_up(tr(answer.error().code == ErrorCode::io ? "operation.unknown" : "operation.step_refused",
                      {{"object", change.object}, {"why", to_text(answer.error())}}));
  }
  waits_.erase(operation.id);
  return move(
             caller, operation.incident, operation.id, "operation.step",
             [&](Operation& one) { return containment::accept(one, *step, std::string(clip(*answer, 4000)), options_.clock()); },
             say(context_, change.says))
      .has_value();
}

bool Containment::run_dues(const Operation& operation) {
  const auto at = options_.clock();
  const bool stands = operation.state == State::applied || operation.state == State::verified || operation.state == State::failed;
  if (stands && is_due(operation, Due::What::lift, at)) {
    lift(operation);
    return false;
  }
  check(operation);
  return false;
}

Result<std::vector<containment::Probe>> Containment::probes_of(const Operation& operation) {
  if (!operation.plan.steps.empty()) {
    auto plan = full_plan(operation);
    if (!plan) return tl::make_unexpected(plan.error());
    if (auto lent = lend_password(context_, platforms_, operation, *plan); !lent) return tl::make_unexpected(lent.error());
    auto probes = platforms_.with(operation.platform,
                                  [&](containment::Connector& connector, const CommonSettings&) { return connector.verify(*plan); });
    // A door that was open for a lent password stays so where it cannot be tried again.
    if (probes && plan->order.capability == "session.revoke" && !plan->secrets.contains("refused"))
      std::copy_if(operation.probes.begin(), operation.probes.end(), std::back_inserter(*probes),
                   [](const auto& one) { return !one.good && !one.source.empty(); });
    return probes;
  }
  // There was nothing to do: there still is nothing, seen by planning it again.
  const auto fresh = plan_again(operation);
  if (!fresh) return tl::make_unexpected(fresh.error());
  const bool good = fresh->steps.empty();
  return std::vector<containment::Probe>{
      {"state", "as it is", good ? "as it is" : fresh->steps.front().before, good, options_.clock(), {}, {}}};
}

Result<Plan> Containment::plan_again(const Operation& operation) {
  if (operation.undoes.empty())
    return platforms_.with(operation.platform,
                           [&](containment::Connector& connector, const CommonSettings&) { return connector.plan(operation.plan.order); });
  auto undo = undo_of(context_, platforms_, options_.policy, operation.incident, operation.undoes, operation.id);
  if (!undo) return tl::make_unexpected(undo.error());
  return std::move(undo->plan);
}

void Containment::check(const Operation& operation) {
  const auto at = options_.clock();
  bool open = operation.state == State::applied || operation.state == State::verified;
  std::string later_one;
  if (open) {
    const auto others = store::reading(context_.cases, [&](store::CaseReader& reader) { return reader.operations_on(operation.platform); });
    if (!others) return;  // it stays due
    if (const auto* other = containment::superseding(operation, *others)) {
      open = false;
      later_one = other->id;
    }
  }
  Result<std::vector<containment::Probe>> probes = std::vector<containment::Probe>();
  std::string unchecked;
  if (open) {
    probes = probes_of(operation);
    if (!probes && probes.error().code == ErrorCode::io && later(operation, probes.error())) return;
    if (!probes) unchecked = to_text(probes.error());
  }
  waits_.erase(operation.id);
  std::vector<Operation> taken_back;
  const auto done = context_.cases.write([&](store::CaseWriter& writer) -> Result<void> {
    taken_back.clear();
    auto one = writer.operation(operation.incident, operation.id);
    if (!one) return tl::make_unexpected(one.error());
    const auto before = one->state;
    if (!open || (before != State::applied && before != State::verified)) {
      std::erase_if(one->dues, [](const auto& due) { return due.what == Due::What::recheck; });
      const bool told = later_one.empty() || one->superseded_by == later_one;
      if (!told) one->superseded_by = later_one;
      if (auto set = writer.set_operation(*one); !set || told) return set;
      const auto line =
          write_note(writer, context_, workbench(), operation.incident, note_of(context_, *one, "operation.superseded", later_one));
      return line ? Result<void>() : tl::make_unexpected(line.error());
    }
    drop_due(*one, Due::What::recheck, at);
    const bool held =
        !one->probes.empty() && std::all_of(one->probes.begin(), one->probes.end(), [](const auto& probe) { return probe.good; });
    std::string about = "operation.unchecked";
    if (probes) {
      if (auto proven = containment::prove(*one, *probes, options_.clock()); !proven) return proven;
      const bool good = std::all_of(one->probes.begin(), one->probes.end(), [](const auto& probe) { return probe.good; });
      about = one->state == State::verified && !good && held ? "operation.doubtful"
              : one->state == State::verified                ? (before == State::verified ? "operation.still_holds" : "operation.verified")
              : one->state == State::failed                  ? "operation.failed"
                                                             : "operation.unproven";
      if (one->state == State::verified && before != State::verified) {
        if (auto shown = show_on_task(writer, context_, *one); !shown) return shown;
        if (!one->undoes.empty())
          if (auto closed = close_undone(writer, context_, *one, taken_back); !closed) return closed;
      }
    } else if (at.value - one->accepted.value_or(at).value < checks_end) {
      one->dues.push_back({Due::What::recheck, UtcMicros{at.value + next_check}});
    }
    if (auto set = writer.set_operation(*one); !set) return set;
    const auto line = write_note(writer, context_, workbench(), operation.incident, note_of(context_, *one, about, unchecked));
    return line ? Result<void>() : tl::make_unexpected(line.error());
  });
  if (!done) return;
  taken_back.push_back(operation);
  for (const auto& one : taken_back) {
    tell(context_, one);
    if (!one.task.empty()) context_.notify("task", one.incident);
  }
}

// What was approved until a date is taken back then: that, too, was approved. It stays due until it is proven to be gone.
void Containment::lift(const Operation& operation) {
  const auto at = options_.clock();
  const auto by = workbench();
  const auto others = store::reading(context_.cases, [&](store::CaseReader& reader) { return reader.operations_on(operation.platform); });
  if (!others) return;
  // Another one, of this incident or not, found the block in place and counts on it for longer.
  std::optional<Operation> holds_on;
  for (const auto& other : *others)
    if (containment::rests_on(other, operation) && other.plan.order.until && *other.plan.order.until > at &&
        (!holds_on || *other.plan.order.until > *holds_on->plan.order.until))
      holds_on = other;
  if (holds_on) {
    const auto told = context_.cases.write([&](store::CaseWriter& writer) -> Result<void> {
      auto one = writer.operation(operation.incident, operation.id);
      if (!one) return tl::make_unexpected(one.error());
      drop_due(*one, Due::What::lift, at);
      one->dues.push_back({Due::What::lift, *holds_on->plan.order.until});
      if (auto set = writer.set_operation(*one); !set) return set;
      const auto until = local_text(*holds_on->plan.order.until, context_.settings.zone);
      const auto line = write_note(writer, context_, by, operation.incident,
                                   note_of(context_, *one, "operation.lift_waits", until + ", " + holds_on->id));
      return line ? Result<void>() : tl::make_unexpected(line.error());
    });
    if (told) tell(context_, operation);
    return;
  }
  bool under_way = false;
  std::int64_t delay = next_check;
  for (const auto& other : *others) {
    if (other.undoes == operation.id && other.state == State::failed) delay = std::min(delay * 2, longest_lift);
    if (other.undoes != operation.id || containment::is_closed(other.state)) continue;
    if (other.state == State::planned)
      (void)cancel(by, other.incident, other.id);  // one that nobody approved does not keep the block for ever
    else
      under_way = true;
  }
  Result<Operation> undo = fail(ErrorCode::conflict, {});
  if (!under_way) {
    const auto allowed = platforms_.with(operation.platform, [&](containment::Connector&, const CommonSettings& common) -> Result<void> {
      return common.dry_run ? fail(ErrorCode::forbidden, tr("platform.dry_run"), operation.platform) : Result<void>();
    });
    undo = !allowed ? Result<Operation>(tl::make_unexpected(allowed.error()))
                    : undo_of(context_, platforms_, options_.policy, operation.incident, operation.id);
    if (!undo && undo.error().code == ErrorCode::io && later(operation, undo.error())) return;
    waits_.erase(operation.id);
  }
  if (undo) {
    undo->reason = say(context_, "operation.lift_reason", {{"until", local_text(*operation.plan.order.until, context_.settings.zone)}});
    undo->approval = containment::Approval{by.name, {}, at, false, undo->reason};
    undo->state = State::approved;
  }
  const auto told = context_.cases.write([&](store::CaseWriter& writer) -> Result<void> {
    auto one = writer.operation(operation.incident, operation.id);
    if (!one) return tl::make_unexpected(one.error());
    drop_due(*one, Due::What::lift, at);
    one->dues.push_back({Due::What::lift, UtcMicros{at.value + delay}});
    const bool again = !undo && (under_way || one->error == to_text(undo.error()));
    if (!undo && !under_way) one->error = to_text(undo.error());
    if (undo)
      if (auto added = add_to(writer, by, *undo); !added) return added;
    if (auto set = writer.set_operation(*one); !set) return set;
    if (again) return {};
    const auto line = write_note(
        writer, context_, by, operation.incident,
        note_of(context_, *one, undo ? "operation.lifts" : "operation.not_lifted", undo ? std::string() : to_text(undo.error())));
    return line ? Result<void>() : tl::make_unexpected(line.error());
  });
  if (told) tell(context_, operation);
}

Result<void> Containment::still_allowed(const Operation& operation, Plan plan) {
  return platforms_.with(operation.platform, [&](containment::Connector&, const CommonSettings& common) -> Result<void> {
    if (common.dry_run) return fail(ErrorCode::forbidden, tr("platform.dry_run"), operation.platform);
    if (operation.undoes.empty()) add_risks(plan, {operation.account}, common);
    return containment::check_never(plan);
  });
}

Result<Operation> Containment::verify(const Caller& caller, const std::string& incident, const std::string& id) {
  const auto operation = show(incident, id);
  if (!operation) return operation;
  if (operation->state != State::applied && operation->state != State::verified)
    return fail(ErrorCode::conflict, tr("operation.not_now", {{"state", tr("operation.state." + std::string(name(operation->state)))}}),
                id);
  const auto others = store::reading(context_.cases, [&](store::CaseReader& reader) { return reader.operations_on(operation->platform); });
  if (!others) return tl::make_unexpected(others.error());
  if (const auto* other = containment::superseding(*operation, *others))
    return fail(ErrorCode::conflict, tr("operation.superseded", {{"id", other->id}}), other->id, tr("operation.superseded_help"));
  auto due = store::writing(context_.cases, [&](store::CaseWriter& writer) -> Result<Operation> {
    auto one = writer.operation(incident, id);
    if (!one) return one;
    if (!is_due(*one, Due::What::recheck, options_.clock())) one->dues.push_back({Due::What::recheck, options_.clock()});
    if (auto done = writer.set_operation(*one); !done) return tl::make_unexpected(done.error());
    const auto line = write_note(writer, context_, caller, incident, note_of(context_, *one, "operation.verify_asked"));
    if (!line) return tl::make_unexpected(line.error());
    return one;
  });
  if (!due) return due;
  tell(context_, *due);
  {
    const std::lock_guard lock(mutex_);
    woken_ = true;
  }
  wake_.notify_one();
  return due;
}

}  // namespace digue::service
