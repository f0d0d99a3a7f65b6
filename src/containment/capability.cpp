#include "containment/capability.hpp"

#include <algorithm>
#include <array>

namespace digue::containment {

namespace {

using enum Aim;
using enum Reach;
using enum Undo;

// Evidence first where that delays nothing, then block, reset, end sessions, methods, rules and rights, grants; what the attacker sent
// and planted elsewhere; then logs. Blocking comes before the exports: it is the one action that waits for nothing.
constexpr std::array all{
    Capability{"account.block", "1.a", account, change, reversible, false, false, false, 10},
    Capability{"session.list", "1.b", account, collect, reversible, false, false, false, 20},
    Capability{"password.reset", "1.b", account, change, irreversible, true, false, false, 30},
    Capability{"session.revoke", "1.b", account, change, irreversible, true, false, false, 40},
    Capability{"method.list", "1.c", account, collect, reversible, false, false, false, 45},
    Capability{"method.remove", "1.c", account, change, irreversible, true, false, false, 50},
    Capability{"device.block", "1.c", account, change, reversible, false, false, false, 55},
    Capability{"rule.list", "2.a", account, collect, reversible, false, false, false, 58},
    Capability{"rule.disable", "2.a", account, change, reversible, true, false, false, 60},
    Capability{"forwarding.disable", "2.a", account, change, reversible, true, false, false, 62},
    Capability{"delegation.remove", "2.a", account, change, reversible, true, false, false, 64},
    Capability{"grant.remove", "2.b", account, change, partly, true, false, false, 70},
    Capability{"account.list", "2.c", tenant, collect, reversible, false, false, false, 72},
    Capability{"privilege.list", "2.c", account, collect, reversible, false, false, false, 74},
    Capability{"account.disable", "2.c", account, change, reversible, false, true, false, 75},
    Capability{"privilege.remove", "2.c", account, change, reversible, true, true, false, 78},
    Capability{"policy.read", "3.a", tenant, collect, reversible, false, false, false, 80},
    Capability{"mail.export", "6.a", account, collect, reversible, false, false, false, 90},
    Capability{"mail.purge", "6.a", messages, change, partly, true, true, false, 95},
    Capability{"queue.hold", "6.a", queue, change, reversible, false, false, false, 100},
    Capability{"queue.release", "6.a", queue, change, partly, false, true, false, 102},
    Capability{"queue.delete", "6.a", queue, change, irreversible, true, true, false, 104},
    Capability{"mail.trace", "7.a", account, collect, reversible, false, false, false, 106},
    Capability{"sender.block", "7.c", sender, change, reversible, false, false, true, 110},
    Capability{"domain.block", "7.c", domain, change, reversible, false, true, true, 112},
    Capability{"url.block", "7.c", url, change, reversible, false, true, true, 114},
    Capability{"attachment.block", "7.c", attachment, change, reversible, false, false, true, 116},
    Capability{"logs.raise", "9.a", tenant, change, reversible, false, false, true, 120},
    Capability{"logs.export", "9.b", account, collect, reversible, false, false, false, 130},
};

constexpr std::array<std::string_view, 3> undo_names{"reversible", "partly", "irreversible"};

}  // namespace

std::span<const Capability> capabilities() {
  return all;
}

const Capability* capability_named(std::string_view id) {
  const auto* at = std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.id == id; });
  return at == all.end() ? nullptr : at;
}

std::string_view name(Aim aim) {
  constexpr std::array<std::string_view, 8> names{"account", "sender", "domain", "url", "attachment", "messages", "queue", "tenant"};
  return names[static_cast<std::size_t>(aim)];
}

std::string_view name(Undo undo) {
  return undo_names[static_cast<std::size_t>(undo)];
}

std::string_view name(Reach reach) {
  return reach == collect ? "collect" : "change";
}

std::optional<Undo> undo_named(std::string_view text) {
  const auto* at = std::find(undo_names.begin(), undo_names.end(), text);
  return at == undo_names.end() ? std::nullopt : std::optional(static_cast<Undo>(at - undo_names.begin()));
}

}  // namespace digue::containment
