#include "service/containment_test.hpp"

#include "service/containment_notes.hpp"

using namespace digue;
using namespace digue::service;
using namespace digue::service::testing;

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
  const auto one = bench.carried_out(wanted);
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

TEST_CASE("containment: a second block of the same sender, found in place, holds to its own date; both end together") {
  Bench bench;
  world.quiet = true;
  const auto first = bench.carried_out(bench.sender_block(1)).id;
  bench.time += 1;
  const auto second = bench.carried_out(bench.sender_block(5)).id;
  bench.time += micros_per_day;
  bench.until(first, [](const Operation& now) {
    return std::any_of(now.dues.begin(), now.dues.end(), [&](const auto& due) {
      return due.what == containment::Due::What::lift && due.at.value > 1'790'000'000 * micros_per_second + 4 * micros_per_day;
    });
  });
  CHECK(world.objects["rule"] == "off");
  const auto told = bench.told();
  CHECK(std::count(told.begin(), told.end(), "operation.lift_waits") == 1);
  bench.time += 5 * micros_per_day;
  bench.until(first, State::undone);
  CHECK(world.objects["rule"] == "active");
  CHECK(bench.until(second, State::undone).undone_by == bench.containment->show(bench.incident, first)->undone_by);
}

TEST_CASE("containment: an undo names what it takes along, and asks for two persons when that did") {
  Bench bench;
  world.quiet = true;
  const auto block = bench.carried_out(bench.wanted("rule.disable"));
  bench.time += 1;
  const auto again = bench.carried_out(bench.wanted("rule.disable"));
  const auto undo = bench.containment->plan_undo(bench.pilot, bench.incident, block.id, "doute levé").value();
  REQUIRE(undo.plan.notes.size() == 1);
  CHECK(undo.plan.notes[0].fr.find(again.id) != std::string::npos);
  CHECK_FALSE(undo.plan.two_persons);
  REQUIRE(bench.containment->approve(bench.pilot, bench.incident, undo.id, false, {}));
  bench.until(undo.id, State::verified);
  CHECK(bench.containment->show(bench.incident, block.id)->state == State::undone);
  CHECK(bench.containment->show(bench.incident, again.id)->undone_by == undo.id);
  CHECK(bench.containment->plan_undo(bench.pilot, bench.incident, undo.id, "refaire").error().code == ErrorCode::conflict);

  const auto purge = bench.carried_out(bench.wanted("mail.purge"));
  bench.time += 1;
  const auto more = bench.carried_out(bench.wanted("mail.purge"));
  const auto both = bench.containment->plan_undo(bench.pilot, bench.incident, purge.id, "erreur").value();
  CHECK(both.plan.two_persons);
  CHECK(bench.containment->approve(bench.pilot, bench.incident, both.id, false, {}).error().code == ErrorCode::forbidden);
}

TEST_CASE("containment: settings that change while an operation waits hold for what was not sent") {
  Bench bench;
  const auto one = bench.planned();
  world.cut_at = world.calls + 1;  // read again before the seal, then the first change is cut
  REQUIRE(bench.containment->approve(bench.second, bench.incident, one.id, false, {}));
  bench.until(one.id, State::applying);
  REQUIRE(bench.platforms->put(bench.pilot, {"mail", "test", {{"dry_run", true}}, {}}));
  world.cut_at = -1;
  const auto ended = bench.until(one.id, State::failed);
  CHECK(std::none_of(ended.runs.begin(), ended.runs.end(), [](const auto& run) { return run.state == containment::StepState::done; }));
  CHECK(world.objects["rule"] == "active");
}

TEST_CASE("containment: while nothing is carried out a lift is not tried again and again, and it is told once") {
  Bench bench;
  const auto one = bench.carried_out(bench.sender_block(1));
  REQUIRE(bench.platforms->put(bench.pilot, {"mail", "test", {{"dry_run", true}}, {}}));
  for (int i = 0; i < 4; ++i) {
    bench.time += i == 0 ? micros_per_day + 1 : 16 * micros_per_minute;
    const auto now = bench.time.load();
    bench.until(one.id, [&](const Operation& seen) { return !seen.dues.empty() && seen.dues.back().at.value > now; });
  }
  CHECK(bench.containment->list(bench.incident)->size() == 1);
  const auto told = bench.told();
  CHECK(std::count(told.begin(), told.end(), "operation.not_lifted") == 1);
  REQUIRE(bench.platforms->put(bench.pilot, {"mail", "test", {}, {}}));
  bench.time += 16 * micros_per_minute;
  bench.until(one.id, State::undone);
}

TEST_CASE("containment: an emergency account that was closed by mistake is given back") {
  Bench bench;
  const auto one = bench.carried_out(bench.wanted());
  REQUIRE(bench.platforms->put(bench.pilot, {"mail", "test", {{"emergency_accounts", json::Array{"alice@chu.example"}}}, {}}));
  const auto undo = bench.containment->plan_undo(bench.pilot, bench.incident, one.id, "compte d’urgence").value();
  REQUIRE(bench.containment->approve(bench.pilot, bench.incident, undo.id, false, {}));
  bench.until(undo.id, State::verified);
  CHECK(world.objects["rule"] == "active");
}

TEST_CASE("containment: who asks for another check is in the main courante; one that a later operation followed says which") {
  Bench bench;
  const auto one = bench.carried_out(bench.wanted());
  REQUIRE(bench.containment->verify(bench.pilot, bench.incident, one.id));
  std::string asked, checked;
  for (int i = 0; i < 4000 && checked.empty(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    REQUIRE(bench.cases->read([&](store::CaseReader& reader) -> Result<void> {
      const auto page = reader.journal(bench.incident, 0, 1000, {}).value();
      for (const auto& entry : page.entries) {
        if (entry.header.about == "operation.verify_asked") asked = entry.body->author;
        if (entry.header.about == "operation.still_holds") checked = entry.body->author;
      }
      return {};
    }));
  }
  CHECK(asked == "A. Roche");
  CHECK(checked == "Digue");
  world.objects["rule"] = "active";
  bench.time += 1;
  const auto later = bench.carried_out(bench.wanted());
  CHECK(bench.containment->verify(bench.pilot, bench.incident, one.id).error().where == later.id);
  bench.time += 16 * micros_per_minute;
  CHECK(bench.until(one.id, [](const Operation& now) { return !now.superseded_by.empty(); }).superseded_by == later.id);
}

TEST_CASE("containment: an emergency account is known as a whole name, not in the names of units and groups") {
  CommonSettings common;
  common.emergency_accounts = {"administrateur", "uid=rescue,ou=people,dc=chu,dc=test"};
  const auto refused = [&](const std::string& account, const std::string& object = {}) {
    Plan plan;
    plan.order.account = account;
    if (!object.empty()) plan.steps.push_back({"x", object, Act::change, {}, {}, {}, {}});
    add_risks(plan, {}, common);
    return !plan.risks.empty();
  };
  CHECK(refused("Administrateur"));
  CHECK(refused("CHU\\Administrateur"));
  CHECK(refused("administrateur@chu.test"));
  CHECK(refused("CN=Administrateur,CN=Users,DC=chu,DC=test"));
  CHECK(refused("alice", "uid=rescue,ou=people,dc=chu,dc=test: password"));
  CHECK_FALSE(refused("alice", "CN=Administrateurs,CN=Builtin,DC=chu,DC=test"));
  CHECK_FALSE(refused("CN=Alice,OU=Administrateur,DC=chu,DC=test"));
  CHECK_FALSE(refused("xadministrateur"));
}

TEST_CASE("containment: the proof of a task is taken from it with what it proved; a task is its own account's") {
  Bench bench;
  for (const auto* account : {"alice@chu.example", "bob@chu.example"}) {
    REQUIRE(add_account(*bench.context, bench.pilot, bench.incident, account, "suspect"));
    incident::Task task;
    task.id = std::string("1.a:") + account;
    task.action = "1.a";
    task.target = account;
    REQUIRE(bench.cases->write([&](store::CaseWriter& writer) { return writer.add_task(bench.incident, task); }));
  }
  const auto task_of = [&](const std::string& account) {
    const auto tasks = store::reading(*bench.cases, [&](store::CaseReader& reader) { return reader.tasks(bench.incident); }).value();
    const auto at = std::find_if(tasks.begin(), tasks.end(), [&](const auto& one) { return one.target == account; });
    REQUIRE(at != tasks.end());
    return *at;
  };
  auto wanted = bench.wanted();
  wanted.task = task_of("bob@chu.example").id;
  CHECK(bench.containment->plan(bench.pilot, bench.incident, wanted).error().where == "task");
  wanted.task = task_of("alice@chu.example").id;
  const auto one = bench.carried_out(wanted);
  CHECK(task_of("alice@chu.example").proof.find(one.id) != std::string::npos);
  const auto undo = bench.containment->plan_undo(bench.pilot, bench.incident, one.id, "doute levé").value();
  REQUIRE(bench.containment->approve(bench.pilot, bench.incident, undo.id, false, {}));
  bench.until(undo.id, State::verified);
  CHECK(task_of("alice@chu.example").proof.find(undo.id) != std::string::npos);
}

TEST_CASE("containment: a platform that is away on the day does not keep a block for ever") {
  Bench bench;
  const auto one = bench.carried_out(bench.sender_block(1));
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
  const auto one = bench.carried_out(bench.wanted());
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
  CHECK(bench.containment->approval_by(bench.second, two) == "dry_run");
  CHECK(world.objects["rule"] == "active");
}

TEST_CASE("containment: a temporary password is shown once, and stands nowhere in clear") {
  Bench bench;
  const auto one = bench.planned("password.reset");
  CHECK_FALSE(bench.containment->take_password(bench.pilot, bench.incident, one.id));  // not set yet
  REQUIRE(bench.containment->approve(bench.pilot, bench.incident, one.id, false, {}));
  bench.until(one.id, State::verified);
  const auto secret = std::string("secret-\xff-word", 13);
  CHECK(bench.containment->show(bench.incident, one.id)->password_left);
  CHECK(bench.containment->take_password(bench.pilot, bench.incident, one.id).value() == secret);
  CHECK_FALSE(bench.containment->show(bench.incident, one.id)->password_left);
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
