#include "incident/obligation.hpp"

#include <algorithm>
#include <array>

namespace digue::incident {

namespace {

constexpr std::array<std::string_view, 4> verdicts{"required", "in_doubt", "undecided", "no"};
constexpr std::array<std::string_view, 7> states{"inactive", "not_applicable", "undecided", "waiting", "running", "late", "done"};

std::optional<UtcMicros> start_of(const DutyClock& clock, const DutyTimes& times) {
  const auto& from = clock.from == "filing" ? times.filings : times.instants;
  const auto at = from.find(clock.from == "filing" ? clock.of : clock.from);
  return at == from.end() ? std::nullopt : std::optional(at->second);
}

/// Authorities count in mainland time.
const Zone& paris() {
  static const Zone zone = Zone::named("Europe/Paris").value();
  return zone;
}

}  // namespace

std::string_view name(Verdict verdict) {
  return verdicts[static_cast<std::size_t>(verdict)];
}

std::string_view name(DutyState state) {
  return states[static_cast<std::size_t>(state)];
}

DutyJudgement judge(const Obligation& obligation, const Facts& facts, const Date& today) {
  DutyJudgement out;
  if ((obligation.from && today < *obligation.from) || (obligation.until && *obligation.until < today))
    return {Verdict::no, {obligation.otherwise}};
  for (const auto& rule : obligation.rules) {
    if (rule.verdict > out.verdict || !holds(rule.when, facts)) continue;
    if (rule.verdict < out.verdict) out = {rule.verdict, {}};
    out.reasons.push_back(rule.reason);
  }
  if (out.verdict == Verdict::no && out.reasons.empty()) out.reasons.push_back(obligation.otherwise);
  return out;
}

std::optional<UtcMicros> deadline_of(const DutyClock& clock, UtcMicros start, const std::optional<int>& contract_hours, const Zone& zone) {
  using Kind = DutyClock::Kind;
  if (clock.kind == Kind::hours) return UtcMicros{start.value + clock.count * micros_per_hour};
  if (clock.kind == Kind::contract && contract_hours) return UtcMicros{start.value + *contract_hours * micros_per_hour};
  if (clock.kind != Kind::months) return std::nullopt;
  auto civil = civil_from_micros(start.value + zone.offset_minutes(start) * micros_per_minute);
  const int months = civil.month - 1 + clock.count;
  civil.year += months / 12;
  civil.month = months % 12 + 1;
  while (!is_valid(civil)) --civil.day;
  return zone.to_utc(civil_micros(civil));
}

Standing stand(const Obligation& obligation, const Facts& facts, const DutyTimes& times, const Filing& filing, UtcMicros now) {
  Standing out;
  out.judgement = judge(obligation, facts, date_in(paris(), now));
  out.start = obligation.clock.from.empty() ? std::nullopt : start_of(obligation.clock, times);
  if (out.start) out.deadline = deadline_of(obligation.clock, *out.start, times.contract_hours, paris());
  const auto verdict = filing.applies ? (*filing.applies ? Verdict::required : Verdict::no) : out.judgement.verdict;
  if (filing.filed) {
    out.state = DutyState::done;
    out.filed_late = out.deadline && *out.deadline < *filing.filed;
  } else if (!obligation.active) {
    out.state = DutyState::inactive;
  } else if (verdict == Verdict::no) {
    out.state = DutyState::not_applicable;
  } else if (verdict == Verdict::undecided) {
    out.state = DutyState::undecided;
  } else if (!obligation.clock.from.empty() && !out.start) {
    out.state = DutyState::waiting;
  } else {
    out.state = out.deadline && *out.deadline < now ? DutyState::late : DutyState::running;
  }
  return out;
}

}  // namespace digue::incident
