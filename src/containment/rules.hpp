#pragma once

#include <set>
#include <span>

#include "base/result.hpp"
#include "containment/operation.hpp"

/// What no approval allows, who has to approve, and in which order. Pure.
namespace digue::containment {

/// What an establishment decides about approvals.
struct Policy {
  std::set<std::string, std::less<>> two_persons;  ///< capabilities that another person approves, beyond those that always ask for it
  std::set<std::string, std::less<>> one_person;   ///< and those that it freed of that
  std::int64_t purge_limit = 100;                  ///< messages: beyond it a second person, whatever else is set
};

/// Capability, account and date as they must be. bad_input names the field.
Result<void> check_order(const Order& order, UtcMicros at);

/// The refusals that hold whatever the approval: emergency accounts, the last administrator, policies that lock everyone out, deleted
/// accounts, wiped devices. forbidden, naming which.
Result<void> check_never(const Plan& plan);

/// Whether another person than its author approves it.
bool needs_two(const Plan& plan, const Policy& policy);

/// forbidden when `by` is the author and two are needed, unless by break-glass with a reason.
Result<void> check_approval(const Operation& operation, const Policy& policy, const Approval& approval);

/// Another operation that stands in the way: one under way on the same platform and account, or one of a lower rank that is planned there
/// and not carried out (a reset before the block would be seen by the intruder). conflict, naming it.
Result<void> check_turn(const Operation& operation, std::span<const Operation> others);

/// Whether another operation was applied later on what this one is read back by: its checks are of the past then.
bool superseded(const Operation& operation, std::span<const Operation> others);

/// Whether `operation` can be taken back: it acted, is reversible, and nothing was applied later on the same objects that still stands.
/// conflict.
Result<void> check_undo(const Operation& operation, std::span<const Operation> others);

}  // namespace digue::containment
