#include "store/cases/journal.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <thread>

#include "base/crypto/digest.hpp"
#include "journal/export.hpp"
#include "store/cases/cases.hpp"
#include "store/cases/contract_test.hpp"

using namespace digue;
using namespace digue::store;

// Checkpoints of the journals as a store keeps them.
namespace {

const SigningKey key = SigningKey::from_seed(std::string(32, 'k')).value();

struct Journals {
  ContractDatabase database;
  std::unique_ptr<CaseStore> store;

  Journals() {
    open(key);
    REQUIRE(store->write([](CaseWriter& writer) -> Result<void> {
      for (const auto* id : {"i", "other"}) {
        incident::Incident incident;
        incident.id = id;
        incident.title = "Boîte compromise";
        incident.created = UtcMicros{1'773'086'400'000'000};
        incident.created_by = "A. Roche";
        REQUIRE(writer.add_incident(incident));
      }
      return {};
    }));
  }
  void open(std::optional<SigningKey> with) {
    store.reset();
    store = database.open(std::move(with)).value();
  }

  static journal::Draft draft(std::string text) {
    journal::Draft out;
    out.event_time = UtcMicros{1'773'086'400'000'000};
    out.zone = "Europe/Paris";
    out.body.author = "A. Roche";
    out.body.text = std::move(text);
    return out;
  }

  Result<void> append(const std::string& incident, const std::string& text, bool fails = false) {
    return store->write([&](CaseWriter& writer) -> Result<void> {
      const auto entry = writer.append(incident, draft(text), now());
      if (!entry) return tl::make_unexpected(entry.error());
      if (fails) return fail(ErrorCode::conflict, "changed its mind");
      return {};
    });
  }

  std::vector<StoredCheckpoint> checkpoints(const std::string& incident) {
    return reading(*store, [&](CaseReader& reader) { return reader.checkpoints(incident); }).value();
  }

  journal::Audit audit(const std::string& incident) {
    return reading(*store, [&](CaseReader& reader) { return audit_journal(reader, incident); }).value();
  }

  /// What somebody with the database in hand does.
  void tamper(const std::function<Result<void>(sql::Database&)>& work) {
    store.reset();
    const auto done = work(*database.unguarded());
    INFO((done ? std::string() : done.error().message));
    REQUIRE(done);
    open(key);
  }
};

}  // namespace

TEST_CASE_FIXTURE(Journals, "checkpoints: each acknowledged line is under a signed one, each journal has its own") {
  for (int i = 1; i <= 9; ++i) REQUIRE(append(i % 3 == 0 ? "other" : "i", "Ligne " + std::to_string(i)));
  const auto made = checkpoints("i");
  REQUIRE(made.size() == 6);
  CHECK(made.back().size == 6);
  CHECK(checkpoints("other").size() == 3);
  const auto found = audit("i");
  CHECK(found.good());
  CHECK(found.signed_to == 6);
  CHECK(found.checkpoints == 6);
  CHECK(audit("other").good());
  const auto keys = reading(*store, [](CaseReader& reader) { return reader.journal_keys(); }).value();
  CHECK(keys == std::vector{key.public_key()});
}

TEST_CASE_FIXTURE(Journals, "checkpoints: a work that failed leaves none, also among others in one commit") {
  std::vector<std::thread> threads;
  for (int t = 0; t < 6; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 10; ++i) static_cast<void>(append("i", std::to_string(t) + "/" + std::to_string(i), i % 2 == 1));
    });
  for (auto& thread : threads) thread.join();
  const auto found = audit("i");
  CHECK(found.good());
  CHECK(found.lines == 30);
  CHECK(found.signed_to == 30);
}

TEST_CASE_FIXTURE(Journals, "checkpoints: go on after a new start, with a new key too, and sign what was left unsigned") {
  REQUIRE(append("i", "un"));
  open(std::nullopt);
  REQUIRE(append("i", "deux"));
  CHECK(checkpoints("i").back().size == 1);
  const auto second = SigningKey::from_seed(std::string(32, 's')).value();
  open(second);
  CHECK(checkpoints("i").back().size == 2);
  REQUIRE(append("i", "trois"));
  CHECK(checkpoints("i").back().size == 3);
  CHECK(audit("i").good());
  CHECK(audit("i").keys.size() == 2);
  CHECK(reading(*store, [](CaseReader& reader) { return reader.journal_keys(); })->size() == 2);
}

TEST_CASE_FIXTURE(Journals, "checkpoints: a journal that contradicts its last one is not signed again, and writing goes on") {
  for (int i = 1; i <= 4; ++i) REQUIRE(append("i", "Ligne " + std::to_string(i)));
  const auto forged = journal::seal(journal::header_of(draft("jamais"), "i", 2, now()), draft("jamais").body, std::string(32, 'f'));
  tamper([&](sql::Database& raw) {
    auto entry = raw.prepare("UPDATE journal_entries SET header = ?, body_hash = ?, leaf = ? WHERE seq = 2");
    entry.text(forged.header).blob(bytes_of(forged.body_hash)).blob(bytes_of(forged.leaf));
    auto body = raw.prepare("UPDATE journal_bodies SET body = ?, salt = ? WHERE seq = 2");
    body.text(forged.body).blob(forged.salt);
    const auto done = entry.run();
    return done ? body.run() : done;
  });
  const auto before = checkpoints("i").size();
  REQUIRE(append("i", "Ligne 5"));
  CHECK(checkpoints("i").size() == before);
  const auto found = audit("i");
  REQUIRE_FALSE(found.good());
  CHECK(found.problems.front().id == "checkpoint.root");
  CHECK(found.problems.front().first == 2);
  CHECK(found.problems.front().last == 2);
}

TEST_CASE_FIXTURE(Journals, "checkpoints: lines taken from the end are missed, a hash of another length is damage") {
  for (int i = 1; i <= 4; ++i) REQUIRE(append("i", "Ligne " + std::to_string(i)));
  tamper([](sql::Database& raw) { return raw.run("DELETE FROM journal_bodies WHERE seq = 4; DELETE FROM journal_entries WHERE seq = 4"); });
  CHECK(audit("i").problems.front().id == "checkpoint.missing_lines");
  tamper([](sql::Database& raw) { return raw.prepare("UPDATE journal_entries SET leaf = ? WHERE seq = 1").blob("x").run(); });
  CHECK(audit("i").problems.front().first == 1);
  const auto page = reading(*store, [](CaseReader& reader) { return reader.journal("i", 0, 10, {}); }).value();
  CHECK(page.entries.front().damaged);
  CHECK_FALSE(page.entries.back().damaged);
}

TEST_CASE_FIXTURE(Journals, "checkpoints: copies kept outside are remembered, the tables are append-only") {
  REQUIRE(append("i", "un"));
  REQUIRE(
      store->write([](CaseWriter& writer) { return writer.add_checkpoint_copy("i", {1, "paper", "cahier", UtcMicros{5}, "A. Roche"}); }));
  const auto copies = reading(*store, [](CaseReader& reader) { return reader.checkpoint_copies("i"); }).value();
  REQUIRE(copies.size() == 1);
  CHECK(copies.front().detail == "cahier");
  CHECK(copies.front().size == 1);
  store.reset();
  auto raw = database.raw();
  for (const auto* sql : {"UPDATE journal_checkpoints SET note = ''", "DELETE FROM journal_checkpoints",
                          "UPDATE checkpoint_copies SET how = ''", "DELETE FROM checkpoint_copies"})
    CHECK_FALSE(raw->run(sql));
  open(key);
}
