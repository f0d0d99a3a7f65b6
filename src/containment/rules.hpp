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

/// forbidden when the approver is the author (or nobody proved who the author is) and two are needed, unless by break-glass with a reason.
Result<void> check_approval(const Operation& operation, const Policy& policy, const Approval& approval);

/// Another operation that stands in the way: one under way on the same platform and account, or one of a lower rank that the same
/// incident planned there and did not carry out (a reset before the block would be seen by the intruder). conflict, naming it.
Result<void> check_turn(const Operation& operation, std::span<const Operation> others);

/// The operation that was applied later on what this one is read back by, so that its checks are of the past; null when there is none.
const Operation* superseding(const Operation& operation, std::span<const Operation> others);

/// Whether `other` found the platform as it wanted it because `operation` had made it so, and still stands: what takes back the one takes
/// back the other.
bool rests_on(const Operation& other, const Operation& operation);

/// Whether `operation` can be taken back: it acted, is no undo itself, is reversible, and nothing was applied later on the same objects
/// that still stands. conflict.
Result<void> check_undo(const Operation& operation, std::span<const Operation> others);

}  // namespace digue::containment
