#include "base/text.hpp"
#include "story/attribution.hpp"

namespace digue::story {

namespace {

bool concerns(const AccountView& view, const Session& session, const Pin& pin) {
  switch (pin.kind) {
    case Pin::Kind::session:
      return pin.value.size() >= 16 && to_hex(session.id).starts_with(lower(pin.value));
    case Pin::Kind::ip: {
      const auto range = parse_range(pin.value);
      if (!range) return false;
      for (const IpAddress& ip : session.ips)
        if (range->contains(ip)) return true;
      return false;
    }
    case Pin::Kind::device:
      for (const std::string& device : session.devices)
        if (device == pin.value) return true;
      return false;
    case Pin::Kind::account:
      return pin.as != Pin::As::attacker && iequals(view.account, pin.value);
  }
  return false;
}

const std::vector<Pin>& pins_of(const AccountView& view) {
  static const std::vector<Pin> none;
  return view.world != nullptr && view.world->profile != nullptr ? view.world->profile->pins : none;
}

}  // namespace

bool apply_pins(const AccountView& view, const Session& session, Judgement& judgement) {
  // The narrower pin wins: a session before an address, an address before a device, a device before the account.
  const Pin* strongest = nullptr;
  for (const Pin& pin : pins_of(view)) {
    if (!concerns(view, session, pin)) continue;
    if (strongest == nullptr ||
        std::tie(pin.kind, pin.as, pin.value, pin.reason) < std::tie(strongest->kind, strongest->as, strongest->value, strongest->reason))
      strongest = &pin;
  }
  if (strongest == nullptr) return false;
  const bool attacker = strongest->as == Pin::As::attacker;
  judgement.pinned = true;
  judgement.probability = attacker ? 1 : 0;
  judgement.actor = attacker ? Actor::attacker : Actor::user;
  judgement.confidence = 1;
  judgement.hostile = attacker;
  judgement.reasons = {{attacker ? "reason.pinned_attacker" : "reason.pinned_user", {strongest->value, strongest->reason}}};
  return true;
}

const Pin* account_pin(const AccountView& view) {
  const Pin* strongest = nullptr;
  for (const Pin& pin : pins_of(view))
    if (pin.kind == Pin::Kind::account && iequals(view.account, pin.value) &&
        (strongest == nullptr || std::tie(pin.as, pin.reason) < std::tie(strongest->as, strongest->reason)))
      strongest = &pin;
  return strongest;
}

bool is_vouched(const AccountView& view, const IpAddress& ip) {
  for (const Pin& pin : pins_of(view)) {
    if (pin.kind != Pin::Kind::ip || pin.as == Pin::As::attacker) continue;
    if (const auto range = parse_range(pin.value); range && range->contains(ip)) return true;
  }
  return false;
}

}  // namespace digue::story
