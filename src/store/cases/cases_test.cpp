#include "store/cases/cases.hpp"

#include <doctest/doctest.h>

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <thread>

#include "base/files.hpp"
#include "store/cases/contract_test.hpp"

using namespace digue;
using namespace digue::store;

// Written against the interface: another database joins in contract_test.cpp.
namespace {

incident::Incident new_incident(std::string id) {
  incident::Incident out;
  out.id = std::move(id);
  out.title = "Boîte compromise";
  out.created = UtcMicros{1'773'086'400'000'000};
  out.created_by = "A. Roche";
  return out;
}

journal::Draft line(std::string text) {
  journal::Draft out;
  out.event_time = UtcMicros{1'773'086'400'000'000};
  out.zone = "Europe/Paris";
  out.body.author = "A. Roche";
  out.body.text = std::move(text);
  return out;
}

incident::Exhibit plain(std::string id) {
  incident::Exhibit out;
  out.id = std::move(id);
  out.name = "a";
  out.bytes = 1;
  out.sha256 = std::string(64, 'a');
  return out;
}

Result<Entry> append(CaseStore& store, const std::string& incident, const journal::Draft& draft) {
  Result<Entry> out = fail(ErrorCode::internal, "not run");
  const auto done = store.write([&](CaseWriter& writer) -> Result<void> {
    out = writer.append(incident, draft, now());
    if (!out) return tl::make_unexpected(out.error());
    return {};
  });
  if (!done) return tl::make_unexpected(done.error());
  return out;
}

void must_write(CaseStore& store, const CaseStore::Writing& work) {
  const auto done = store.write(work);
  INFO((done ? std::string() : done.error().message));
  REQUIRE(done);
}

JournalPage journal_of(CaseStore& store, const std::string& incident, std::int64_t after = 0, std::int64_t limit = 1000,
                       const std::string& words = {}) {
  JournalPage page;
  REQUIRE(store.read([&](CaseReader& reader) -> Result<void> {
    auto got = reader.journal(incident, after, limit, {.words = words});
    if (!got) return tl::make_unexpected(got.error());
    page = std::move(*got);
    return {};
  }));
  return page;
}

incident::Task task(std::string id, std::string target) {
  incident::Task out;
  out.id = std::move(id);
  out.action = "1.a";
  out.target = std::move(target);
  return out;
}

}  // namespace

TEST_CASE("incidents are numbered by year and read back after the store was closed") {
  const ContractDatabase database;
  {
    auto store = database.open().value();
    for (const auto* id : {"a", "b"})
      must_write(*store, [&](CaseWriter& writer) -> Result<void> {
        auto added = writer.add_incident(new_incident(id));
        if (!added) return tl::make_unexpected(added.error());
        return {};
      });
  }
  auto store = database.open().value();
  REQUIRE(store->read([](CaseReader& reader) -> Result<void> {
    CHECK(reader.incident("a")->reference == "2026-001");
    CHECK(reader.incident("b")->reference == "2026-002");
    CHECK(reader.incident("b")->title == "Boîte compromise");
    CHECK_FALSE(reader.incident("b")->severity);
    CHECK(reader.incident("c").error().code == ErrorCode::not_found);
    CHECK(reader.incidents()->size() == 2);
    return {};
  }));
}

TEST_CASE("journal lines: numbers without gap, search, pages, rectification, tombstone") {
  const ContractDatabase database;
  auto store = database.open().value();
  must_write(*store, [](CaseWriter& writer) -> Result<void> {
    REQUIRE(writer.add_incident(new_incident("i")));
    REQUIRE(writer.add_incident(new_incident("other")));
    return {};
  });
  for (int i = 1; i <= 5; ++i) REQUIRE(append(*store, "i", line("Ligne 100% n_" + std::to_string(i)))->header.seq == i);
  CHECK(append(*store, "other", line("ailleurs"))->header.seq == 1);
  CHECK_FALSE(append(*store, "absent", line("x")));
  CHECK_FALSE(append(*store, "i", line("")));

  auto page = journal_of(*store, "i", 1, 2);
  CHECK(page.entries.size() == 2);
  CHECK(page.entries[0].header.seq == 2);
  CHECK(page.more);
  CHECK(page.size == 5);
  CHECK(journal_of(*store, "i", 0, 9, "100% N_3").entries.size() == 1);
  CHECK(journal_of(*store, "i", 0, 9, "100_").entries.empty());
  CHECK(append(*store, "other", line(std::string("avant\0Derrière", 15)))->header.seq == 2);
  CHECK(journal_of(*store, "other", 0, 9, "DERRI").entries.size() == 1);

  auto fix = line("Rectifie : ligne 2");
  fix.rectifies = 2;
  CHECK(append(*store, "i", fix)->header.seq == 6);
  CHECK(append(*store, "i", fix).error().code == ErrorCode::conflict);
  fix.rectifies = 99;
  CHECK(append(*store, "i", fix).error().code == ErrorCode::not_found);
  page = journal_of(*store, "i");
  CHECK(page.entries[1].rectified_by == 6);
  CHECK(page.entries[1].body->text == "Ligne 100% n_2");
  CHECK(page.entries[5].header.rectifies == 2);

  const auto leaf = page.entries[2].leaf;
  must_write(*store, [](CaseWriter& writer) { return writer.destroy_body("i", 3); });
  page = journal_of(*store, "i");
  CHECK(page.size == 6);
  CHECK_FALSE(page.entries[2].body);
  CHECK(page.entries[2].leaf == leaf);
  CHECK(journal_of(*store, "i", 0, 9, "n_3").entries.empty());
}

TEST_CASE("the database itself refuses to change or drop what was written, and damage is told") {
  const ContractDatabase database;
  {
    auto store = database.open().value();
    must_write(*store, [](CaseWriter& writer) -> Result<void> {
      REQUIRE(writer.add_incident(new_incident("i")));
      REQUIRE(writer.append("i", line("un"), now()));
      REQUIRE(writer.append("i", line("deux"), now()));
      return {};
    });
  }
  auto raw = database.raw();
  CHECK_FALSE(raw->run("UPDATE journal_entries SET header = '{}'"));
  CHECK_FALSE(raw->run("DELETE FROM journal_entries"));
  CHECK_FALSE(raw->run("UPDATE journal_bodies SET body = '{}'"));
  REQUIRE(database.unguarded()->run("UPDATE journal_bodies SET body = replace(body, 'deux', 'trois') WHERE seq = 2"));
  auto store = database.open().value();
  REQUIRE(store->read([](CaseReader& reader) -> Result<void> {
    CHECK_FALSE(reader.entry("i", 1)->damaged);
    const auto damaged = reader.entry("i", 2).value();
    CHECK(damaged.damaged);
    CHECK_FALSE(damaged.body);
    return {};
  }));
}

TEST_CASE("a failed work leaves nothing, and nothing of its neighbours is lost") {
  const ContractDatabase database;
  auto store = database.open().value();
  must_write(*store, [](CaseWriter& writer) -> Result<void> {
    REQUIRE(writer.add_incident(new_incident("i")));
    return {};
  });
  std::atomic<int> acknowledged{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 20; ++i) {
        const bool bad = i % 4 == 3;
        const auto done = store->write([&](CaseWriter& writer) -> Result<void> {
          const auto entry = writer.append("i", line(std::to_string(t) + "/" + std::to_string(i)), now());
          if (!entry) return tl::make_unexpected(entry.error());
          if (bad && i % 8 == 3) return fail(ErrorCode::conflict, "changed its mind");
          if (bad) throw std::runtime_error("thrown");
          return {};
        });
        if (done) ++acknowledged;
      }
    });
  for (auto& thread : threads) thread.join();
  CHECK(acknowledged == 8 * 15);
  const auto page = journal_of(*store, "i");
  REQUIRE(page.size == 8 * 15);
  for (std::size_t i = 0; i < page.entries.size(); ++i) CHECK(page.entries[i].header.seq == static_cast<std::int64_t>(i) + 1);
}

TEST_CASE("qualifications, capabilities, stages and workstations come back as given, qualifications for ever") {
  const ContractDatabase database;
  auto store = database.open().value();
  incident::Qualification one;
  one.version = 1;
  one.at = UtcMicros{5};
  one.by = "A. Roche";
  one.answers = {{"confirmed", incident::Answer::yes}, {"ongoing", incident::Answer::unknown}};
  one.judged = {incident::Judgement::high, incident::Judgement::unknown, incident::Judgement::low};
  one.judgements = {incident::Judgement::high, incident::Judgement::high, incident::Judgement::low};
  one.note = "« vu » au standard";
  one.suggested = "major";
  one.severity = "crisis";
  one.severity_reason = "direction";
  one.confirmed = true;
  one.started = UtcMicros{3};
  one.minutes = 45;
  must_write(*store, [&](CaseWriter& writer) -> Result<void> {
    REQUIRE(writer.add_incident(new_incident("i")));
    REQUIRE(writer.add_qualification("i", one));
    CHECK_FALSE(writer.add_qualification("i", one));
    REQUIRE(writer.set_severity("i", "crisis", true));
    CHECK(writer.set_severity("absent", "crisis", true).error().code == ErrorCode::not_found);
    REQUIRE(writer.put_capability("i", {"log_access", incident::Answer::unknown, UtcMicros{1}, "A"}));
    REQUIRE(writer.put_capability("i", {"log_access", incident::Answer::no, UtcMicros{2}, "B"}));
    REQUIRE(writer.open_stage("i", {"containment", UtcMicros{1}, "A", {}, ""}));
    CHECK(writer.open_stage("i", {"containment", UtcMicros{2}, "A", {}, ""}).error().code == ErrorCode::conflict);
    REQUIRE(writer.close_stage("i", "containment", UtcMicros{3}, "B"));
    CHECK(writer.close_stage("i", "containment", UtcMicros{4}, "B").error().code == ErrorCode::conflict);
    REQUIRE(writer.open_stage("i", {"containment", UtcMicros{5}, "C", {}, ""}));
    REQUIRE(writer.add_workstation("i", {"PC-1", "x@ch-exemple.fr", UtcMicros{1}, "A"}));
    CHECK(writer.add_workstation("i", {"PC-1", "", UtcMicros{2}, "A"}).error().code == ErrorCode::conflict);
    return {};
  });
  REQUIRE(store->read([&](CaseReader& reader) -> Result<void> {
    const auto versions = reader.qualifications("i").value();
    REQUIRE(versions.size() == 1);
    const auto& back = versions.front();
    CHECK(back.answers == one.answers);
    CHECK(back.judged == one.judged);
    CHECK(back.judgements == one.judgements);
    CHECK(back.note == one.note);
    CHECK(back.suggested == one.suggested);
    CHECK(back.severity == one.severity);
    CHECK(back.severity_reason == one.severity_reason);
    CHECK(back.confirmed);
    CHECK(back.started == one.started);
    CHECK(back.minutes == 45);
    CHECK(reader.incident("i")->severity == "crisis");
    CHECK(reader.incident("i")->confirmed);
    REQUIRE(reader.capabilities("i")->size() == 1);
    CHECK(reader.capabilities("i")->front().answer == incident::Answer::no);
    const auto spans = reader.stage_spans("i").value();
    REQUIRE(spans.size() == 2);
    CHECK(spans[0].closed == UtcMicros{3});
    CHECK(spans[0].closed_by == "B");
    CHECK_FALSE(spans[1].closed);
    CHECK(reader.workstations("i")->front().account == "x@ch-exemple.fr");
    return {};
  }));
  CHECK_FALSE(database.raw()->run("UPDATE qualifications SET version = 2"));
  CHECK_FALSE(database.raw()->run("DELETE FROM qualifications"));
  if (database.is_postgres()) CHECK_FALSE(database.raw()->run("TRUNCATE qualifications"));
}

TEST_CASE("an exhibit without its journal line is not taken in") {
  const ContractDatabase database;
  auto store = database.open().value();
  must_write(*store, [](CaseWriter& writer) -> Result<void> {
    REQUIRE(writer.add_incident(new_incident("i")));
    return {};
  });
  CHECK_FALSE(store->write([](CaseWriter& writer) -> Result<void> {
    const auto told = writer.take_in("i", plain("x1"), {}, line(" "));
    return told ? Result<void>() : tl::make_unexpected(told.error());
  }));
  REQUIRE(store->read([](CaseReader& reader) -> Result<void> {
    CHECK(reader.exhibits("i")->empty());
    CHECK(reader.custody("i")->empty());
    CHECK(reader.acquisitions("i")->empty());
    return {};
  }));
}

TEST_CASE("custody events from before they were chained get their number and hash from their order") {
  const ContractDatabase database;
  auto store = database.open().value();
  must_write(*store, [](CaseWriter& writer) -> Result<void> {
    REQUIRE(writer.add_incident(new_incident("i")));
    REQUIRE(writer.take_in("i", plain("x1"), {}, line("Pièce reçue")));
    return {};
  });
  {
    auto raw = database.raw();
    REQUIRE(raw->run("INSERT INTO custody(incident, exhibit, at, who, what, detail) VALUES('i', 'x1', 7, 'A. Roche', 'viewed', '')"));
    CHECK_FALSE(raw->run("UPDATE custody SET who = 'x'"));
    CHECK_FALSE(raw->run("DELETE FROM acquisitions"));
  }
  must_write(*store, [](CaseWriter& writer) -> Result<void> {
    REQUIRE(writer.add_custody("i", {"x1", UtcMicros{9}, "A. Roche", "viewed", ""}));
    const auto custody = writer.custody("i").value();
    REQUIRE(custody.size() == 4);
    for (std::size_t at = 0; at < custody.size(); ++at) {
      CHECK(custody[at].number == static_cast<std::int64_t>(at) + 1);
      CHECK(custody[at].hash == incident::custody_hash("i", custody[at], at == 0 ? "" : custody[at - 1].hash));
    }
    return {};
  });
}

TEST_CASE("exhibits, custody, accounts, tasks, pins, jobs and stories come back as given") {
  const ContractDatabase database;
  auto store = database.open().value();
  must_write(*store, [](CaseWriter& writer) -> Result<void> {
    REQUIRE(writer.add_incident(new_incident("i")));
    return {};
  });
  must_write(*store, [](CaseWriter& writer) -> Result<void> {
    incident::Exhibit exhibit{"x1", "logs/ual.csv", 12, std::string(64, 'a'), UtcMicros{5}, "A. Roche", "upload", {}, {}, {}, "received"};
    exhibit.sha512 = std::string(128, 'b');
    const incident::Acquisition acquisition{"A. Roche", UtcMicros{4}, "srv-mail-01", "RSSI", "export", "doveadm", "2.3", "", ""};
    const auto told = writer.take_in("i", exhibit, acquisition, line("Pièce reçue"));
    REQUIRE(told);
    const auto custody = writer.custody("i").value();
    REQUIRE(custody.size() == 2);
    CHECK(custody[0].what == "received");
    CHECK(custody[0].digest == exhibit.sha256);
    CHECK(custody[1].what == "recorded");
    CHECK(custody[1].hash == incident::custody_hash("i", custody[1], custody[0].hash));
    CHECK(told->body->links == std::vector<journal::Link>{{"exhibit", "x1"}, {"custody", custody[1].hash}});
    CHECK(writer.acquisitions("i")->front().record.source == "srv-mail-01");
    auto derived = exhibit;
    derived.id = "x2";
    derived.parents = {"absent"};
    CHECK_FALSE(writer.take_in("i", derived, acquisition, line("Dérivée")));
    exhibit.format = "microsoft365.ual";
    exhibit.records = 3;
    exhibit.rejected = 1;
    exhibit.state = "analysed";
    REQUIRE(writer.set_exhibit_findings("i", exhibit));
    CHECK(writer.set_exhibit_findings("other", exhibit).error().code == ErrorCode::not_found);
    incident::CustodyEvent lent{"x1", UtcMicros{6}, "A. Roche", "transferred", "en main propre"};
    lent.recipient = "B. Diop";
    CHECK(writer.add_custody("i", lent)->number == 3);
    CHECK_FALSE(writer.add_custody("i", {"absent", UtcMicros{6}, "A. Roche", "received", ""}));
    derived.parents = {"x1"};
    derived.transformation = "extraction";
    REQUIRE(writer.take_in("i", derived, acquisition, line("Dérivée")));
    CHECK(writer.last_custody("i", "x1", "A. Roche", "derived").value()->detail == "-> x2: extraction");
    CHECK_FALSE(writer.last_custody("i", "x1", "B. Diop", "derived").value());
    REQUIRE(writer.add_acquisition("i", {"x1", acquisition, UtcMicros{8}, "B. Diop", "heure corrigée"}));
    REQUIRE(writer.add_waiver({UtcMicros{1}, "A. Roche", "poste de secours"}));
    incident::Package package{"p1", "j1", "zip", "", "Parquet", "enquête", "amber", UtcMicros{9}, "A. Roche", 0, "", true};
    REQUIRE(writer.put_package("i", package));
    package.bytes = 12;
    package.sha256 = "cc";
    REQUIRE(writer.put_package("i", package));
    REQUIRE(writer.put_account("i", {"c.moreau@ch-exemple.fr", "person", {}, true}, UtcMicros{1}));
    REQUIRE(writer.put_account("i", {"c.moreau@ch-exemple.fr", "person", "compromised", true}, UtcMicros{2}));
    REQUIRE(writer.add_task("i", task("t1", "")));
    REQUIRE(writer.add_task("i", task("t2", "c.moreau@ch-exemple.fr")));
    CHECK_FALSE(writer.add_task("i", task("t3", "")));
    return {};
  });
  must_write(*store, [](CaseWriter& writer) -> Result<void> {
    auto changed = task("t2", "c.moreau@ch-exemple.fr");
    changed.state = incident::TaskState::refused;
    changed.owner = "B. Diop";
    changed.reason = "soins";
    changed.changed = UtcMicros{9};
    changed.due = UtcMicros{10};
    changed.due_set = true;
    changed.proof = "relu";
    changed.outcomes = {"cause-found", "account-found"};
    changed.effect = incident::Effect::in_force;
    changed.review = UtcMicros{11};
    changed.reopened = {"7.b", "cause-found"};
    REQUIRE(writer.set_task("i", changed));
    REQUIRE(writer.add_pin("i", {"p1", "ip", "198.51.100.23", "attacker", "vu", UtcMicros{3}, "A. Roche"}));
    CHECK(writer.add_pin("i", {"p2", "ip", "198.51.100.23", "user", "vu", UtcMicros{3}, "A. Roche"}).error().code == ErrorCode::conflict);
    REQUIRE(writer.remove_pin("i", "p1", UtcMicros{4}, "A. Roche", "erreur"));
    REQUIRE(writer.add_pin("i", {"p2", "ip", "198.51.100.23", "user", "vu", UtcMicros{3}, "A. Roche"}));
    incident::Job job{"j1", "i", "analysis", "queued", 0, 10, UtcMicros{7}, {}, {}, {}, "A. Roche"};
    REQUIRE(writer.put_job(job));
    job.state = "failed";
    job.error = "tué";
    job.ended = UtcMicros{8};
    CHECK(writer.open_jobs()->size() == 1);
    REQUIRE(writer.put_job(job));
    CHECK(writer.open_jobs()->empty());
    REQUIRE(writer.add_story("i", {1, UtcMicros{1}, "{}", {}}));
    REQUIRE(writer.add_story("i", {2, UtcMicros{2}, "{\"a\":1}", {{"x1", "a.csv"}, {"", "?"}}}));
    return {};
  });
  REQUIRE(store->read([](CaseReader& reader) -> Result<void> {
    CHECK(reader.exhibit("i", "x1")->format == "microsoft365.ual");
    CHECK(reader.exhibit("i", "x1")->records == 3);
    CHECK(reader.exhibits("i")->front().state == "analysed");
    CHECK(reader.custody("i")->front().what == "received");
    CHECK(reader.custody("i")->at(2).recipient == "B. Diop");
    CHECK(reader.exhibit("i", "x1")->sha512 == std::string(128, 'b'));
    CHECK(reader.exhibit("i", "x2")->parents == std::vector<std::string>{"x1"});
    REQUIRE(reader.acquisitions("i")->size() == 3);
    CHECK(reader.acquisitions("i")->back().reason == "heure corrigée");
    CHECK(reader.waivers()->front().reason == "poste de secours");
    REQUIRE(reader.packages("i")->size() == 1);
    CHECK(reader.packages("i")->front().bytes == 12);
    CHECK(reader.holds(std::string(64, 'a')).value());
    CHECK_FALSE(reader.holds(std::string(64, 'b')).value());
    CHECK(reader.accounts("i")->size() == 1);
    CHECK(reader.accounts("i")->front().verdict == "compromised");
    CHECK(reader.tasks("i")->at(1).state == incident::TaskState::refused);
    const auto kept = reader.tasks("i")->at(1);
    CHECK(kept.reason == "soins");
    CHECK(kept.due == UtcMicros{10});
    CHECK(kept.due_set);
    CHECK(kept.proof == "relu");
    CHECK(kept.outcomes == std::vector<std::string>{"cause-found", "account-found"});
    CHECK(kept.effect == incident::Effect::in_force);
    CHECK(kept.review == UtcMicros{11});
    CHECK(kept.reopened == incident::Reopening{"7.b", "cause-found"});
    CHECK_FALSE(reader.tasks("i")->at(0).due);
    CHECK(reader.pins("i")->size() == 1);
    CHECK(reader.pins("i")->front().actor == "user");
    CHECK(reader.job("i", "j1")->error == "tué");
    CHECK(reader.job("i", "j9").error().code == ErrorCode::not_found);
    CHECK(reader.story("i")->version == 2);
    CHECK(reader.story("i")->analysis == "{\"a\":1}");
    CHECK(reader.story_head("i")->version == 2);
    CHECK(reader.story_head("i")->analysis.empty());
    CHECK(reader.story("i")->inputs == std::vector<incident::StoryInput>{{"x1", "a.csv"}, {"", "?"}});
    CHECK(reader.story("other").error().code == ErrorCode::not_found);
    return {};
  }));
}

TEST_CASE("a database of a newer version is left alone") {
  const ContractDatabase database;
  {
    REQUIRE(database.open());
  }
  REQUIRE(database.raw()->run(database.is_postgres() ? "INSERT INTO digue_schema(step) VALUES(99)" : "PRAGMA user_version=99"));
  CHECK(database.open().error().code == ErrorCode::conflict);
}

TEST_CASE("a file that is no database is refused") {
  std::string file = (std::filesystem::temp_directory_path() / "digue-XXXXXX").string();
  const int made = mkstemp(file.data());
  REQUIRE(made >= 0);
  ::close(made);
  REQUIRE(write_file(file, std::string(4096, 'x')));
  CHECK_FALSE(open_sqlite_cases(file));
  std::filesystem::remove(file);
}

TEST_CASE("texts come back byte by byte and sort by their bytes, whatever they hold") {
  const ContractDatabase database;
  auto store = database.open().value();
  const std::vector<std::string> sorted{std::string("\0nul", 4), "Z", "a", "a b", "ab", "z", "é", "\xFF\xFE", "\xF0\x9F\x98\x80"};
  must_write(*store, [&](CaseWriter& writer) -> Result<void> {
    auto incident = new_incident("i");
    incident.title = std::string(
        "avant\0derrière \xED\xA0\x80 \xEF\xB7\x90"
        "00",
        24);
    REQUIRE(writer.add_incident(incident));
    for (const auto& account : sorted) REQUIRE(writer.put_account("i", {account, "person", {}, true}, UtcMicros{1}));
    CHECK(writer.incident("i")->title == incident.title);
    CHECK(writer.accounts("i")->size() == sorted.size());
    return {};
  });
  REQUIRE(store->read([&](CaseReader& reader) -> Result<void> {
    const auto accounts = reader.accounts("i").value();
    std::vector<std::string> plain;
    for (const auto& account : accounts)
      if (account.account.front() > 0 || account.account == "é") plain.push_back(account.account);
    CHECK(plain == std::vector<std::string>{"Z", "a", "a b", "ab", "z", "é"});
    for (const auto& text : sorted)
      CHECK(std::count_if(accounts.begin(), accounts.end(), [&](const auto& account) { return account.account == text; }) == 1);
    return {};
  }));
}

TEST_CASE("a change that fails takes back itself, and the work may go on") {
  const ContractDatabase database;
  auto store = database.open().value();
  must_write(*store, [](CaseWriter& writer) -> Result<void> {
    REQUIRE(writer.add_incident(new_incident("i")));
    CHECK(writer.add_incident(new_incident("i")).error().code == ErrorCode::conflict);
    CHECK(writer.append("absent", line("x"), now()).error().code == ErrorCode::conflict);
    REQUIRE(writer.append("i", line("un"), now()));
    return {};
  });
  CHECK(journal_of(*store, "i").size == 1);
}

TEST_CASE("a long journal is read while other questions are asked, in one state") {
  const ContractDatabase database;
  auto store = database.open().value();
  must_write(*store, [](CaseWriter& writer) -> Result<void> {
    REQUIRE(writer.add_incident(new_incident("i")));
    for (int i = 1; i <= 450; ++i) REQUIRE(writer.append("i", line("Ligne " + std::to_string(i)), now()));
    return {};
  });
  std::int64_t seen = 0;
  REQUIRE(store->read([&](CaseReader& reader) -> Result<void> {
    return reader.journal_lines("i", 0, INT64_MAX, [&](const journal::StoredLine&) -> Result<void> {
      if (++seen == 200) REQUIRE(append(*store, "i", line("pendant ce temps")));
      CHECK(reader.entry("i", seen)->header.seq == seen);
      CHECK(reader.leaves("i", 401)->size() == 401);
      return {};
    });
  }));
  CHECK(seen == 450);
  CHECK(journal_of(*store, "i", 449, 5).entries.size() == 2);
}
