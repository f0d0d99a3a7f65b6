#include "service/retention.hpp"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "base/assets.hpp"
#include "service/content.hpp"
#include "service/exhibits.hpp"
#include "service/incidents.hpp"
#include "service/journal.hpp"
#include "service/verification.hpp"

using namespace digue;
using namespace digue::service;

namespace {

/// A workbench whose exercises are due as soon as they are closed.
struct Bench {
  std::string folder = (std::filesystem::temp_directory_path() / "digue-XXXXXX").string();
  std::vector<std::string> leftovers;
  std::unique_ptr<store::CaseStore> cases;
  std::unique_ptr<store::Vault> vault;
  std::unique_ptr<store::EventStore> events;
  std::unique_ptr<store::Documents> documents;
  playbook::Playbook book;
  std::unique_ptr<Context> context;
  Caller caller{"A. Roche"};

  Bench() {
    REQUIRE(mkdtemp(folder.data()) != nullptr);
    open();
  }
  ~Bench() {
    cases.reset();
    std::filesystem::remove_all(folder);
  }
  void open() {
    cases.reset();
    cases = store::open_sqlite_cases(folder + "/cases.sqlite", SigningKey::from_seed(std::string(32, 'k'))).value();
    vault = store::Vault::open(
                folder + "/vault",
                [this](const std::string& sha256) { return store::reading(*cases, [&](auto& reader) { return reader.holds(sha256); }); },
                leftovers)
                .value();
    events = store::open_sqlite_events(folder + "/events").value();
    documents = std::make_unique<store::Documents>(folder + "/documents");
    context =
        std::make_unique<Context>(Context{*cases, *vault, *events, *documents, book, {}, [](std::string_view, const std::string&) {}, {}});
    context->retention = load_content(assets()).value().retention;
    for (auto& type : context->retention.types)
      if (type.id == "exercise") type.periods.front().months = 0;
  }
  std::string incident(bool exercise = true) {
    return create_incident(*context, caller, {"Boîte de marqueur-titre", "marqueur-recit", true, exercise}).value().incident.id;
  }
  std::string reference(const std::string& id) { return show_incident(*context, id).value().incident.reference; }
  incident::Exhibit exhibit(const std::string& id, const std::string& bytes) {
    auto upload = receive_exhibit(*context, caller, id, "mail.log").value();
    REQUIRE(upload->write(bytes));
    return upload->finish().value();
  }
  void write(const std::string& id, const std::string& text, const std::string& account = "c.marqueur@ch-exemple.fr") {
    NewLine line;
    line.text = text;
    line.accounts = {account};
    REQUIRE(write_line(*context, caller, id, line));
  }
  /// Files below the folder that hold the text.
  std::vector<std::string> holding(const std::string& text) {
    std::vector<std::string> out;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      if (!entry.is_regular_file()) continue;
      std::ifstream stream(entry.path(), std::ios::binary);
      const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
      if (bytes.find(text) != std::string::npos) out.push_back(entry.path().string());
    }
    return out;
  }
};

ErrorCode code(const Result<RetentionView>& view) {
  return view ? ErrorCode::internal : view.error().code;
}

}  // namespace

TEST_CASE("retention: closing starts the period of the type, opening again ends it, all in the journal") {
  Bench bench;
  const auto id = bench.incident(false);
  auto view = show_retention(*bench.context, id).value();
  CHECK(view.state == Keeping::open);
  CHECK(view.proposed == "incident");
  CHECK(code(close_incident(*bench.context, bench.caller, id, "nothing", "x")) == ErrorCode::bad_input);
  CHECK(code(close_incident(*bench.context, bench.caller, id, "breach", " ")) == ErrorCode::bad_input);
  view = close_incident(*bench.context, bench.caller, id, "breach", "tout est rétabli").value();
  CHECK(view.state == Keeping::kept);
  const auto zone = Zone::named("Europe/Paris").value();
  CHECK(view.until == incident::keep_until(view.closed()->at, *view.period, zone));
  CHECK(view.period->months == 72);
  CHECK(code(close_incident(*bench.context, bench.caller, id, "breach", "encore")) == ErrorCode::conflict);
  CHECK(code(destroy_incident(*bench.context, bench.caller, id, bench.reference(id), "fin")) == ErrorCode::conflict);
  view = reopen_incident(*bench.context, bench.caller, id, "un fait nouveau").value();
  CHECK(view.state == Keeping::open);
  CHECK_FALSE(view.until);
  CHECK(view.history.size() == 2);
  CHECK(code(reopen_incident(*bench.context, bench.caller, id, "encore")) == ErrorCode::conflict);
  const auto lines = read_journal(*bench.context, id, 0, 500)->entries;
  CHECK(lines[lines.size() - 2].header.about == "incident.closed");
  CHECK(lines.back().header.about == "incident.reopened");
  CHECK(lines.back().header.kind == journal::Kind::decision);
}

TEST_CASE("retention: a type that the content lost is kept as long as the longest") {
  Bench bench;
  const auto id = bench.incident();
  REQUIRE(close_incident(*bench.context, bench.caller, id, "exercise", "fin"));
  std::erase_if(bench.context->retention.types, [](const auto& type) { return type.id == "exercise"; });
  const auto view = show_retention(*bench.context, id).value();
  CHECK(view.state == Keeping::kept);
  CHECK(view.period->months == 72);
}

TEST_CASE("retention: a legal hold forbids, several hold together, each is lifted with its reason") {
  Bench bench;
  const auto id = bench.incident();
  const auto reference = bench.reference(id);
  REQUIRE(close_incident(*bench.context, bench.caller, id, "exercise", "fin"));
  CHECK(show_retention(*bench.context, id)->state == Keeping::due);
  const auto first = set_hold(*bench.context, bench.caller, id, "réquisition 12").value().holds.front();
  const auto second = set_hold(*bench.context, bench.caller, id, "contentieux").value().holds.back();
  CHECK(destroy_incident(*bench.context, bench.caller, id, reference, "fin").error().code == ErrorCode::conflict);
  REQUIRE(lift_hold(*bench.context, {"B. Morel"}, id, first.id, "classement"));
  CHECK(show_retention(*bench.context, id)->state == Keeping::held);
  CHECK(code(lift_hold(*bench.context, bench.caller, id, first.id, "encore")) == ErrorCode::conflict);
  CHECK(code(lift_hold(*bench.context, bench.caller, id, "absent", "x")) == ErrorCode::not_found);
  CHECK(code(lift_hold(*bench.context, bench.caller, id, second.id, "")) == ErrorCode::bad_input);
  const auto view = lift_hold(*bench.context, bench.caller, id, second.id, "jugement").value();
  CHECK(view.state == Keeping::due);
  CHECK(view.holds.front().lifted_by == "B. Morel");
  CHECK(view.holds.front().lift_reason == "classement");
  const auto line = read_journal(*bench.context, id, 0, 500)->entries.back();
  CHECK(line.header.about == "hold.lifted");
  CHECK(line.body->text.find("contentieux") != std::string::npos);
}

TEST_CASE("retention: what is destroyed is in no file any more, and what is left still proves it") {
  Bench bench;
  const auto id = bench.incident();
  const auto reference = bench.reference(id);
  const auto other = bench.incident();
  // Enough that rows move between pages.
  for (int i = 0; i < 400; ++i) bench.write(id, "marqueur-mots " + std::to_string(i) + std::string(300, 'x'));
  bench.write(other, "reste ici", "d.martin@ch-exemple.fr");
  const auto own = bench.exhibit(id, "marqueur-octets");
  const auto shared = bench.exhibit(id, "les mêmes octets");
  bench.exhibit(other, "les mêmes octets");
  REQUIRE(add_account(*bench.context, bench.caller, id, "c.marqueur@ch-exemple.fr", "marqueur-motif"));
  {
    auto set = bench.documents->begin(id, 1).value();
    REQUIRE(set->write("html", "marqueur-document"));
    REQUIRE(set->commit());
    auto batch = bench.events->begin(id, 1).value();
    store::EventRow row;
    row.operation = "marqueur-evenement";
    REQUIRE(batch->add(row));
    REQUIRE(batch->commit());
    REQUIRE(
        bench.cases->write([&](store::CaseWriter& writer) { return writer.add_story(id, {1, now(), R"({"marqueur-analyse":1})", {}}); }));
  }
  const auto before = read_journal(*bench.context, id, 0, 500)->size;
  CHECK_FALSE(bench.holding("marqueur").empty());
  REQUIRE(close_incident(*bench.context, bench.caller, id, "exercise", "marqueur ne reste qu’ici"));
  CHECK(code(destroy_incident(*bench.context, bench.caller, id, "2020-001", "fin")) == ErrorCode::bad_input);
  CHECK(bench.holding("marqueur-mots").size() >= 1);
  const auto view = destroy_incident(*bench.context, {"D. Dupuis"}, id, reference, "durée échue").value();
  CHECK(view.state == Keeping::destroyed);
  CHECK(view.destroyed->lines == before + 1);
  CHECK(view.destroyed->exhibits == 2);
  for (const auto* word : {"marqueur-titre", "marqueur-recit", "marqueur-mots", "marqueur-octets", "marqueur-motif", "marqueur-document",
                           "marqueur-evenement", "marqueur-analyse", "c.marqueur"}) {
    const auto files = bench.holding(word);
    INFO(std::string(word));
    // The other incident has the same title and description.
    if (std::string_view(word) == "marqueur-titre" || std::string_view(word) == "marqueur-recit")
      CHECK(files == std::vector<std::string>{bench.folder + "/cases.sqlite"});
    else
      CHECK(files.empty());
  }
  const auto audit = verify_journal(*bench.context, id).value();
  CHECK(audit.good());
  CHECK(audit.destroyed == before + 1);
  CHECK(audit.lines == before + 2);
  CHECK(audit.signed_to == audit.lines);
  const auto last = read_journal(*bench.context, id, 0, 1000)->entries.back();
  CHECK(last.header.about == "incident.destroyed");
  REQUIRE(last.body);
  CHECK(last.body->author == "D. Dupuis");
  // The bytes that another incident holds stay there.
  CHECK_FALSE(file_exists(bench.vault->path_of(own.sha256)));
  CHECK(file_exists(bench.vault->path_of(shared.sha256)));
  const auto exhibits = list_exhibits(*bench.context, id).value();
  CHECK(exhibits.size() == 2);
  CHECK(exhibits.front().state == "destroyed");
  CHECK(exhibits.front().sha256 == own.sha256);
  const auto custody = store::reading(*bench.cases, [&](auto& reader) { return reader.custody(id); }).value();
  CHECK(custody.back().what == "destroyed");
  CHECK(custody.back().purpose == "durée échue");
  CHECK(code(destroy_incident(*bench.context, bench.caller, id, reference, "encore")) == ErrorCode::conflict);
  CHECK(code(set_hold(*bench.context, bench.caller, id, "trop tard")) == ErrorCode::conflict);
  CHECK(still_there(*bench.context, id).error().code == ErrorCode::conflict);
  CHECK(still_there(*bench.context, other));
  // An upload that began before comes too late.
  CHECK_FALSE(receive_exhibit(*bench.context, bench.caller, id, "late.log").value()->finish());
}

TEST_CASE("retention: a crash between the decision and the files is made good at the next start") {
  Bench bench;
  const auto id = bench.incident();
  bench.write(id, "marqueur-mots");
  const auto own = bench.exhibit(id, "marqueur-octets");
  REQUIRE(bench.cases->write([&](store::CaseWriter& writer) { return writer.destroy(id, {now(), "A. Roche", "fin", 1, 1}, true); }));
  CHECK(file_exists(bench.vault->path_of(own.sha256)));
  bench.open();
  REQUIRE(finish_destructions(*bench.context));
  CHECK_FALSE(file_exists(bench.vault->path_of(own.sha256)));
  CHECK(bench.holding("marqueur-mots").empty());
  CHECK(store::reading(*bench.cases, [&](auto& reader) { return reader.uncleaned(); }).value().empty());
}

TEST_CASE("retention: the register of a breach stays, what was declared of an exercise goes") {
  for (const bool breach : {true, false}) {
    Bench bench;
    for (auto& type : bench.context->retention.types) type.periods.front().months = 0;
    const auto id = bench.incident(!breach);
    REQUIRE(bench.cases->write([&](store::CaseWriter& writer) -> Result<void> {
      incident::Breach record;
      record.changed = now();
      record.by = "D. Dupuis";
      if (auto put = writer.put_breach(id, record); !put) return put;
      return writer.add_instant(id, {"", "awareness", now(), "appel", now(), "A. Roche"});
    }));
    CHECK(show_retention(*bench.context, id)->proposed == (breach ? "breach" : "exercise"));
    REQUIRE(close_incident(*bench.context, bench.caller, id, breach ? "breach" : "exercise", "fin"));
    REQUIRE(destroy_incident(*bench.context, bench.caller, id, bench.reference(id), "échéance"));
    const auto left = store::reading(*bench.cases, [&](auto& reader) { return reader.breaches(id); }).value().size();
    const auto instants = store::reading(*bench.cases, [&](auto& reader) { return reader.instants(id); }).value().size();
    CHECK(left == (breach ? 1 : 0));
    CHECK(instants == (breach ? 1 : 0));
  }
}
