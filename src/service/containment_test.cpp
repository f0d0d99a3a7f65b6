#include "service/containment.hpp"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <thread>

#include "base/crypto/random.hpp"
#include "base/files.hpp"
#include "service/incidents.hpp"
#include "service/journal.hpp"

using namespace digue;
using namespace digue::service;
using containment::Act;
using containment::Operation;
using containment::Order;
using containment::Plan;
using containment::State;
using containment::Step;

namespace {

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
World world;

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

const containment::Maker maker{
    "test", {"key"}, {{"url"}}, [](const containment::Settings&) -> Result<std::unique_ptr<containment::Connector>> {
      return std::make_unique<Connector>();
    }};
const std::array<const containment::Maker*, 1> makers{&maker};

struct Bench {
  std::string folder = (std::filesystem::temp_directory_path() / "digue-XXXXXX").string();
  std::atomic<std::int64_t> time{1'790'000'000 * micros_per_second};
  std::vector<std::string> leftovers;
  std::unique_ptr<store::CaseStore> cases;
  std::unique_ptr<store::Vault> vault;
  std::unique_ptr<store::EventStore> events;
  std::unique_ptr<store::Documents> documents;
  playbook::Playbook book;
  std::unique_ptr<Context> context;
  std::unique_ptr<Platforms> platforms;
  std::unique_ptr<Containment> containment;
  std::string incident;
  const Caller pilot{"A. Roche", "p1", {}, "local", true};
  const Caller second{"B. Diop", "p2", {}, "local", true};

  Bench() {
    world.reset();
    REQUIRE(mkdtemp(folder.data()) != nullptr);
    cases = store::open_sqlite_cases(folder + "/cases.sqlite").value();
    vault = store::Vault::open(folder + "/vault", [](const std::string&) { return false; }, leftovers).value();
    events = store::open_sqlite_events(folder + "/events").value();
    documents = std::make_unique<store::Documents>(folder + "/documents");
    context =
        std::make_unique<Context>(Context{*cases, *vault, *events, *documents, book, {}, [](std::string_view, const std::string&) {}, {}});
    platforms =
        std::make_unique<Platforms>(*context, KeyFile::open(folder + "/platforms.key", {1, std::uint64_t{1} << 20}).value(), makers);
    incident = create_incident(*context, pilot, {"Case", "", true, false}).value().incident.id;
    REQUIRE(platforms->put(pilot, {"mail", "test", {{"emergency_accounts", json::Array{"secours@chu.example"}}}, {{"key", "k-e-y"}}}));
    start();
  }
  ~Bench() {
    containment.reset();
    cases.reset();
    std::filesystem::remove_all(folder);
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

}  // namespace

TEST_CASE("containment: from the plan to the proof, each arrow in the main courante, prior state sealed first") {
  Bench bench;
  const auto task = store::reading(*bench.cases, [&](store::CaseReader& reader) { return reader.tasks(bench.incident); });
  const auto one = bench.planned();
  CHECK(world.objects["rule"] == "active");
  CHECK(one.state == State::planned);
  CHECK(one.plan.steps.size() == 3);
  REQUIRE(bench.containment->approve(bench.second, bench.incident, one.id, false, {}));
  const auto done = bench.until(one.id, State::verified);
  CHECK(world.objects["rule"] == "off");
  CHECK(world.applied["rule"] == 1);
  CHECK(world.pulses == 1);
  CHECK(done.accepted);
  CHECK(done.proven);
  const auto exhibits = store::reading(*bench.cases, [&](store::CaseReader& reader) { return reader.exhibits(bench.incident); }).value();
  REQUIRE(exhibits.size() == 1);
  CHECK(exhibits[0].id == done.exhibit);
  CHECK(read_file(bench.vault->path_of(exhibits[0].sha256), 1000).value() == "{\"rule\":\"active\",\"share\":\"anyone\"}");
  CHECK(bench.told() == std::vector<std::string>{"operation.planned", "operation.approved", "operation.sealed", "operation.step",
                                                 "operation.step", "operation.step", "operation.verified"});
}

TEST_CASE("containment: cut at any call, with or without its effect, nothing is done twice and the end is the same") {
  for (const bool effect : {false, true})
    for (int cut = 0; cut < 6; ++cut) {
      CAPTURE(effect);
      CAPTURE(cut);
      Bench bench;
      const auto one = bench.planned();
      world.cut_at = world.calls + cut;
      world.effect = effect;
      REQUIRE(bench.containment->approve(bench.second, bench.incident, one.id, false, {}));
      // The cut is met, then the program ends; whatever it was about to do again is not done.
      for (int i = 0; i < 2000 && world.calls <= world.cut_at; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      bench.containment.reset();
      world.cut_at = -1;
      bench.start();
      const auto done = bench.until(one.id, State::verified);
      CHECK(world.applied["rule"] == 1);
      CHECK(world.applied["share"] == 1);
      CHECK(world.objects["share"] == "off");
      CHECK(std::all_of(done.runs.begin(), done.runs.end(), [](const auto& run) { return run.state == containment::StepState::done; }));
    }
}

TEST_CASE("containment: a platform that never answers again leaves what is not known, said") {
  Bench bench;
  const auto one = bench.planned();
  world.cut_at = world.calls + 1;  // the first step
  world.effect = true;
  REQUIRE(bench.containment->approve(bench.second, bench.incident, one.id, false, {}));
  const auto done = bench.until(one.id, State::failed);
  CHECK(done.runs[0].state == containment::StepState::failed);
  CHECK(done.runs[1].state == containment::StepState::pending);
  CHECK(done.error.find("rule") != std::string::npos);
}

TEST_CASE("containment: what changed since the plan is not overwritten") {
  Bench bench;
  const auto one = bench.planned();
  world.objects["share"] = "somebody";
  REQUIRE(bench.containment->approve(bench.second, bench.incident, one.id, false, {}));
  bench.until(one.id, State::failed);
  CHECK(world.objects["rule"] == "active");
  CHECK(world.objects["share"] == "somebody");
  const auto told = bench.told();
  CHECK(std::count(told.begin(), told.end(), "operation.sealed") == 0);
}

TEST_CASE("containment: an undo is an operation of its own, and restores what was sealed") {
  Bench bench;
  const auto one = bench.planned();
  CHECK_FALSE(bench.containment->plan_undo(bench.pilot, bench.incident, one.id, "doute levé"));
  REQUIRE(bench.containment->approve(bench.second, bench.incident, one.id, false, {}));
  bench.until(one.id, State::verified);
  CHECK_FALSE(bench.containment->plan_undo(bench.pilot, bench.incident, one.id, " "));
  const auto undo = bench.containment->plan_undo(bench.pilot, bench.incident, one.id, "doute levé").value();
  CHECK(undo.undoes == one.id);
  CHECK_FALSE(bench.containment->plan_undo(bench.pilot, bench.incident, one.id, "encore"));
  REQUIRE(bench.containment->approve(bench.pilot, bench.incident, undo.id, false, {}));
  bench.until(undo.id, State::verified);
  CHECK(world.objects["rule"] == "active");
  CHECK(world.objects["share"] == "anyone");
  CHECK(bench.containment->show(bench.incident, one.id)->state == State::undone);
  CHECK(bench.told().back() == "operation.verified");
}

TEST_CASE("containment: no undo from bytes that are not the sealed ones") {
  Bench bench;
  const auto one = bench.planned();
  REQUIRE(bench.containment->approve(bench.second, bench.incident, one.id, false, {}));
  const auto done = bench.until(one.id, State::verified);
  const auto exhibit =
      store::reading(*bench.cases, [&](store::CaseReader& reader) { return reader.exhibit(bench.incident, done.exhibit); }).value();
  const auto path = bench.vault->path_of(exhibit.sha256);
  std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  REQUIRE(write_file(path, "{\"rule\":\"active\",\"share\":\"attack\"}"));
  CHECK(bench.containment->plan_undo(bench.pilot, bench.incident, one.id, "doute levé").error().code == ErrorCode::conflict);
}

TEST_CASE("containment: what holds until a date is lifted by itself, also after a restart") {
  Bench bench;
  auto wanted = bench.wanted("sender.block");
  wanted.order.account.clear();
  CHECK_FALSE(bench.containment->plan(bench.pilot, bench.incident, wanted));  // no date
  wanted.order.until = UtcMicros{bench.time + 7 * micros_per_day};
  CHECK_FALSE(bench.containment->plan(bench.pilot, bench.incident, wanted));  // no sender
  wanted.order.parameters["sender"] = "evil@example.net";
  const auto one = bench.containment->plan(bench.pilot, bench.incident, wanted).value();
  REQUIRE(bench.containment->approve(bench.pilot, bench.incident, one.id, false, {}));
  bench.until(one.id, State::verified);
  CHECK_FALSE(bench.platforms->remove(bench.pilot, "mail"));  // what is in force there has to be lifted
  bench.time += 7 * micros_per_day - 1;
  bench.start();
  std::this_thread::sleep_for(std::chrono::milliseconds(30));
  CHECK(world.objects["rule"] == "off");
  bench.time += 2;
  const auto lifted = bench.until(one.id, State::undone);
  CHECK(world.objects["rule"] == "active");
  CHECK(bench.containment->show(bench.incident, lifted.undone_by)->author == "Digue");
}

TEST_CASE("containment: a platform that is away on the day does not keep a block for ever") {
  Bench bench;
  auto wanted = bench.wanted("sender.block");
  wanted.order = {"sender.block", "", {{"sender", "evil@example.net"}}, UtcMicros{bench.time + micros_per_day}};
  const auto one = bench.containment->plan(bench.pilot, bench.incident, wanted).value();
  REQUIRE(bench.containment->approve(bench.pilot, bench.incident, one.id, false, {}));
  bench.until(one.id, State::verified);
  REQUIRE(bench.containment->plan_undo(bench.pilot, bench.incident, one.id, "oubliée"));  // nobody approves it
  world.cut_at = world.calls.load();
  bench.time += micros_per_day + 1;
  bench.until(one.id, [](const Operation& now) { return !now.error.empty(); });
  CHECK(world.objects["rule"] == "off");
  world.cut_at = -1;
  bench.time += 15 * micros_per_minute;
  bench.until(one.id, State::undone);
  CHECK(world.objects["rule"] == "active");
}

TEST_CASE("containment: a platform where nothing was to be done is planned again to prove it") {
  Bench bench;
  world.objects = {{"rule", "off"}, {"share", "off"}, {"password", "hash"}};
  world.quiet = true;
  const auto one = bench.planned();
  REQUIRE(one.plan.steps.empty());
  REQUIRE(bench.containment->approve(bench.second, bench.incident, one.id, false, {}));
  CHECK(bench.until(one.id, State::verified).probes.size() == 1);
  const auto other = bench.planned();
  world.objects["rule"] = "active";  // a colleague, between the plan and its approval
  REQUIRE(bench.containment->approve(bench.second, bench.incident, other.id, false, {}));
  bench.until(other.id, State::failed);
}

TEST_CASE("containment: a check that no longer holds says so") {
  Bench bench;
  const auto one = bench.planned();
  REQUIRE(bench.containment->approve(bench.second, bench.incident, one.id, false, {}));
  bench.until(one.id, State::verified);
  world.objects["share"] = "anyone";  // a synchronisation
  bench.time += 15 * micros_per_minute;
  const auto doubted = bench.until(one.id, [](const Operation& now) { return !now.probes[1].good; });
  CHECK(doubted.state == State::verified);  // one answer can be a bad moment
  bench.time += 31 * micros_per_second;
  const auto done = bench.until(one.id, State::failed);
  CHECK_FALSE(done.probes[1].good);
  CHECK(bench.told().back() == "operation.failed");
}

TEST_CASE("containment: two persons, emergency accounts, dry runs, foreign parameters") {
  Bench bench;
  const auto purge = bench.planned("mail.purge");
  CHECK(bench.containment->approve(bench.pilot, bench.incident, purge.id, false, {}).error().code == ErrorCode::forbidden);
  REQUIRE(bench.containment->approve(bench.pilot, bench.incident, purge.id, true, "seule de garde"));
  bench.until(purge.id, State::verified);

  auto wanted = bench.wanted();
  wanted.order.account = "Secours@chu.example";
  CHECK(bench.containment->plan(bench.pilot, bench.incident, wanted).error().code == ErrorCode::forbidden);
  wanted = bench.wanted();
  wanted.order.parameters["shell"] = "rm";
  CHECK(bench.containment->plan(bench.pilot, bench.incident, wanted).error().where == "shell");
  CHECK_FALSE(bench.containment->plan(bench.pilot, bench.incident, bench.wanted("account.block")));  // not offered
  CHECK_FALSE(bench.containment->plan(bench.pilot, bench.incident, bench.wanted("rule.list")));      // only reads

  world.objects["rule"] = "active";
  const auto one = bench.planned();
  REQUIRE(bench.containment->cancel(bench.pilot, bench.incident, one.id));
  CHECK_FALSE(bench.containment->approve(bench.second, bench.incident, one.id, false, {}));
  const auto two = bench.planned();
  CHECK_FALSE(bench.platforms->put(bench.pilot, {"mail", "test", {{"dry_run", "true"}}, {}}));
  CHECK_FALSE(bench.platforms->put(bench.pilot, {"mail", "test", {{"emergency_accounts", "alice@chu.example"}}, {}}));
  REQUIRE(bench.platforms->put(bench.pilot, {"mail", "test", {{"emergency_accounts", json::Array{"Alice@chu.example"}}}, {}}));
  CHECK(bench.containment->approve(bench.second, bench.incident, two.id, false, {}).error().code == ErrorCode::forbidden);
  REQUIRE(bench.platforms->put(bench.pilot, {"mail", "test", {{"dry_run", true}}, {}}));
  CHECK(bench.containment->approve(bench.second, bench.incident, two.id, false, {}).error().code == ErrorCode::forbidden);
  CHECK(world.objects["rule"] == "active");
}

TEST_CASE("containment: a temporary password is shown once, and stands nowhere in clear") {
  Bench bench;
  const auto one = bench.planned("password.reset");
  CHECK_FALSE(bench.containment->take_password(bench.pilot, bench.incident, one.id));  // not set yet
  REQUIRE(bench.containment->approve(bench.pilot, bench.incident, one.id, false, {}));
  bench.until(one.id, State::verified);
  const auto secret = std::string("secret-\xff-word", 13);
  CHECK(bench.containment->take_password(bench.pilot, bench.incident, one.id).value() == secret);
  CHECK(bench.containment->take_password(bench.pilot, bench.incident, one.id).error().code == ErrorCode::not_found);
  bench.containment.reset();
  for (const auto& entry : std::filesystem::recursive_directory_iterator(bench.folder))
    if (entry.is_regular_file()) {
      const auto bytes = read_file(entry.path(), std::size_t{64} << 20).value();
      CHECK(bytes.find(secret) == std::string::npos);
      CHECK(bytes.find("k-e-y") == std::string::npos);
    }
}

TEST_CASE("containment: evidence is collected into the vault; what came before a cut is kept and told") {
  Bench bench;
  const NewCollection wanted{"mail", {"rule.list", "alice@chu.example"}, "alice@chu.example", {}};
  CHECK(bench.containment->collect(bench.pilot, bench.incident, wanted)->size() == 2);
  world.cut_at = 0;
  const auto cut = bench.containment->collect(bench.pilot, bench.incident, wanted);
  REQUIRE_FALSE(cut);
  CHECK(cut.error().help.find('1') != std::string::npos);
  const auto exhibits = store::reading(*bench.cases, [&](store::CaseReader& reader) { return reader.exhibits(bench.incident); }).value();
  CHECK(exhibits.size() == 3);
}

TEST_CASE("containment: while the key is locked what waits is told so and not given up; unlocked, it goes on") {
  const std::string phrase = "une longue phrase";
  for (const bool lifts : {false, true}) {
    CAPTURE(lifts);
    Bench bench;
    auto wanted = bench.wanted(lifts ? "sender.block" : "rule.disable");
    if (lifts) {
      wanted.order.parameters["sender"] = "a@partner.example";
      wanted.order.until = UtcMicros{bench.time.load() + micros_per_hour};
    }
    const auto one = bench.containment->plan(bench.pilot, bench.incident, wanted).value();
    const auto approve = [&] { REQUIRE(bench.containment->approve(bench.second, bench.incident, one.id, false, {})); };
    if (lifts) {
      approve();
      bench.until(one.id, State::verified);
    }
    REQUIRE(bench.platforms->set_passphrase(bench.pilot, "", phrase)->good);
    REQUIRE(bench.platforms->lock(bench.pilot));
    CHECK(is_locked(bench.containment->plan(bench.pilot, bench.incident, bench.wanted()).error()));
    CHECK(is_locked(bench.platforms->put(bench.pilot, {"mail", "test", {}, {}}).error()));
    CHECK(is_locked(bench.platforms->offers().error()));
    CHECK(bench.platforms->list()->size() == 1);
    bench.start();
    if (!lifts) approve();
    bench.time = bench.time.load() + 2 * micros_per_hour;
    const int before = world.calls;
    const auto count = [&] {
      const auto all = bench.told();
      return std::count(all.begin(), all.end(), "operation.locked");
    };
    for (int i = 0; i < 4000 && count() == 0; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    // Looked at far more often than a platform that does not answer is tried.
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    CHECK(count() == 1);
    CHECK(world.calls == before);
    CHECK(bench.containment->show(bench.incident, one.id)->state == (lifts ? State::verified : State::approved));
    CHECK_FALSE(bench.platforms->unlock(bench.pilot, "une autre phrase")->good);
    CHECK(bench.platforms->locked());
    REQUIRE(bench.platforms->unlock(bench.pilot, phrase)->good);
    bench.until(one.id, lifts ? State::undone : State::verified);
  }
}

TEST_CASE("containment: wrong passphrases are counted and told; after many even the right one waits") {
  Bench bench;
  REQUIRE(bench.platforms->set_passphrase(bench.pilot, "", "une longue phrase")->good);
  REQUIRE(bench.platforms->lock(bench.pilot));
  for (int i = 0; i < 3; ++i) CHECK_FALSE(bench.platforms->unlock(bench.pilot, "une autre phrase")->good);
  const auto failures = [&](people::Failures set, bool write) {
    return store::writing(*bench.cases, [&](store::CaseWriter& writer) -> Result<people::Failures> {
      if (write)
        if (auto put = writer.put_failures("passphrase:platforms", set); !put) return tl::make_unexpected(put.error());
      return writer.failures("passphrase:platforms");
    });
  };
  CHECK(failures({}, false)->count == 3);
  REQUIRE(failures({12, now()}, true));
  CHECK(bench.platforms->unlock(bench.pilot, "une longue phrase")->wait > 0);
  CHECK(bench.platforms->set_passphrase(bench.pilot, "une longue phrase", "")->wait > 0);
  CHECK(bench.platforms->locked());
  REQUIRE(failures({5, {now().value - 2 * micros_per_second}}, true));
  CHECK(bench.platforms->set_passphrase(bench.pilot, "", "courte").error().code == ErrorCode::bad_input);
  CHECK(failures({}, false)->count == 5);  // neither counted nor forgotten
  REQUIRE(failures({5, {now().value - micros_per_hour}}, true));
  REQUIRE(bench.platforms->unlock(bench.pilot, "une longue phrase")->good);
  CHECK(failures({}, false)->count == 0);
  const auto log = store::reading(*bench.cases, [](store::CaseReader& reader) { return reader.security_events(0, 100); }).value();
  std::map<std::string, int> kinds;
  for (const auto& one : log) {
    ++kinds[one.kind];
    CHECK(one.detail.find("phrase") == std::string::npos);
  }
  CHECK(kinds["connectors_passphrase_set"] == 1);
  CHECK(kinds["connectors_locked"] == 1);
  CHECK(kinds["connectors_unlocked"] == 1);
  CHECK(kinds["connectors_unlock_failed"] == 3);
}

TEST_CASE("containment: the platform is asked for an account by the name that it has there") {
  Bench bench;
  const auto set = [&](json::Object settings) { return bench.platforms->put(bench.pilot, {"mail", "test", std::move(settings), {}}); };
  auto wanted = bench.wanted();
  wanted.order.account.clear();
  const auto plan = [&] { return bench.containment->try_plan(bench.incident, wanted); };
  REQUIRE(plan());
  CHECK(world.account == "alice@chu.example");
  CHECK(plan()->notes.empty());
  REQUIRE(set({{"account_form", "without_domain"}}));
  REQUIRE(plan());
  CHECK(world.account == "alice");
  CHECK(plan()->notes.size() == 1);
  REQUIRE(set({{"account_form", "without_domain"}, {"account_names", json::Array{" Alice@chu.example = amartin "}}}));
  REQUIRE(plan());
  CHECK(world.account == "amartin");
  // What the order itself says goes before every rule.
  wanted.order.account = "alice.m";
  REQUIRE(plan());
  CHECK(world.account == "alice.m");
  wanted.order.account.clear();
  for (const auto& bad : {json::Array{"alice"}, json::Array{"=x"}, json::Array{"a="}, json::Array{"a=b", "A=c"}})
    CHECK(set({{"account_names", bad}}).error().where == "account_names");
  CHECK(set({{"account_form", "upper"}}).error().where == "account_form");
}

TEST_CASE("containment: two accounts that a rule makes one are told apart by a person, not guessed") {
  Bench bench;
  REQUIRE(bench.cases->write([&](store::CaseWriter& writer) -> Result<void> {
    for (const auto* account : {"alice@chu.example", "alice@ght.example"})
      if (auto put = writer.put_account(bench.incident, {account, "person", {}, true}, now()); !put) return put;
    return {};
  }));
  const auto set = [&](json::Object settings) { REQUIRE(bench.platforms->put(bench.pilot, {"mail", "test", std::move(settings), {}})); };
  auto wanted = bench.wanted();
  wanted.order.account.clear();
  const auto plan = [&] { return bench.containment->try_plan(bench.incident, wanted); };
  set({{"account_form", "without_domain"}});
  const auto refused = plan();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::conflict);
  CHECK(refused.error().message.find("alice@ght.example") != std::string::npos);
  set({{"account_form", "without_domain"}, {"account_names", json::Array{"alice@ght.example=alice2"}}});
  REQUIRE(plan());
  CHECK(world.account == "alice");
  // One person with two addresses, said by a person.
  set({{"account_names", json::Array{"alice@chu.example=alice", "alice@ght.example=alice"}}});
  REQUIRE(plan());
  CHECK(world.account == "alice");
}

TEST_CASE("containment: an emergency account is not touched under its name on the platform either") {
  Bench bench;
  REQUIRE(bench.platforms->put(
      bench.pilot, {"mail", "test", {{"account_form", "without_domain"}, {"emergency_accounts", json::Array{"it@chu.example"}}}, {}}));
  auto wanted = bench.wanted();
  for (const auto& [account, there, good] : {std::tuple("it@chu.example", "", false), std::tuple("alice@chu.example", "IT", false),
                                             std::tuple("judith@chu.example", "", true), std::tuple("it-2@chu.example", "", true)}) {
    wanted.account = account;
    wanted.order.account = there;
    world.renamed = good ? "" : "bg01";
    CHECK(bench.containment->try_plan(bench.incident, wanted).has_value() == good);
  }
}
