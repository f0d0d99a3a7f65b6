#pragma once

#include <optional>
#include <span>
#include <string_view>

/// What a platform may be asked to do for containment: typed verbs, whatever the product behind them.
namespace digue::containment {

/// What a capability is aimed at.
enum class Aim { account, sender, domain, url, attachment, messages, queue, tenant };
/// Whether what was done can be taken back from the prior state. A plan may say less than its capability, never more.
enum class Undo { reversible, partly, irreversible };
/// Reads only, or changes the platform.
enum class Reach { collect, change };

struct Capability {
  std::string_view id;      ///< "account.block"
  std::string_view action;  ///< of the playbook: "1.a"
  Aim aim = Aim::account;
  Reach reach = Reach::change;
  Undo undo = Undo::reversible;
  bool destroys = false;     ///< takes traces away: what it takes is sealed first
  bool two_persons = false;  ///< unless the establishment says otherwise, another person than its author approves it
  bool until = false;        ///< holds until a date, at most 31 days away, and is lifted by our timer
  int rank = 0;              ///< order of work on one account: a higher one comes after the lower ones
};

/// All of them, by rank.
std::span<const Capability> capabilities();
/// Null when there is none.
const Capability* capability_named(std::string_view id);

std::string_view name(Aim aim);
std::string_view name(Undo undo);
std::string_view name(Reach reach);
std::optional<Undo> undo_named(std::string_view name);

}  // namespace digue::containment
