#include "analysis/account_names.hpp"

#include "base/text.hpp"

namespace digue::analysis {

void AccountNames::add(const Seen& seen) {
  const std::lock_guard held(mutex_);
  seen_.insert(seen.begin(), seen.end());
}

std::string_view AccountNamer::account_of(std::string_view name) {
  const auto& profile = names_.profile();
  if (const auto found = profile.aliases.find(name); found != profile.aliases.end()) {
    seen_.insert(found->first);
    return found->second;
  }
  if (!profile.is_bare(name)) return name;
  bare_.assign(name).append(1, '@').append(profile.bare_domain);
  return bare_;
}

std::string_view AccountNamer::alias_of(std::string_view name) const {
  if (!aliased_ || name.empty()) return {};
  const auto* account = names_.profile().alias_of(lower(name));
  return account == nullptr ? std::string_view() : std::string_view(*account);
}

void settle_names(Profile& profile) {
  profile.settle_aliases();
  const auto settle = [&](std::string& account) { account = profile.account_of(account); };
  for (auto& roster : profile.rosters)
    for (auto& account : roster.accounts) settle(account);
  for (auto& pin : profile.pins)
    if (pin.kind == Pin::Kind::account) settle(pin.value);
  for (auto& probe : profile.own_probes) settle(probe.account);
}

}  // namespace digue::analysis
