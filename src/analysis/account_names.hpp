#pragma once

#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "model/timeline.hpp"

namespace digue::analysis {

/// The other names of accounts that the logs were seen to use. Any thread.
class AccountNames {
 public:
  explicit AccountNames(const Profile& profile) : profile_(profile) {}
  const Profile& profile() const { return profile_; }
  using Seen = std::set<std::string_view>;  ///< keys of the profile's aliases
  void add(const Seen& seen);
  const Seen& seen() const { return seen_; }

 private:
  const Profile& profile_;
  std::mutex mutex_;
  Seen seen_;
};

/// One thread's use of them; what it met is added when it ends.
class AccountNamer {
 public:
  explicit AccountNamer(AccountNames& names)
      : names_(names), aliased_(!names.profile().aliases.empty()), any_(aliased_ || !names.profile().bare_domain.empty()) {}
  ~AccountNamer() { names_.add(seen_); }
  AccountNamer(const AccountNamer&) = delete;
  AccountNamer& operator=(const AccountNamer&) = delete;
  /// Whether any name may stand for another one.
  bool any() const { return any_; }
  /// Good until the next call, or as long as `name`.
  std::string_view account_of(std::string_view name);
  /// The account that a field names by an alias, in any case; empty: none. Good as long as the profile.
  std::string_view alias_of(std::string_view name) const;

 private:
  AccountNames& names_;
  const bool aliased_, any_;
  AccountNames::Seen seen_;
  std::string bare_;
};

/// Settles the aliases, and makes what people and operations said of accounts hold for the accounts that their names stand for.
void settle_names(Profile& profile);

}  // namespace digue::analysis
