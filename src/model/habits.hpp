#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string_view>
#include <vector>

#include "model/timeline.hpp"

namespace digue {

/// The row is use of the account from somewhere: it has an address, did not fail, and was not a delivery, a filter or the platform itself.
bool is_access(const Row& row);
/// What happens to a mailbox without anybody being in it: deliveries, filters, services of the platform. Such rows belong to no session.
bool is_background(const Row& row);
/// "own" for the establishment's own addresses, else the row's network; empty: unknown.
std::string_view network_of(const Row& row);

/// The name tells a program on a system ("Edge on Windows"): a protocol or a library ("imap") is known to everybody.
bool is_telling_device(std::string_view device);

/// What is usual for an account: on which days (UTC) each country, network, device and neighbourhood was used with success.
/// Views into the rows it was built from.
class Habits {
 public:
  enum class Kind : std::uint8_t { country, network, device };
  struct Use {
    UtcMicros first, last;
    std::vector<std::int32_t> days;  ///< distinct, ascending
  };

  /// `skip`: one flag per row to leave out (an attacker's rows are nobody's habit); empty: none.
  explicit Habits(std::span<const Row> rows, const std::vector<bool>& skip = {});

  const Use* find(Kind kind, std::string_view value) const;
  const Use* neighbourhood_of(const IpAddress& ip) const;
  /// The row's network, or the neighbourhood of its address when no network is known. Null: never used.
  const Use* place_of(const Row& row) const;

  /// Distinct days of use before (after) the day of `time`; 0 for null.
  static std::uint32_t days_before(const Use* use, UtcMicros time);
  static std::uint32_t days_after(const Use* use, UtcMicros time);
  /// Distinct days of use other than the day of `time`.
  static std::uint32_t other_days(const Use* use, UtcMicros time) { return days_before(use, time) + days_after(use, time); }

  /// Use from public addresses that are not the establishment's.
  const Use& outside() const { return outside_; }
  /// The account's own activity, whatever the place.
  const Use& activity() const { return activity_; }
  /// Three days of use before `time`: fewer tell nothing about what is usual.
  bool enough_before(UtcMicros time) const { return days_before(&activity_, time) >= 3; }
  /// At `time` this place or device (null: never used) is new to the account: first used within the three days before, after three days of
  /// other use; or used on those days only, in an evidence that shows five other days after.
  bool is_new(const Use* use, UtcMicros time) const;
  /// A stay somewhere else: the country is in use on four days or more, and on at most two of them (arrival, departure) another one is too.
  bool is_stay(std::string_view country) const;
  /// Place and device were in use on at least two days before and one day after the row's day.
  bool regular(const Row& row) const;
  /// Place and device were in use on at least three days before the row's day.
  bool regular_before(const Row& row) const;

 private:
  Use activity_, outside_;
  std::map<std::string_view, Use> countries_, networks_, devices_;
  std::map<IpAddress, Use> neighbourhoods_;
};

}  // namespace digue
