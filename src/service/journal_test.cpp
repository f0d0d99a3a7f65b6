#include "service/journal.hpp"

#include <doctest/doctest.h>

#include <filesystem>

#include "base/crypto/random.hpp"
#include "journal/export.hpp"
#include "service/incidents.hpp"
#include "service/journal_import.hpp"

using namespace digue;
using namespace digue::service;

namespace {

struct Bench {
  std::string folder = (std::filesystem::temp_directory_path() / ("digue-" + random_hex(8))).string();
  std::vector<std::string> leftovers;
  std::unique_ptr<store::CaseStore> cases;
  std::unique_ptr<store::Vault> vault;
  std::unique_ptr<store::EventStore> events;
  store::Documents documents{folder + "/documents"};
  playbook::Playbook book;
  std::vector<std::string> news;
  std::unique_ptr<Context> context;
  Caller caller{"A. Roche"};
  std::string incident;

  Bench() {
    std::filesystem::create_directories(folder);
    cases = store::open_sqlite_cases(folder + "/cases.sqlite", SigningKey::generate()).value();
    vault = store::Vault::open(folder + "/vault", [](const std::string&) { return Result<bool>(true); }, leftovers).value();
    events = store::open_sqlite_events(folder + "/events").value();
    context = std::make_unique<Context>(Context{
        *cases, *vault, *events, documents, book, {}, [this](std::string_view kind, const std::string&) { news.emplace_back(kind); }, {}});
    incident = create_incident(*context, caller, {"Boîte compromise", "Récit", true, false}).value().incident.id;
    news.clear();
  }
  ~Bench() {
    cases.reset();
    std::filesystem::remove_all(folder);
  }
  store::Entry write(const std::string& text) {
    NewLine line;
    line.text = text;
    return write_line(*context, caller, incident, line).value();
  }
  std::string exported() {
    auto all = JournalExport::open(*context, incident).value();
    std::string text;
    while (all.next(text).value()) {
    }
    return text;
  }
  static journal::Audit audit(const std::string& text) {
    journal::ExportReader reader;
    for (std::string_view rest = text; !rest.empty();) {
      const auto end = rest.find('\n');
      REQUIRE(reader.take(rest.substr(0, end)));
      rest.remove_prefix(end + 1);
    }
    return reader.finish().value();
  }
};

}  // namespace

TEST_CASE_FIXTURE(Bench, "journal: protected up to the last line; a code kept outside is noted in it") {
  const auto last = write("Compte bloqué").header.seq;
  auto found = journal_protection(*context, incident).value();
  CHECK(found.size == last);
  REQUIRE(found.last);
  CHECK(found.last->size == last);
  CHECK(found.code.size() == 24);
  CHECK(found.copies.empty());
  const auto code = found.code;
  found = note_checkpoint_copy(*context, caller, incident, last, "paper", "cahier, page 3").value();
  REQUIRE(found.copies.size() == 1);
  CHECK(found.copies.front().by == "A. Roche");
  CHECK(found.copy_codes.front() == code);
  CHECK(found.size == last + 1);
  const auto line = read_journal(*context, incident, last, 1)->entries.front();
  CHECK(line.header.about == "journal.checkpoint_kept");
  CHECK(line.body->text.find(code) != std::string::npos);
  CHECK(news == std::vector<std::string>{"journal", "journal"});
  CHECK(note_checkpoint_copy(*context, caller, incident, 999, "paper", "").error().code == ErrorCode::not_found);
  CHECK(note_checkpoint_copy(*context, caller, incident, last, "tattoo", "").error().where == "how");

  const auto good = verify_journal(*context, incident, code).value();
  CHECK(good.good());
  CHECK(good.code_size == last);
  CHECK_FALSE(verify_journal(*context, incident, "0000-0000-0000-0000-0000")->code_size);
  CHECK(verify_journal(*context, "absent").error().code == ErrorCode::not_found);
}

TEST_CASE_FIXTURE(Bench, "journal: the export verifies by itself, more than one part long, tombstones included") {
  for (int i = 0; i < 620; ++i)
    REQUIRE(cases->write([&](store::CaseWriter& writer) -> Result<void> {
      journal::Draft draft;
      draft.zone = "Europe/Paris";
      draft.body = {"A. Roche", {}, "Ligne " + std::to_string(i), {}, {}, {}};
      for (int j = 0; j < 2; ++j)
        if (const auto done = writer.append(incident, draft, now()); !done) return tl::make_unexpected(done.error());
      return {};
    }));
  REQUIRE(cases->write([&](store::CaseWriter& writer) { return writer.destroy_body(incident, 7); }));
  const auto found = audit(exported());
  CHECK(found.good());
  CHECK(found.lines == journal_protection(*context, incident)->size);
  CHECK(found.destroyed == 1);
  CHECK(found.signed_to == found.lines);
}

TEST_CASE_FIXTURE(Bench, "journal: the proof of a line holds line, path and checkpoint") {
  for (int i = 0; i < 9; ++i) write("Ligne " + std::to_string(i));
  const auto text = line_proof(*context, incident, 6).value();
  const auto proof = journal::parse_proof(text).value();
  CHECK(proof.index == 5);
  const auto note = journal::parse_note(proof.checkpoint).value();
  REQUIRE(journal::verify_note(note, journal_protection(*context, incident)->keys));
  const auto checkpoint = journal::parse_checkpoint(note.text).value();
  const auto line = read_journal(*context, incident, 5, 1)->entries.front();
  CHECK(journal::verify_inclusion(line.leaf, proof.index, checkpoint.size, proof.hashes, checkpoint.root));
  CHECK(proof.extra.find(line.body->text) != std::string::npos);
  CHECK(line_proof(*context, incident, 99).error().code == ErrorCode::not_found);
}

TEST_CASE_FIXTURE(Bench, "journal import: French and English columns, times as people write them, refused rows told") {
  JournalImport given;
  given.csv =
      "\xef\xbb\xbf"
      "Date;Heure;Auteur;Nature;Description;Comptes;Humeur\r\n"
      "09/03/2026;22h40;Standard de nuit;Appel;\"Mme Moreau signale ; un courriel étrange\";c.moreau@ch-exemple.example;fatiguée\r\n"
      "2026-03-09;22:45:10;;;Compte bloqué;;\r\n"
      "09/03/2026;;;décision;Cellule de crise;;\r\n"
      "31/02/2026;10:00;;;Jour qui n’existe pas;;\r\n"
      "09/03/2026;10:00;;rumeur;Nature inconnue;;\r\n"
      "09/03/2026;10:00;;;;;\r\n";
  given.reporter = "A. Roche";
  given.source = "cahier";
  const auto read = read_import(*context, given).value();
  REQUIRE(read.rows.size() == 6);
  CHECK(read.accepted == 3);
  CHECK(read.refused == 3);
  CHECK(read.unknown_columns == std::vector<std::string>{"Humeur"});
  CHECK(read.rows[0].entry.kind == journal::Kind::call);
  CHECK(to_iso8601(*read.rows[0].entry.event_time) == "2026-03-09T21:40:00Z");
  CHECK(read.rows[0].entry.precision == journal::Precision::minute);
  CHECK(read.rows[0].entry.reporter == "Standard de nuit");
  CHECK(read.rows[0].entry.accounts == std::vector<std::string>{"c.moreau@ch-exemple.example"});
  CHECK(to_iso8601(*read.rows[1].entry.event_time) == "2026-03-09T21:45:10Z");
  CHECK(read.rows[1].entry.reporter == "A. Roche");
  CHECK(read.rows[2].entry.precision == journal::Precision::day);
  CHECK(read.rows[2].entry.kind == journal::Kind::decision);
  CHECK(read.rows[3].line == 5);
  for (std::size_t i = 3; i < 6; ++i) CHECK_FALSE(read.rows[i].problem.empty());

  const auto before = journal_protection(*context, incident)->size;
  REQUIRE(import_journal(*context, caller, incident, given));
  const auto page = read_journal(*context, incident, before, 10).value();
  REQUIRE(page.entries.size() == 4);
  CHECK(page.entries[0].header.about == "journal.imported");
  CHECK(page.entries[0].body->author == "A. Roche");
  CHECK(page.entries[0].header.recorded > page.entries[0].header.event_time);
  CHECK(page.entries[3].header.about == "journal.import");
}

TEST_CASE_FIXTURE(Bench, "journal import: what is no table is refused, with what was expected") {
  JournalImport given;
  for (const auto* csv : {"", "\n", "Date;Humeur\n1;2\n", "Description\nx\n", "\"never closed"}) {
    given.csv = csv;
    CAPTURE(csv);
    const auto read = read_import(*context, given);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == ErrorCode::bad_input);
    CHECK_FALSE(read.error().help.empty());
  }
  given.csv = "event_time,text\n2026-03-09T20:00:00Z,ok\n";
  given.zone = "Europe/Nowhere";
  CHECK(read_import(*context, given).error().where == "zone");
  given.zone.clear();
  given.csv = "event_time,text\n" + std::string(max_import, 'x');
  CHECK_FALSE(read_import(*context, given));
  given.csv = "event_time,text\n";
  for (std::size_t i = 0; i <= max_imported_lines; ++i) given.csv += "2026-03-09T20:00:00Z,x\n";
  CHECK_FALSE(read_import(*context, given));
  given.csv = "event_time,text\n2026-03-09T21:00:00+01:00,\"=cmd()|'\x1b[31m<b>\"\n";
  CHECK(to_iso8601(*read_import(*context, given)->rows.front().entry.event_time) == "2026-03-09T20:00:00Z");
}
