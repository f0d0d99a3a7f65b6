#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "detect/detector.hpp"
#include "model/habits.hpp"

namespace digue::detect {

/// One account as its detectors see it: the view, its rows by activity, and what is usual there.
class Account {
 public:
  explicit Account(const AccountView& view);

  const AccountView& view() const { return *view_; }
  std::span<const Row> rows() const { return view_->rows; }
  const Row& row(std::uint32_t index) const { return view_->rows[index]; }
  const Habits& habits() const { return habits_; }
  /// Indices of the rows with that activity, ascending.
  std::span<const std::uint32_t> of(Activity activity) const { return by_activity_[static_cast<std::size_t>(activity)]; }
  /// The same for several activities, ascending.
  std::vector<std::uint32_t> of(std::initializer_list<Activity> activities) const;

  /// The address is the establishment's own, or one that many of its accounts share.
  bool trusted_source(const Row& row) const;
  /// The address guessed or sprayed passwords.
  bool hostile_source(const Row& row) const;
  /// Not the establishment's: by its domains when they are known, else by the account's own domain. Text without '@' is not external.
  bool is_external(std::string_view address) const;

  /// An access from a place that is new for this account: a hostile source, a new country, a new network with a new device, or the
  /// Internet when it was only ever used inside. Never a trusted source; never without enough history to tell, but for hostile sources.
  bool doubtful(const Row& row) const;
  /// The last doubtful access at most `within` microseconds before `time`; null when there is none.
  const Row* doubtful_before(UtcMicros time, std::int64_t within) const;
  /// Whether the row was done in (or, without an address, shortly after) a doubtful access; null when not, else that access.
  const Row* doubt_about(const Row& row) const;
  /// The usual place and device of the account: done by its user as far as one can tell.
  bool usual(const Row& row) const;

 private:
  const AccountView* view_;
  std::array<std::vector<std::uint32_t>, activity_count> by_activity_;
  Habits habits_;
  std::vector<std::uint32_t> doubtful_;  ///< rows, ascending
};

/// A finding of `rule` about the account.
Finding make(const Account& account, std::string_view rule, Severity severity, double confidence,
             std::initializer_list<std::string_view> techniques);
void why(Finding& finding, std::string_view key, std::vector<std::string> args = {});
/// A harmless explanation: kept visible, and the confidence times `factor`.
void benign(Finding& finding, double factor, std::string_view key, std::vector<std::string> args = {});
/// Adds `share` of what is missing to certainty.
void raise(Finding& finding, double share);
/// Says where an action was done: raises after a doubtful access, lowers in the usual place. For one-off actions by a person.
void judge_place(Finding& finding, const Account& account, const Row& row);

/// The parts of a list separated by any of `separators`, trimmed, empty ones dropped.
std::vector<std::string_view> split(std::string_view list, std::string_view separators);
bool has_action(const Row& row, std::string_view action);
/// "2026-03-09 20:58" in the establishment's zone, UTC when none is known.
std::string when(const Account& account, UtcMicros time);
/// The row's address as text, with its country when known: "198.51.100.23 (NG)".
std::string source(const Row& row);
/// How many items the row stands for (count, repeats).
std::uint64_t items(const Row& row);

}  // namespace digue::detect
