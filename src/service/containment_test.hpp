#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <thread>

#include "base/crypto/random.hpp"
#include "base/files.hpp"
#include "service/containment.hpp"
#include "service/incidents.hpp"
#include "service/journal.hpp"
#include "service/stores_test.hpp"

/// A workbench with one platform that a test holds in its hands.
namespace digue::service::testing {

using containment::Act;
using containment::Operation;
using containment::Order;
using containment::Plan;
using containment::State;
using containment::Step;

/// What a platform holds, and what goes wrong on the way to it.
struct World {
  std::map<std::string, std::string> objects;
  std::map<std::string, int> applied;  ///< how often each change was made
  std::string account, renamed;        ///< of the last order that was planned; what the platform makes of it
  std::atomic<int> pulses, calls;
  std::atomic<int> cut_at;          ///< the call from which on nothing is answered any more; negative: none
  std::atomic<bool> quiet, effect;  ///< no cache to flush; whether that call still has its effect
  void reset() {
    objects = {{"rule", "active"}, {"share", "anyone"}, {"password", "hash"}};
    applied.clear();
    pulses = calls = 0;
    cut_at = -1;
    quiet = effect = false;
  }
  bool cut() const { return cut_at >= 0 && calls > cut_at; }
};
inline World world;

/// A platform of two objects, and a cache that is flushed. Its state is apart from it, as a server's is.
class Connector final : public containment::Connector {
 public:
  std::string_view kind() const override { return "test"; }
  std::span<const containment::Offer> offers() const override {
    static const std::vector<containment::Offer> all{
        {"rule.disable", {}}, {"rule.list", {}}, {"mail.purge", {}}, {"password.reset", {}}, {"sender.block", {{"sender", true}}}};
    return all;
  }
  Result<std::vector<containment::Readiness>> test() override {
    return std::vector<containment::Readiness>{{"rule.disable", containment::Readiness::Way::automatic, {}}};
  }
  Result<Plan> plan(const Order& order) override {
    if (auto up = call([] {}); !up) return tl::make_unexpected(up.error());
    Plan out;
    out.order = order;
    world.account = order.account;
    if (!world.renamed.empty()) out.order.account = world.renamed;
    json::Object prior;
    for (const auto* name : {"rule", "share"}) {
      prior[name] = world.objects[name];
      if (world.objects[name] != "off") out.steps.push_back(change(name, "off"));
    }
    if (!world.quiet) out.steps.push_back({"cache.flush", "cache", Act::pulse, {}, {}, "flush", {"vide le cache", "flushes the cache"}});
    out.prior = json::canonical(prior);
    if (order.capability == "password.reset") {
      // Another temporary secret each time, that the next step starts from.
      const auto temporary = random_hex(8);
      out.secrets["password"] = std::string("secret-\xff-word", 13);
      out.steps.push_back(change("password", temporary));
      out.steps.push_back(change("password", "locked " + temporary));
      out.steps.back().before = temporary;
    }
    return out;
  }
  Result<Plan> plan_undo(const Plan& plan, std::string_view prior) override {
    if (auto up = call([] {}); !up) return tl::make_unexpected(up.error());
    Plan out;
    out.order = plan.order;
    const auto before = json::parse(prior).value();
    for (const auto* name : {"rule", "share"}) {
      const std::string value(before.at(name).as_string());
      if (world.objects[name] != value) out.steps.push_back(change(name, value));
    }
    out.prior = "undo";
    return out;
  }
  Result<containment::Stand> stand(const Plan&, const Step& step) override {
    if (auto up = call([] {}); !up) return tl::make_unexpected(up.error());
    const auto& now = world.objects[step.object];
    return now == step.before ? containment::Stand::before : now == step.after ? containment::Stand::after : containment::Stand::other;
  }
  Result<std::string> apply(const Plan&, const Step& step) override {
    if (step.act == Act::change && world.objects[step.object] != step.before && !world.cut()) return fail(ErrorCode::conflict, "changed");
    auto up = call([&] {
      if (step.act == Act::pulse) {
        ++world.pulses;
      } else {
        world.objects[step.object] = step.after;
        ++world.applied[step.object];
      }
    });
    if (!up) return tl::make_unexpected(up.error());
    return std::string("OK");
  }
  Result<std::vector<containment::Probe>> verify(const Plan& plan) override {
    if (auto up = call([] {}); !up) return tl::make_unexpected(up.error());
    std::vector<containment::Probe> out;
    for (const auto& step : plan.steps)
      if (step.act == Act::change)
        if (step.object != "password" || step.after.starts_with("locked"))
          out.push_back({step.object, step.after, world.objects[step.object], world.objects[step.object] == step.after, now(), {}, {}});
    return out;
  }
  Result<void> collect(const Order&, const Take& take) override {
    if (auto done = take({"rule.sieve", "log", "list", "redirect \"x\";"}); !done) return done;
    if (world.cut_at == 0) return fail(ErrorCode::io, "cut");
    return take({"other.sieve", "log", "list", "keep;"});
  }

 private:
  static Step change(const std::string& object, const std::string& after) {
    return {"object.set", object, Act::change, world.objects[object], after, "set " + object, {"change " + object, "changes " + object}};
  }
  template <class Effect>
  Result<void> call(Effect effect) {
    const int number = world.calls++;
    if (world.cut_at >= 0 && number >= world.cut_at) {
      if (number == world.cut_at && world.effect) effect();
      return fail(ErrorCode::io, "no answer");
    }
    effect();
    return {};
  }
};

inline const containment::Maker maker{
    "test", {"key"}, {{"url"}}, [](const containment::Settings&) -> Result<std::unique_ptr<containment::Connector>> {
      return std::make_unique<Connector>();
    }};
inline const std::array<const containment::Maker*, 1> makers{&maker};

struct Bench : Stores {
  std::atomic<std::int64_t> time{1'790'000'000 * micros_per_second};
  std::unique_ptr<Platforms> platforms;
  std::unique_ptr<Containment> containment;
  std::string incident;
  const Caller pilot{"A. Roche", "p1", {}, "local", true};
  const Caller second{"B. Diop", "p2", {}, "local", true};

  Bench() {
    world.reset();
    platforms =
        std::make_unique<Platforms>(*context, KeyFile::open(folder + "/platforms.key", {1, std::uint64_t{1} << 20}).value(), makers);
    incident = create_incident(*context, pilot, {"Case", "", true, false}).value().incident.id;
    REQUIRE(platforms->put(pilot, {"mail", "test", {{"emergency_accounts", json::Array{"secours@chu.example"}}}, {{"key", "k-e-y"}}}));
    start();
  }
  void start() {
    containment.reset();
    containment = std::make_unique<Containment>(
        *context, *platforms,
        Containment::Options{
            [this] { return UtcMicros{time.load()}; }, {}, std::chrono::milliseconds(1), std::chrono::milliseconds(2), 20});
    containment->start();
  }
  NewOperation wanted(const std::string& capability = "rule.disable") const {
    return {"mail", {capability, "alice@chu.example"}, "alice@chu.example", {}, "phishing", {"f1"}};
  }
  /// A sender, for so many days.
  NewOperation sender_block(std::int64_t days) const {
    auto out = wanted("sender.block");
    out.order = {"sender.block", "", {{"sender", "evil@example.net"}}, UtcMicros{time + days * micros_per_day}};
    return out;
  }
  Operation planned(const std::string& capability = "rule.disable") {
    auto out = containment->plan(pilot, incident, wanted(capability));
    INFO((out ? std::string() : to_text(out.error())));
    REQUIRE(out);
    return *out;
  }
  Operation until(const std::string& id, const std::function<bool(const Operation&)>& good) {
    Operation out;
    for (int i = 0; i < 4000; ++i) {
      out = containment->show(incident, id).value();
      if (good(out)) return out;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    FAIL("it stays " << std::string(containment::name(out.state)) << ": " << out.error);
    return out;
  }
  Operation until(const std::string& id, State state) {
    return until(id, [&](const Operation& one) { return one.state == state; });
  }
  /// Approved by the second person, and verified.
  Operation carried_out(const NewOperation& wanted) {
    const auto one = containment->plan(pilot, incident, wanted);
    INFO((one ? std::string() : to_text(one.error())));
    REQUIRE(one);
    REQUIRE(containment->approve(second, incident, one->id, false, {}));
    return until(one->id, State::verified);
  }
  /// What the journal says of containment, in order.
  std::vector<std::string> told() {
    std::vector<std::string> out;
    REQUIRE(cases->read([&](store::CaseReader& reader) -> Result<void> {
      const auto page = reader.journal(incident, 0, 1000, {}).value();
      for (const auto& entry : page.entries)
        if (entry.header.about.starts_with("operation.")) out.push_back(entry.header.about);
      return {};
    }));
    return out;
  }
};

}  // namespace digue::service::testing
