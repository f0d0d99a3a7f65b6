#include "containment/operation.hpp"

#include <algorithm>

#include "base/messages.hpp"
#include "containment/record.hpp"

namespace digue::containment {

namespace {

constexpr std::array<std::string_view, 9> state_names{"planned",  "approved", "sealed", "applying", "applied",
                                                      "verified", "failed",   "undone", "cancelled"};
constexpr std::array<std::string_view, 4> step_names{"pending", "sent", "done", "failed"};
constexpr std::array<std::string_view, 2> due_names{"recheck", "lift"};

// At once; then a synchronisation, a cache or a second server can undo what was proven: once soon, once after a day.
constexpr std::array<std::int64_t, 3> recheck_after{0, 15 * micros_per_minute, 24 * micros_per_hour};
// What a platform does not show at once, it is given time to.
constexpr std::int64_t try_again = 30 * micros_per_second;
constexpr std::int64_t tries_end = 10 * micros_per_minute;
constexpr std::size_t max_traces = 1000;  // the oldest go first
constexpr std::size_t max_probes = 1000;

Result<void> in(const Operation& operation, std::initializer_list<State> allowed) {
  if (std::find(allowed.begin(), allowed.end(), operation.state) != allowed.end()) return {};
  return fail(ErrorCode::conflict, tr("operation.not_now", {{"state", tr("operation.state." + std::string(name(operation.state)))}}),
              operation.id);
}

Result<void> step_is(const Operation& operation, std::size_t step, StepState state) {
  if (step < operation.runs.size() && operation.runs[step].state == state) return {};
  return fail(ErrorCode::conflict, tr("operation.wrong_step"), operation.id);
}

/// What holds until a date is lifted then, also where only a part of it was done.
void due_lift(Operation& operation) {
  if (operation.plan.order.until && operation.undoes.empty() && has_acted(operation))
    operation.dues.push_back({Due::What::lift, *operation.plan.order.until});
}

void applied(Operation& operation, UtcMicros at) {
  operation.state = State::applied;
  operation.accepted = at;
  const auto& steps = operation.plan.steps;
  // Sessions that were ended come back when their owner signs in: there is nothing to look at again.
  const bool lasts = steps.empty() || std::any_of(steps.begin(), steps.end(), [](const auto& step) { return step.act == Act::change; });
  for (const auto delay : recheck_after)
    if (lasts || delay == 0) operation.dues.push_back({Due::What::recheck, UtcMicros{at.value + delay}});
  due_lift(operation);
}

json::Value approval_json(const std::optional<Approval>& approval) {
  if (!approval) return nullptr;
  return json::Object{{"by", approval->by},
                      {"person", approval->person},
                      {"at", to_iso8601(approval->at)},
                      {"break_glass", approval->break_glass},
                      {"reason", approval->reason}};
}

json::Value run_json(const StepRun& run) {
  return json::Object{
      {"state", name(run.state)}, {"sent", time_or_null(run.sent)}, {"ended", time_or_null(run.ended)}, {"answer", run.answer}};
}

Result<StepRun> run_of(const json::Value& value) {
  Record record(value);
  StepRun out{record.choice<StepState>("state", step_names), record.time("sent"), record.time("ended"), record.text("answer")};
  if (auto good = record.done(); !good) return tl::make_unexpected(good.error());
  return out;
}

Result<Trace> trace_of(const json::Value& value) {
  Record record(value);
  Trace out{record.text("source"), record.time("at").value_or(UtcMicros{})};
  if (auto good = record.done(); !good) return tl::make_unexpected(good.error());
  return out;
}

Result<Due> due_of(const json::Value& value) {
  Record record(value);
  Due out{record.choice<Due::What>("what", due_names), record.time("at").value_or(UtcMicros{})};
  if (auto good = record.done(); !good) return tl::make_unexpected(good.error());
  return out;
}

}  // namespace

std::string_view name(State state) {
  return state_names[static_cast<std::size_t>(state)];
}

std::string_view name(StepState state) {
  return step_names[static_cast<std::size_t>(state)];
}

std::string_view name(Due::What what) {
  return due_names[static_cast<std::size_t>(what)];
}

bool is_closed(State state) {
  return state == State::verified || state == State::failed || state == State::undone || state == State::cancelled;
}

bool has_acted(const Operation& operation) {
  return std::any_of(operation.runs.begin(), operation.runs.end(), [](const auto& run) { return run.state != StepState::pending; });
}

Operation begin(Plan plan) {
  Operation out;
  out.runs.resize(plan.steps.size());
  out.plan = std::move(plan);
  return out;
}

Result<void> approve(Operation& operation, Approval approval) {
  if (auto good = in(operation, {State::planned}); !good) return good;
  operation.approval = std::move(approval);
  operation.state = State::approved;
  return {};
}

Result<void> cancel(Operation& operation, UtcMicros at) {
  if (operation.state != State::failed || has_acted(operation))
    if (auto good = in(operation, {State::planned, State::approved, State::sealed}); !good) return good;
  operation.state = State::cancelled;
  operation.ended = at;
  operation.dues.clear();
  return {};
}

Result<void> seal(Operation& operation, std::string exhibit) {
  if (auto good = in(operation, {State::approved}); !good) return good;
  if (exhibit.empty() && !operation.plan.prior.empty()) return fail(ErrorCode::conflict, tr("operation.unsealed"), operation.id);
  operation.exhibit = std::move(exhibit);
  operation.state = State::sealed;
  return {};
}

std::optional<std::size_t> next_step(const Operation& operation) {
  for (std::size_t i = 0; i < operation.runs.size(); ++i)
    if (operation.runs[i].state != StepState::done) return i;
  return std::nullopt;
}

Result<void> send(Operation& operation, std::size_t step, UtcMicros at) {
  if (auto good = in(operation, {State::sealed, State::applying}); !good) return good;
  if (auto good = step_is(operation, step, StepState::pending); !good) return good;
  if (next_step(operation) != step) return fail(ErrorCode::conflict, tr("operation.wrong_step"), operation.id);
  operation.state = State::applying;
  operation.runs[step].state = StepState::sent;
  operation.runs[step].sent = at;
  return {};
}

Result<void> accept(Operation& operation, std::size_t step, std::string answer, UtcMicros at) {
  if (auto good = in(operation, {State::applying}); !good) return good;
  if (auto good = step_is(operation, step, StepState::sent); !good) return good;
  auto& run = operation.runs[step];
  run.state = StepState::done;
  run.ended = at;
  run.answer = std::move(answer);
  if (!next_step(operation)) applied(operation, at);
  return {};
}

Result<void> accept_nothing(Operation& operation, UtcMicros at) {
  if (auto good = in(operation, {State::sealed}); !good) return good;
  if (next_step(operation)) return fail(ErrorCode::conflict, tr("operation.wrong_step"), operation.id);
  applied(operation, at);
  return {};
}

Result<void> fail_at(Operation& operation, std::optional<std::size_t> step, std::string error, UtcMicros at) {
  if (auto good = in(operation, {State::approved, State::sealed, State::applying, State::applied}); !good) return good;
  if (step) {
    if (auto good = step_is(operation, *step, StepState::sent); !good) return good;
    operation.runs[*step].state = StepState::failed;
    operation.runs[*step].ended = at;
  }
  if (operation.state != State::applied && has_acted(operation)) due_lift(operation);
  operation.state = State::failed;
  operation.error = std::move(error);
  operation.ended = at;
  return {};
}

Result<void> recover(Operation& operation, std::size_t step, Stand stand, UtcMicros at) {
  if (auto good = in(operation, {State::applying}); !good) return good;
  if (auto good = step_is(operation, step, StepState::sent); !good) return good;
  if (operation.plan.steps[step].act == Act::pulse || stand == Stand::before) {
    operation.runs[step] = {};
    return {};
  }
  if (stand == Stand::after) return accept(operation, step, {}, at);
  return fail_at(operation, step, tr("operation.changed_meanwhile", {{"object", operation.plan.steps[step].object}}), at);
}

Result<void> prove(Operation& operation, std::vector<Probe> probes, UtcMicros at) {
  if (auto good = in(operation, {State::applied, State::verified}); !good) return good;
  const auto hold = [](const auto& all) {
    return !all.empty() && std::all_of(all.begin(), all.end(), [](const auto& one) { return one.good; });
  };
  const bool good = hold(probes), held = hold(operation.probes);
  auto& traces = operation.traces;
  for (const auto& probe : probes)
    if (!probe.source.empty()) traces.push_back({probe.source, probe.at});
  if (traces.size() > max_traces) traces.erase(traces.begin(), traces.end() - max_traces);
  if (probes.size() > max_probes) {
    std::stable_partition(probes.begin(), probes.end(), [](const auto& one) { return !one.good; });
    probes.resize(max_probes);
  }
  operation.probes = std::move(probes);
  if (good && operation.state == State::applied) {
    operation.state = State::verified;
    operation.proven = at;
    operation.ended = at;
  } else if (!good && operation.state == State::verified && held) {
    // One answer can be a bad moment of the network: what was proven is not given up on it.
    operation.dues.push_back({Due::What::recheck, UtcMicros{at.value + try_again}});
  } else if (!good && operation.state == State::verified) {
    operation.state = State::failed;
    operation.error = tr("operation.no_longer_holds");
    operation.ended = at;
  } else if (!good && at.value - operation.accepted.value_or(at).value < tries_end) {
    operation.dues.push_back({Due::What::recheck, UtcMicros{at.value + try_again}});
  }
  return {};
}

Result<void> take_back(Operation& operation, const std::string& undo) {
  if (auto good = in(operation, {State::applied, State::verified, State::failed}); !good) return good;
  operation.state = State::undone;
  operation.undone_by = undo;
  operation.dues.clear();
  return {};
}

std::vector<Due> take_dues(Operation& operation, UtcMicros at) {
  std::vector<Due> out;
  auto& dues = operation.dues;
  std::stable_sort(dues.begin(), dues.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
  const auto later = std::find_if(dues.begin(), dues.end(), [&](const auto& due) { return due.at > at; });
  out.assign(dues.begin(), later);
  dues.erase(dues.begin(), later);
  return out;
}

json::Value to_json(const Operation& operation) {
  json::Array runs, probes, traces, dues;
  for (const auto& run : operation.runs) runs.push_back(run_json(run));
  for (const auto& probe : operation.probes) probes.push_back(to_json(probe));
  for (const auto& trace : operation.traces) traces.push_back(json::Object{{"source", trace.source}, {"at", to_iso8601(trace.at)}});
  for (const auto& due : operation.dues) dues.push_back(json::Object{{"what", name(due.what)}, {"at", to_iso8601(due.at)}});
  return json::Object{{"id", operation.id},
                      {"incident", operation.incident},
                      {"platform", operation.platform},
                      {"kind", operation.kind},
                      {"account", operation.account},
                      {"task", operation.task},
                      {"state", name(operation.state)},
                      {"plan", to_json(operation.plan)},
                      {"reason", operation.reason},
                      {"evidence", json::array_of(operation.evidence)},
                      {"author", operation.author},
                      {"person", operation.person},
                      {"author_unproven", operation.author_unproven},
                      {"password_left", operation.password_left},
                      {"planned", to_iso8601(operation.planned)},
                      {"approval", approval_json(operation.approval)},
                      {"exhibit", operation.exhibit},
                      {"runs", std::move(runs)},
                      {"probes", std::move(probes)},
                      {"traces", std::move(traces)},
                      {"accepted", time_or_null(operation.accepted)},
                      {"proven", time_or_null(operation.proven)},
                      {"ended", time_or_null(operation.ended)},
                      {"error", operation.error},
                      {"undoes", operation.undoes},
                      {"undone_by", operation.undone_by},
                      {"superseded_by", operation.superseded_by},
                      {"dues", std::move(dues)}};
}

Result<Operation> operation_of(const json::Value& value) {
  Record record(value);
  Operation out;
  out.id = record.text("id");
  out.incident = record.text("incident");
  out.platform = record.text("platform");
  out.kind = record.text("kind");
  out.account = record.text("account");
  out.task = record.text("task");
  out.state = record.choice<State>("state", state_names);
  if (const auto* plan = record.find("plan")) {
    auto read = plan_of(*plan);
    if (!read) return tl::make_unexpected(read.error());
    out.plan = std::move(*read);
  }
  out.reason = record.text("reason");
  out.evidence = record.texts("evidence");
  out.author = record.text("author");
  out.person = record.text("person");
  out.author_unproven = record.flag("author_unproven");
  out.password_left = record.flag("password_left");
  out.planned = record.time("planned").value_or(UtcMicros{});
  if (const auto* given = record.find("approval")) {
    Record approval(*given);
    out.approval = Approval{approval.text("by"), approval.text("person"), approval.time("at").value_or(UtcMicros{}),
                            approval.flag("break_glass"), approval.text("reason")};
    if (auto good = approval.done(); !good) return tl::make_unexpected(good.error());
  }
  out.exhibit = record.text("exhibit");
  out.runs = record.each("runs", run_of);
  out.probes = record.each("probes", probe_of);
  out.traces = record.each("traces", trace_of);
  out.accepted = record.time("accepted");
  out.proven = record.time("proven");
  out.ended = record.time("ended");
  out.error = record.text("error");
  out.undoes = record.text("undoes");
  out.undone_by = record.text("undone_by");
  out.superseded_by = record.text("superseded_by");
  out.dues = record.each("dues", due_of);
  if (auto good = record.done(); !good) return tl::make_unexpected(good.error());
  if (out.runs.size() != out.plan.steps.size()) return fail(ErrorCode::bad_input, tr("operation.wrong_step"), "runs");
  return out;
}

}  // namespace digue::containment
