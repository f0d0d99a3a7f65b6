#include "store/cases/keeping.hpp"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "base/folder_test.hpp"
#include "store/cases/cases.hpp"
#include "store/cases/contract_test.hpp"
#include "store/sqlite/database.hpp"

using namespace digue;
using namespace digue::store;
using digue::testing::Folder;

namespace {

SigningKey key_of(char letter) {
  return *SigningKey::from_seed(std::string(32, letter));
}

incident::Incident record(const std::string& id) {
  incident::Incident one;
  one.id = id;
  one.title = "Boîte";
  one.created = UtcMicros{1'800'000'000 * micros_per_second};
  one.created_by = "A. Roche";
  return one;
}

journal::Draft line(const std::string& text) {
  journal::Draft draft;
  draft.event_time = UtcMicros{1'800'000'000 * micros_per_second};
  draft.zone = "Europe/Paris";
  draft.body.author = "A. Roche";
  draft.body.text = text;
  return draft;
}

}  // namespace

TEST_CASE("moving: every table and column of an incident travels, or is known to stay") {
  const Folder folder;
  {
    const auto cases = open_sqlite_cases(folder.path + "/cases.sqlite").value();
  }
  const auto database = sqlite::Database::open(folder.path + "/cases.sqlite", sqlite::Database::Mode::read_only).value();
  std::map<std::string, std::set<std::string>> columns;
  auto query = database.prepare(
      "SELECT m.name, c.name FROM sqlite_schema m, pragma_table_info(m.name) c WHERE m.type = 'table' AND"
      " (EXISTS(SELECT 1 FROM pragma_table_info(m.name) i WHERE i.name = 'incident') OR m.name IN ('incidents', 'establishments'))");
  while (query.step().value()) columns[query.text_at(0)].insert(query.text_at(1));
  // People belong to a workbench, and so do their roles, what they did at its door, and what is due on its platforms.
  const std::set<std::string> staying{"memberships", "security_log", "operation_work"};
  for (const auto& [table, names] : columns) {
    CAPTURE(table);
    if (staying.contains(table)) continue;
    const auto all = moved_tables();
    const auto at = std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.name == table; });
    REQUIRE(at != all.end());
    std::set<std::string> told;
    for (const auto& column : at->columns) told.insert(std::string(column.name));
    // The incident is known, numbers are given anew; both are part of no row.
    auto wanted = names;
    wanted.erase("incident");
    wanted.erase("number");
    CHECK(told == wanted);
  }
  CHECK(columns.size() >= 29);
}

TEST_CASE("moving: rows come out of one store and into another as they were, and prove what they proved") {
  const ContractDatabase database;
  const auto from = database.open(key_of('a')).value();
  REQUIRE(from->write([](CaseWriter& writer) -> Result<void> {
    if (auto added = writer.add_incident(record("00112233445566aa")); !added) return tl::make_unexpected(added.error());
    if (auto put = writer.put_account("00112233445566aa", {"c.moreau@ch-exemple.fr", "person", std::nullopt, true}, UtcMicros{7}); !put)
      return put;
    for (int i = 0; i < 3; ++i)
      if (auto written = writer.append("00112233445566aa", line("ligne " + std::to_string(i)), UtcMicros{i}); !written)
        return tl::make_unexpected(written.error());
    return writer.destroy_body("00112233445566aa", 2);
  }));
  std::vector<std::pair<const MovedTable*, std::string>> all;
  REQUIRE(from->read([&](CaseReader& reader) {
    return reader.incident_rows("00112233445566aa", [&](const MovedTable& table, const std::string& json) -> Result<void> {
      all.emplace_back(&table, json);
      return {};
    });
  }));
  // From one kind of database to the other, where both are.
  const auto other = database.another();
  const auto to = other->open(key_of('b')).value();
  const auto take = [&](CaseWriter& writer) -> Result<void> {
    for (const auto& [table, json] : all)
      if (auto taken = writer.take_row("00112233445566aa", *table, json); !taken) return taken;
    return {};
  };
  REQUIRE(to->write(take));
  CHECK(to->write(take).error().code == ErrorCode::conflict);
  const auto audit = [&] { return reading(*to, [](CaseReader& reader) { return audit_journal(reader, "00112233445566aa"); }).value(); };
  // Nobody here knows the key of the other store yet.
  CHECK_FALSE(audit().good());
  REQUIRE(to->write([](CaseWriter& writer) { return writer.add_origin_key("00112233445566aa", {key_of('a').public_key(), 3, 3}); }));
  CHECK(audit().good());
  CHECK(audit().destroyed == 1);
  REQUIRE(to->write([](CaseWriter& writer) -> Result<void> {
    const auto written = writer.append("00112233445566aa", line("ici"), UtcMicros{9});
    return written ? Result<void>() : tl::make_unexpected(written.error());
  }));
  CHECK(audit().good());
  CHECK(audit().signed_to == 4);
  CHECK(audit().keys.size() == 2);
  CHECK(reading(*to, [](CaseReader& reader) { return reader.accounts("00112233445566aa"); })->front().account == "c.moreau@ch-exemple.fr");
}

TEST_CASE("moving: the key of another workbench is believed for its own range only") {
  const ContractDatabase database;
  // Whoever holds the old key goes on signing: the second checkpoint is beyond what that key may say.
  {
    const auto cases = database.open(key_of('a')).value();
    for (int i = 0; i < 2; ++i)
      REQUIRE(cases->write([&](CaseWriter& writer) -> Result<void> {
        if (i == 0)
          if (auto added = writer.add_incident(record("00112233445566aa")); !added) return tl::make_unexpected(added.error());
        const auto written = writer.append("00112233445566aa", line("x"), UtcMicros{i});
        return written ? Result<void>() : tl::make_unexpected(written.error());
      }));
  }
  REQUIRE(database.raw()->run("DELETE FROM journal_keys"));
  const auto cases = database.open(key_of('b')).value();
  const auto good_until = [&](std::int64_t last) {
    REQUIRE(
        cases->write([&](CaseWriter& writer) { return writer.add_origin_key("00112233445566aa", {key_of('a').public_key(), 1, last}); }));
    return reading(*cases, [](CaseReader& reader) { return audit_journal(reader, "00112233445566aa"); }).value();
  };
  const auto first = good_until(1);
  REQUIRE_FALSE(first.good());
  CHECK(first.problems.front().id == "checkpoint.signature");
  CHECK(first.signed_to == 1);
  CHECK(good_until(2).good());
}

TEST_CASE("moving: a row that is not of its table's form is refused") {
  const ContractDatabase database;
  const auto cases = database.open().value();
  REQUIRE(cases->write([](CaseWriter& writer) -> Result<void> {
    const auto added = writer.add_incident(record("00112233445566aa"));
    return added ? Result<void>() : tl::make_unexpected(added.error());
  }));
  const auto all = moved_tables();
  const auto table = [&](std::string_view name) -> const MovedTable& {
    return *std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.name == name; });
  };
  const auto code = [&](std::string_view name, const char* json) {
    const auto done = cases->write([&](CaseWriter& writer) { return writer.take_row("00112233445566aa", table(name), json); });
    return done ? "taken" : done.error().code == ErrorCode::bad_input ? "bad_input" : "other";
  };
  CHECK(code("stories", R"({"version":1,"computed":2,"analysis":"{}","inputs":"[]"})") == std::string("taken"));
  CHECK(code("stories", R"({"version":"1","computed":2,"analysis":"{}","inputs":"[]"})") == std::string("bad_input"));
  CHECK(code("stories", R"({"version":2,"computed":null,"analysis":"{}","inputs":"[]"})") == std::string("bad_input"));
  CHECK(code("stories", R"({"version":2,"computed":2,"analysis":"{}"})") == std::string("bad_input"));
  CHECK(code("stories", R"({"version":2,"computed":2,"analysis":"{}","inputs":"[]","more":1})") == std::string("bad_input"));
  CHECK(code("stories", R"({"version":2,"computed":2,"analysis":{"hex":"zz"},"inputs":"[]"})") == std::string("bad_input"));
  CHECK(code("stories", R"([1])") == std::string("bad_input"));
  CHECK(code("stories", "{") == std::string("bad_input"));
  CHECK(code("capabilities", R"({"id":"../../x","answer":"yes","at":1,"answered_by":"x"})") == std::string("bad_input"));
  CHECK(
      code(
          "incidents",
          R"({"id":"other","reference":"2026-009","title":"","description":"","created":1,"created_by":"","severity":null,"confirmed":0,"exercise":0,"tlp":"red"})") ==
      std::string("bad_input"));
}

TEST_CASE("keeping: a copy of the database is whole, one file, and says what its exhibits hold") {
  const Folder folder;
  const ContractDatabase database;
  const auto cases = database.open(key_of('a')).value();
  REQUIRE(cases->write([](CaseWriter& writer) -> Result<void> {
    if (auto added = writer.add_incident(record("00112233445566aa")); !added) return tl::make_unexpected(added.error());
    incident::Exhibit exhibit;
    exhibit.id = "x1";
    exhibit.name = "mail.log";
    exhibit.sha256 = std::string(64, 'a');
    const auto taken = writer.take_in("00112233445566aa", exhibit, {}, line("reçue"));
    return taken ? Result<void>() : tl::make_unexpected(taken.error());
  }));
  CHECK(cases->copy_to(folder.path + "/copy").value() == std::vector<std::string>{std::string(64, 'a')});
  CHECK_FALSE(cases->copy_to(folder.path + "/copy"));
  CHECK_FALSE(std::filesystem::exists(folder.path + "/copy-wal"));
  const auto copy = open_sqlite_cases(folder.path + "/copy", key_of('a')).value();
  CHECK(reading(*copy, [](CaseReader& reader) { return audit_journal(reader, "00112233445566aa"); })->good());
  REQUIRE(reading(*copy, [](CaseReader& reader) { return reader.custody("00112233445566aa"); })->size() == 2);
}

TEST_CASE("keeping: of a destroyed incident no word is left in the files of the database, and nothing comes in any more") {
  const ContractDatabase database;
  const auto cases = database.open(key_of('a')).value();
  const std::string id = "00112233445566aa";
  const std::string word = "Zyklamenstrauss";
  REQUIRE(cases->write([&](CaseWriter& writer) -> Result<void> {
    if (auto added = writer.add_incident(record(id)); !added) return tl::make_unexpected(added.error());
    for (int i = 0; i < 40; ++i)
      if (auto written = writer.append(id, line(word + std::string(300, 'x')), UtcMicros{i}); !written)
        return tl::make_unexpected(written.error());
    incident::Qualification one;
    one.version = 1;
    one.note = word;
    REQUIRE(writer.add_qualification(id, one));
    CHECK_FALSE(writer.destroy_body("absent", 1));
    return {};
  }));
  CHECK_FALSE(database.raw()->run("DELETE FROM qualifications"));
  CHECK(database.files_hold(word));
  REQUIRE(cases->write([&](CaseWriter& writer) { return writer.destroy(id, {UtcMicros{50}, "B. Diop", "terme échu", 40, 0}, true); }));
  CHECK(reading(*cases, [](CaseReader& reader) { return reader.uncleaned(); }).value() == std::vector{id});
  REQUIRE(cases->clean());
  CHECK_FALSE(database.files_hold(word));
  REQUIRE(cases->write([&](CaseWriter& writer) { return writer.set_cleaned(id); }));
  const auto audit = reading(*cases, [&](CaseReader& reader) { return audit_journal(reader, id); }).value();
  CHECK(audit.good());
  CHECK(audit.destroyed == 40);
  CHECK_FALSE(cases->write([&](CaseWriter& writer) -> Result<void> {
    incident::Exhibit exhibit;
    exhibit.id = "x1";
    const auto taken = writer.take_in(id, exhibit, {}, line("trop tard"));
    return taken ? Result<void>() : tl::make_unexpected(taken.error());
  }));
}
