#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <span>

#include "base/crypto/key_file.hpp"
#include "containment/connector.hpp"
#include "model/timeline.hpp"
#include "service/context.hpp"
#include "service/edits.hpp"

/// Platforms as they are set up, and the way to them.
namespace digue::service {

struct PlatformView {
  std::string name;
  std::string kind;
  json::Object settings;             ///< without secrets
  std::vector<std::string> secrets;  ///< the names of those that are stored
  UtcMicros changed;
  std::string by;
};

struct NewPlatform {
  std::string name;  ///< letters, digits, - and _, at most 64
  std::string kind;
  json::Object settings;
  std::map<std::string, std::string> secrets;  ///< those not named stay as they are
  BasedOn based_on = {};                       ///< `changed` of the one that the editor saw; nothing inside: none has the name yet
};

/// What a platform would do for one action of the playbook.
struct ActionReadiness {
  std::string action;
  containment::Readiness::Way way = containment::Readiness::Way::guided;
  std::vector<containment::Readiness> capabilities;
};

/// Settings that every kind of platform has.
struct CommonSettings {
  std::set<std::string> emergency_accounts;          ///< that our orders never touch
  std::set<std::string> emergency_names;             ///< the same as the platform names them, where it does so otherwise
  bool dry_run = false;                              ///< nothing is carried out
  bool without_domain = false;                       ///< the platform's names are what stands before the @
  std::map<std::string, std::string> account_names;  ///< by the account of the incident, whatever the rule

  /// How the platform names an account of the incident.
  std::string name_of(const std::string& account) const;
};
CommonSettings common_settings(const json::Object& settings);

/// What all platforms together tell of the other names of accounts. Names that may be several accounts' are left out: told of two, or such
/// as another platform makes of an address by its rule. bad_input when what is stored cannot be read.
Result<Profile> known_names(const std::vector<store::Platform>& platforms);
Result<Profile> known_names(store::CaseReader& reader);

/// Whether something needs a secret while their key is locked: it is to be asked again once somebody unlocked it.
bool is_locked(const Error& error);

/// Any thread. `makers` outlive it.
class Platforms {
 public:
  Platforms(const Context& context, std::unique_ptr<KeyFile> key, std::span<const containment::Maker* const> makers)
      : context_(context), key_(std::move(key)), makers_(makers) {}

  /// The kinds that can be set up.
  std::span<const containment::Maker* const> kinds() const { return makers_; }
  Result<std::vector<PlatformView>> list() const;
  /// Adds or changes; told in the security log. bad_input names the setting; conflict when it is not what the editor saw, or when a new one
  /// has a name that is taken. The kind stays.
  Result<PlatformView> put(const Caller& caller, const NewPlatform& platform);
  Result<void> remove(const Caller& caller, const std::string& name);
  /// What each platform that is set up offers, by its name. Does not connect.
  Result<std::map<std::string, std::vector<containment::Offer>>> offers() const;
  /// Connects. One entry for each action of the playbook.
  Result<std::vector<ActionReadiness>> test(const std::string& name);

  /// A connector, for as long as `use` runs and for nobody else on that platform meanwhile.
  template <class Use>
  auto with(const std::string& name, Use use)
      -> decltype(use(std::declval<containment::Connector&>(), std::declval<const CommonSettings&>())) {
    const auto lock = lock_of(name);
    const std::lock_guard held(*lock);
    auto opened = open(name);
    if (!opened) return tl::make_unexpected(opened.error());
    return use(*opened->connector, opened->common);
  }

  /// The same for what only reads: it waits for nobody, and nobody for it.
  template <class Use>
  auto reading(const std::string& name, Use use)
      -> decltype(use(std::declval<containment::Connector&>(), std::declval<const CommonSettings&>())) {
    auto opened = open(name);
    if (!opened) return tl::make_unexpected(opened.error());
    return use(*opened->connector, opened->common);
  }

  // The key of all secrets, which may have a passphrase. Each change is told in the security log.
  bool has_passphrase() const { return key_->has_passphrase(); }
  bool locked() const { return !key_->box(); }
  struct Unlocking {
    bool good = false;
    std::int64_t wait = 0;  ///< microseconds, after many wrong ones: nothing was tried
  };
  Result<Unlocking> unlock(const Caller& caller, const std::string& passphrase);
  /// conflict where there is no passphrase to lock with.
  Result<void> lock(const Caller& caller);
  /// `current` where there is one; empty: takes the passphrase away.
  Result<Unlocking> set_passphrase(const Caller& caller, const std::string& current, const std::string& passphrase);

  /// io while the key is locked, see is_locked().
  Result<std::string> seal(const std::map<std::string, std::string>& secrets) const;
  /// io when they were sealed by another key, or while the key is locked.
  Result<std::map<std::string, std::string>> unseal(const std::string& sealed) const;

 private:
  struct Opened {
    std::unique_ptr<containment::Connector> connector;
    CommonSettings common;
  };
  std::string kinds_text() const;
  const containment::Maker* maker_named(std::string_view kind) const;
  Result<Opened> open(const std::string& name) const;
  std::shared_ptr<std::mutex> lock_of(const std::string& name);
  /// A try at the passphrase: counted as wrong before it is made.
  Result<Unlocking> attempt(const Caller& caller, std::string kind, const std::function<Result<void>()>& work);

  const Context& context_;
  std::unique_ptr<KeyFile> key_;
  std::span<const containment::Maker* const> makers_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<std::mutex>> locks_;
};

}  // namespace digue::service
