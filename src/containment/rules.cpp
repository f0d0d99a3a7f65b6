#include "containment/rules.hpp"

#include <algorithm>

#include "base/messages.hpp"
#include "base/text.hpp"

namespace digue::containment {

namespace {

constexpr std::int64_t max_until = 31 * micros_per_day;

bool has(const Plan& plan, Risk risk) {
  return std::find(plan.risks.begin(), plan.risks.end(), risk) != plan.risks.end();
}

bool touches(const Operation& operation, const std::string& object) {
  return std::any_of(operation.plan.steps.begin(), operation.plan.steps.end(),
                     [&](const auto& step) { return step.act == Act::change && step.object == object; });
}

bool share_an_object(const Operation& a, const Operation& b) {
  return std::any_of(a.plan.steps.begin(), a.plan.steps.end(),
                     [&](const auto& step) { return step.act == Act::change && touches(b, step.object); });
}

/// On the same platform, whatever the incident: two incidents can share an attacker.
bool same_target(const Operation& a, const Operation& b) {
  if (a.platform != b.platform) return false;
  if (a.plan.order.account.empty() || b.plan.order.account.empty()) return share_an_object(a, b);
  return lower(a.plan.order.account) == lower(b.plan.order.account);
}

bool closes(const Operation& operation) {
  const auto& capability = operation.plan.order.capability;
  return capability == "account.block" || capability == "account.disable";
}

/// Who may sign in, by which password: a reset is read back by what a later block changed, and the other way round.
bool is_access(const Operation& operation) {
  return closes(operation) || operation.plan.order.capability == "password.reset";
}

bool changes(const Operation& operation) {
  return std::any_of(operation.plan.steps.begin(), operation.plan.steps.end(), [](const auto& step) { return step.act == Act::change; });
}

bool under_way(const Operation& operation) {
  return operation.state == State::approved || operation.state == State::sealed || operation.state == State::applying;
}

int rank_of(const Operation& operation) {
  const auto* capability = capability_named(operation.plan.order.capability);
  return capability == nullptr ? 0 : capability->rank;
}

}  // namespace

Result<void> check_order(const Order& order, UtcMicros at) {
  const auto* capability = capability_named(order.capability);
  if (capability == nullptr) return fail(ErrorCode::bad_input, tr("operation.no_capability"), "capability");
  if (capability->aim == Aim::account && trim(order.account).empty())
    return fail(ErrorCode::bad_input, tr("field.missing", {{"field", "account"}}), "account");
  if (capability->until != order.until.has_value())
    return fail(ErrorCode::bad_input, tr(capability->until ? "operation.until_needed" : "operation.until_not_here"), "until");
  if (order.until && (*order.until <= at || order.until->value - at.value > max_until))
    return fail(ErrorCode::bad_input, tr("operation.until_range"), "until");
  return {};
}

Result<void> check_never(const Plan& plan) {
  for (const auto risk : plan.risks)
    if (risk != Risk::mass_purge) return fail(ErrorCode::forbidden, tr("operation.never." + std::string(name(risk))), plan.order.account);
  return {};
}

bool needs_two(const Plan& plan, const Policy& policy) {
  if (has(plan, Risk::mass_purge) || plan.messages > policy.purge_limit || plan.two_persons) return true;
  const auto* capability = capability_named(plan.order.capability);
  if (policy.two_persons.contains(plan.order.capability)) return true;
  return capability != nullptr && capability->two_persons && !policy.one_person.contains(plan.order.capability);
}

Result<void> check_approval(const Operation& operation, const Policy& policy, const Approval& approval) {
  if (auto good = check_never(operation.plan); !good) return good;
  if (approval.break_glass && trim(approval.reason).empty()) return fail(ErrorCode::bad_input, tr("operation.glass_reason"), "reason");
  const bool unproven = operation.author_unproven && approval.proven;
  const bool same = unproven || (operation.person.empty() ? operation.author == approval.by : operation.person == approval.person);
  if (!needs_two(operation.plan, policy) || !same) return {};
  // Too many messages are never purged by one person alone.
  if (has(operation.plan, Risk::mass_purge) || operation.plan.messages > policy.purge_limit)
    return fail(ErrorCode::forbidden, tr("operation.mass_purge"), operation.id);
  if (approval.break_glass) return {};
  return fail(ErrorCode::forbidden, tr("operation.two_persons"), operation.id,
              tr(unproven ? "operation.unproven_author_help" : "operation.two_persons_help"));
}

Result<void> check_turn(const Operation& operation, std::span<const Operation> others) {
  for (const auto& other : others) {
    if (other.id == operation.id || !same_target(operation, other)) continue;
    if (under_way(other)) return fail(ErrorCode::conflict, tr("operation.other_under_way", {{"id", other.id}}), other.id);
    if (other.state == State::planned && other.incident == operation.incident && other.undoes.empty() && operation.undoes.empty() &&
        rank_of(other) < rank_of(operation))
      return fail(ErrorCode::conflict,
                  tr("operation.other_first", {{"capability", tr("capability." + other.plan.order.capability)}, {"id", other.id}}),
                  other.id, tr("operation.other_first_help"));
  }
  return {};
}

const Operation* superseding(const Operation& operation, std::span<const Operation> others) {
  const auto at = std::find_if(others.begin(), others.end(), [&](const auto& other) {
    if (other.id == operation.id || !other.accepted || !operation.accepted || *other.accepted <= *operation.accepted) return false;
    if (other.state == State::undone || other.state == State::cancelled) return false;  // its undo follows then
    if (!other.undoes.empty() && other.state != State::verified) return false;          // it may not have taken anything back
    if (!same_target(operation, other)) return false;
    return share_an_object(operation, other) || (is_access(operation) && is_access(other) && changes(other));
  });
  return at == others.end() ? nullptr : &*at;
}

bool rests_on(const Operation& other, const Operation& operation) {
  if (other.id == operation.id || other.platform != operation.platform || !other.undoes.empty() || !operation.undoes.empty()) return false;
  if (other.state != State::applied && other.state != State::verified) return false;
  if (!other.accepted || !operation.accepted || *other.accepted < *operation.accepted || changes(other) || !changes(operation))
    return false;
  const auto &a = other.plan.order, &b = operation.plan.order;
  const auto *mine = capability_named(a.capability), *its = capability_named(b.capability);
  if (mine == nullptr || its == nullptr || mine->aim != its->aim) return false;
  const bool by_account = mine->aim == Aim::account || mine->aim == Aim::messages || mine->aim == Aim::queue;
  if (by_account && lower(a.account) != lower(b.account)) return false;
  if (a.capability != b.capability) return closes(other) && closes(operation);
  // Platforms know no case in what they are asked to refuse.
  return std::equal(a.parameters.begin(), a.parameters.end(), b.parameters.begin(), b.parameters.end(),
                    [](const auto& one, const auto& two) { return one.first == two.first && iequals(trim(one.second), trim(two.second)); });
}

Result<void> check_undo(const Operation& operation, std::span<const Operation> others) {
  if (!has_acted(operation) || operation.state == State::applying)
    return fail(ErrorCode::conflict, tr("operation.nothing_to_undo"), operation.id);
  if (!operation.undoes.empty()) return fail(ErrorCode::conflict, tr("operation.is_undo"), operation.id, tr("operation.is_undo_help"));
  if (operation.plan.undo == Undo::irreversible) return fail(ErrorCode::conflict, tr("operation.irreversible"), operation.id);
  if (!operation.undone_by.empty()) return fail(ErrorCode::conflict, tr("operation.already_undone"), operation.id);
  for (const auto& other : others) {
    if (other.id == operation.id || !same_target(operation, other)) continue;
    if (other.undoes == operation.id && other.state != State::failed && other.state != State::cancelled)
      return fail(ErrorCode::conflict, tr("operation.undo_planned", {{"id", other.id}}), other.id);
    if (!has_acted(other)) continue;
    if (other.state == State::undone || !other.undoes.empty() || !operation.accepted || !other.accepted) continue;
    if (*other.accepted < *operation.accepted) continue;
    for (const auto& step : operation.plan.steps)
      if (step.act == Act::change && touches(other, step.object))
        return fail(ErrorCode::conflict, tr("operation.later_change", {{"object", step.object}, {"id", other.id}}), other.id);
  }
  return {};
}

}  // namespace digue::containment
