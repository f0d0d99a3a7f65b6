#include <algorithm>
#include <mutex>

#include "connect/connectors.hpp"
#include "connect/dovecot/group.hpp"
#include "connect/dovecot/passdbs.hpp"
#include "connect/dovecot/probe.hpp"

namespace digue::dovecot {

using namespace containment;

namespace {

tl::unexpected<Error> not_offered(std::string_view capability) {
  return fail(ErrorCode::bad_input, tr("dovecot.not_offered", {{"capability", std::string(capability)}}), "capability");
}

Localized both(const Error& error) {
  const auto text = to_text(error);
  return {text, text};
}

class DovecotConnector final : public Connector {
 public:
  DovecotConnector(Setup setup, std::unique_ptr<connect::Host> host) : platform_{std::move(setup), std::move(host)} {
    groups_.push_back(access_group(platform_));
    groups_.push_back(rules_group(platform_));
    groups_.push_back(rights_group(platform_));
    groups_.push_back(messages_group(platform_));
    for (const auto& group : groups_) offers_.insert(offers_.end(), group->offers().begin(), group->offers().end());
  }

  std::string_view kind() const override { return "dovecot"; }
  std::span<const Offer> offers() const override { return offers_; }

  Result<std::vector<Readiness>> test() override {
    const std::lock_guard lock(mutex_);
    const auto commands = platform_.doveadm.commands();
    if (!commands && commands.error().code == ErrorCode::io) return tl::make_unexpected(commands.error());
    const auto health = commands ? health_of(*commands) : Health();
    std::vector<Readiness> out;
    for (const auto& group : groups_)
      for (const auto& offer : group->offers()) {
        Readiness one{std::string(offer.capability), Readiness::Way::automatic, {}};
        const auto missing = commands ? group->missing(offer.capability, health) : both(commands.error());
        if (missing) {
          one.way = Readiness::Way::guided;  // the commands of content/platforms/dovecot_postfix.yaml
          one.why = *missing;
        } else if (offer.capability == "account.block" || offer.capability == "password.reset") {
          if (const auto remark = remark_on(other_ways(*platform_.host, platform_.setup, {}))) one.why = *remark;
        }
        out.push_back(std::move(one));
      }
    return out;
  }

  Result<Plan> plan(const Order& order) override {
    const std::lock_guard lock(mutex_);
    auto* group = group_of(order.capability);
    return group == nullptr ? not_offered(order.capability) : group->plan(order);
  }
  Result<Plan> plan_undo(const Plan& plan, std::string_view prior) override {
    const std::lock_guard lock(mutex_);
    auto* group = group_of(plan.order.capability);
    if (group == nullptr) return not_offered(plan.order.capability);
    const auto value = json::parse(prior, {std::size_t{256} << 20, 16});
    if (!value || !value->is_object() || text_of(*value, "schema") != "digue.dovecot/1" ||
        text_of(*value, "capability") != plan.order.capability)
      return no_prior();
    return group->plan_undo(plan, *value);
  }
  Result<Stand> stand(const Plan& plan, const Step& step) override {
    const std::lock_guard lock(mutex_);
    auto* group = group_of(plan.order.capability);
    return group == nullptr ? not_offered(plan.order.capability) : group->stand(plan, step);
  }
  Result<std::string> apply(const Plan& plan, const Step& step) override {
    const std::lock_guard lock(mutex_);
    auto* group = group_of(plan.order.capability);
    return group == nullptr ? not_offered(plan.order.capability) : group->apply(plan, step);
  }
  Result<std::vector<Probe>> verify(const Plan& plan) override {
    const std::lock_guard lock(mutex_);
    auto* group = group_of(plan.order.capability);
    return group == nullptr ? not_offered(plan.order.capability) : group->verify(plan);
  }
  Result<void> collect(const Order& order, const Take& take) override {
    const std::lock_guard lock(mutex_);
    auto* group = group_of(order.capability);
    return group == nullptr ? not_offered(order.capability) : group->collect(order, take);
  }

 private:
  Group* group_of(std::string_view capability) const {
    for (const auto& group : groups_)
      for (const auto& offer : group->offers())
        if (offer.capability == capability) return group.get();
    return nullptr;
  }

  Health health_of(const std::set<std::string, std::less<>>& commands) const {
    Health out;
    out.commands = commands;
    if (platform_.setup.passwd_file.empty()) {
      out.passwd = says("dovecot.no_passwd_file");
    } else {
      const auto listed = PasswdFile(*platform_.host, platform_.setup).listed();
      if (!listed)
        out.passwd = both(listed.error());
      else if (!*listed)
        out.passwd = says("dovecot.not_listed", {{"file", platform_.setup.passwd_file}});
    }
    for (const auto& door : platform_.setup.doors) {
      if (door.state == Door::State::unset)
        out.doors.emplace(door.protocol, says("dovecot.door.missing", {{"protocol", std::string(door.protocol)}}));
      else if (door.state == Door::State::set)
        if (const auto reached = reach(door, platform_.setup); !reached) out.doors.emplace(door.protocol, both(reached.error()));
    }
    if (platform_.setup.quarantine.empty())
      out.quarantine = says("dovecot.no_quarantine");
    else if (const auto account = platform_.doveadm.account(platform_.setup.quarantine); !account)
      out.quarantine = both(account.error());
    return out;
  }

  Platform platform_;
  std::vector<std::unique_ptr<Group>> groups_;
  std::vector<Offer> offers_;
  std::mutex mutex_;
};

}  // namespace

Result<Plan> Group::plan(const Order& order) {
  return not_offered(order.capability);
}
Result<Plan> Group::plan_undo(const Plan& plan, const json::Value&) {
  return fail(ErrorCode::bad_input, tr("dovecot.no_undo"), plan.order.capability);
}
Result<Stand> Group::stand(const Plan& plan, const Step&) {
  return not_offered(plan.order.capability);
}
Result<std::string> Group::apply(const Plan& plan, const Step&) {
  return not_offered(plan.order.capability);
}
Result<std::vector<Probe>> Group::verify(const Plan& plan) {
  return not_offered(plan.order.capability);
}
Result<void> Group::collect(const Order& order, const Connector::Take&) {
  return not_offered(order.capability);
}

std::optional<Localized> lacking(const Health& health, std::initializer_list<std::string_view> commands) {
  for (const auto command : commands)
    if (!health.commands.contains(command)) return says("dovecot.unknown_method", {{"command", std::string(command)}});
  return std::nullopt;
}

tl::unexpected<Error> changed_meanwhile(const Step& step) {
  return fail(ErrorCode::conflict, tr("dovecot.changed"), step.object, tr("dovecot.changed.help"));
}
tl::unexpected<Error> no_prior() {
  return fail(ErrorCode::bad_input, tr("dovecot.no_prior"));
}

Result<std::unique_ptr<Connector>> connector_of(Setup setup, std::unique_ptr<connect::Host> host) {
  return std::make_unique<DovecotConnector>(std::move(setup), std::move(host));
}

}  // namespace digue::dovecot

namespace digue::connect {

using containment::Maker;
using Type = containment::Setting::Type;
extern const Maker dovecot;
const Maker dovecot{
    "dovecot",
    {"api_key", "identity"},
    {
        {"url", Type::text, true},
        {"ca_file"},
        {"pin"},
        {"proxy"},
        {"connect_seconds", Type::number},
        {"seconds", Type::number},
        {"imap"},
        {"imap_tls", Type::choice, false, {"starttls", "implicit", "plain"}},
        {"pop3"},
        {"pop3_tls", Type::choice, false, {"starttls", "implicit", "plain"}},
        {"managesieve"},
        {"managesieve_tls", Type::choice, false, {"starttls", "implicit", "plain"}},
        {"submission"},
        {"submission_tls", Type::choice, false, {"starttls", "implicit", "plain"}},
        {"door_ca_file"},
        {"passwd_file"},
        {"quarantine"},
        {"accounts", Type::list},
        {"directory"},
        {"host"},
        {"port", Type::number},
        {"user"},
        {"host_key"},
        {"helper"},
        {"sudo", Type::flag},
    },
    [](const containment::Settings& settings) -> Result<std::unique_ptr<containment::Connector>> {
      auto setup = dovecot::setup_of(settings);
      if (!setup) return tl::make_unexpected(setup.error());
      std::unique_ptr<Host> host;
      const auto given = [&](const char* name) {
        const auto* value = settings.values.if_contains(name);
        return value != nullptr && *value != json::Value("");
      };
      if (!setup->passwd_file.empty() || given("host") || given("helper")) {
        const auto identity = settings.secrets.find("identity");
        auto made = host_of(settings.values, identity == settings.secrets.end() ? std::string() : identity->second);
        if (!made) return tl::make_unexpected(made.error());
        host = std::move(*made);
      }
      return dovecot::connector_of(std::move(*setup), std::move(host));
    },
};

}  // namespace digue::connect
