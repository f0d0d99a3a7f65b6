#pragma once

#include <map>
#include <memory>
#include <span>

#include "connect/dovecot/doveadm.hpp"
#include "connect/host/host.hpp"

namespace digue::dovecot {

/// One platform, reached.
struct Platform {
  Setup setup;
  std::unique_ptr<connect::Host> host;  ///< null: none was set up; never with a passwd_file
  Doveadm doveadm{setup};
};

/// What was found out about the platform, once for all capabilities.
struct Health {
  std::set<std::string, std::less<>> commands;          ///< of doveadm
  std::optional<Localized> passwd;                      ///< why passwords cannot be changed; nothing: they can
  std::map<std::string, Localized, std::less<>> doors;  ///< protocol: why it cannot be tried
  std::optional<Localized> quarantine;                  ///< why purged mail could not be kept
};

/// Capabilities that belong together; functions as in containment::Connector.
class Group {
 public:
  explicit Group(Platform& platform) : platform_(platform) {}
  virtual ~Group() = default;
  Group(const Group&) = delete;
  Group& operator=(const Group&) = delete;

  virtual std::span<const containment::Offer> offers() const = 0;
  /// Nothing: it works.
  virtual std::optional<Localized> missing(std::string_view capability, const Health& health) const = 0;
  virtual Result<containment::Plan> plan(const containment::Order& order);
  virtual Result<containment::Plan> plan_undo(const containment::Plan& plan, const json::Value& prior);
  virtual Result<containment::Stand> stand(const containment::Plan& plan, const containment::Step& step);
  virtual Result<std::string> apply(const containment::Plan& plan, const containment::Step& step);
  virtual Result<std::vector<containment::Probe>> verify(const containment::Plan& plan);
  virtual Result<void> collect(const containment::Order& order, const containment::Connector::Take& take);

 protected:
  Platform& platform_;
};

std::unique_ptr<Group> access_group(Platform& platform);    ///< account.block, password.reset, session.*
std::unique_ptr<Group> rules_group(Platform& platform);     ///< rule.*
std::unique_ptr<Group> rights_group(Platform& platform);    ///< delegation.remove
std::unique_ptr<Group> messages_group(Platform& platform);  ///< mail.*

/// A connector over a platform set up by hand: for tests, and for the Maker.
Result<std::unique_ptr<containment::Connector>> connector_of(Setup setup, std::unique_ptr<connect::Host> host);

/// Names the command that the server lacks, among these.
std::optional<Localized> lacking(const Health& health, std::initializer_list<std::string_view> commands);
/// conflict: the object is not as the plan read it.
tl::unexpected<Error> changed_meanwhile(const containment::Step& step);
/// bad_input: the sealed bytes are no prior state of this plan.
tl::unexpected<Error> no_prior();

}  // namespace digue::dovecot
