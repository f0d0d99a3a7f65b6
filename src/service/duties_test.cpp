#include "service/duties.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

#include "base/crypto/random.hpp"
#include "service/incidents.hpp"
#include "store/sqlite/database.hpp"

using namespace digue;
using namespace digue::service;

namespace {

const DutyContent& content() {
  static const DutyContent loaded = [] {
    auto read = load_duty_content(assets());
    REQUIRE_MESSAGE(read, to_text(read.error()));
    return std::move(*read);
  }();
  return loaded;
}

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
    cases = store::open_sqlite_cases(folder + "/cases.sqlite").value();
    vault = store::Vault::open(folder + "/vault", [](const std::string&) { return Result<bool>(true); }, leftovers).value();
    events = store::open_sqlite_events(folder + "/events").value();
    Context made{
        *cases, *vault, *events, documents, book, {}, [this](std::string_view kind, const std::string&) { news.emplace_back(kind); }, {}};
    made.duties = &content();
    context = std::make_unique<Context>(std::move(made));
    incident = create_incident(*context, caller, {"Boîte <script> {awareness}", "Récit", true, false}).value().incident.id;
    news.clear();
  }
  ~Bench() {
    cases.reset();
    std::filesystem::remove_all(folder);
  }

  incident::Establishment add(std::string name, std::string insurer = "") {
    incident::Establishment one;
    one.name = std::move(name);
    one.insurer = std::move(insurer);
    return save_establishment(*context, caller, std::move(one)).value();
  }
  DutiesView duties() { return show_duties(*context, incident).value(); }
  std::vector<std::string> lines() {
    return store::reading(*cases,
                          [&](store::CaseReader& reader) -> Result<std::vector<std::string>> {
                            std::vector<std::string> out;
                            const auto page = reader.journal(incident, 0, 500, {});
                            if (!page) return tl::make_unexpected(page.error());
                            for (const auto& entry : page->entries) out.push_back(entry.header.about + ": " + entry.body->text);
                            return out;
                          })
        .value();
  }
};

const DutyView& duty(const EntityView& entity, std::string_view id) {
  const auto at = std::find_if(entity.duties.begin(), entity.duties.end(), [&](const auto& one) { return one.duty->id == id; });
  REQUIRE(at != entity.duties.end());
  return *at;
}

using incident::DutyState;

}  // namespace

TEST_CASE("duties: without an establishment they are shown, and what was filed then stays with the one that is named later") {
  Bench bench;
  auto view = bench.duties();
  REQUIRE(view.entities.size() == 1);
  CHECK(view.entities[0].establishment.id.empty());
  CHECK(duty(view.entities[0], "cert-sante").standing.state == DutyState::running);
  CHECK(duty(view.entities[0], "cnil").standing.state == DutyState::waiting);
  CHECK(duty(view.entities[0], "nis2-alert").standing.state == DutyState::inactive);
  REQUIRE(record_filing(*bench.context, bench.caller, bench.incident, "", "cert-sante", {now(), "CS-1", ""}));
  const auto named = bench.add("CH d’exemple");
  view = bench.duties();
  REQUIRE(view.entities.size() == 1);
  CHECK(view.entities[0].establishment.id == named.id);
  CHECK(duty(view.entities[0], "cert-sante").standing.state == DutyState::done);
  CHECK(duty(view.entities[0], "cert-sante").filing.receipt == "CS-1");
}

TEST_CASE("duties: each establishment of a group declares for itself") {
  Bench bench;
  const auto a = bench.add("CH A", "Assureur");
  const auto b = bench.add("CH B");
  CHECK(bench.duties().entities.size() == 1);
  REQUIRE(choose_establishments(*bench.context, bench.caller, bench.incident, {b.id, a.id, a.id}));
  const auto start = UtcMicros{now().value - micros_per_hour};
  REQUIRE(record_instant(*bench.context, bench.caller, bench.incident, {"", "awareness", start, "constat", {}, ""}));
  const auto later = UtcMicros{start.value + micros_per_minute};
  REQUIRE(record_instant(*bench.context, bench.caller, bench.incident, {b.id, "awareness", later, "prévenu par A", {}, ""}));
  REQUIRE(record_filing(*bench.context, bench.caller, bench.incident, a.id, "cnil", {now(), "FR-1", ""}));
  const auto view = bench.duties();
  REQUIRE(view.entities.size() == 2);
  CHECK(view.entities[0].establishment.name == "CH A");
  CHECK(duty(view.entities[0], "cnil").standing.state == DutyState::done);
  CHECK(duty(view.entities[0], "insurer").standing.judgement.verdict == incident::Verdict::required);
  CHECK(duty(view.entities[1], "cnil").standing.state == DutyState::running);
  CHECK(duty(view.entities[1], "cnil").standing.deadline->value == later.value + 72 * micros_per_hour);
  CHECK(duty(view.entities[1], "insurer").standing.state == DutyState::not_applicable);
  CHECK(choose_establishments(*bench.context, bench.caller, bench.incident, {"absent"}).error().where == "establishments");
}

TEST_CASE("duties: every change has its line, its author and its reason; history is kept") {
  Bench bench;
  const auto at = UtcMicros{now().value - 100 * micros_per_hour};
  CHECK(record_instant(*bench.context, bench.caller, bench.incident, {"", "awareness", at, " ", {}, ""}).error().where == "reason");
  CHECK(record_instant(*bench.context, bench.caller, bench.incident, {"", "awarenes", at, "x", {}, ""}).error().where == "name");
  const auto ahead = UtcMicros{now().value + micros_per_hour};
  CHECK(record_instant(*bench.context, bench.caller, bench.incident, {"", "awareness", ahead, "x", {}, ""}).error().where == "at");
  REQUIRE(record_instant(*bench.context, bench.caller, bench.incident, {"", "awareness", at, "premier constat", {}, ""}));
  const auto view = record_instant(*bench.context, bench.caller, bench.incident,
                                   {"", "awareness", UtcMicros{at.value - micros_per_hour}, "relecture du journal", {}, ""});
  REQUIRE(view);
  CHECK(view->history.size() == 2);
  CHECK(view->history[1].by == "A. Roche");
  CHECK(duty(view->entities[0], "cnil").standing.state == DutyState::late);

  CHECK(record_filing(*bench.context, bench.caller, bench.incident, "", "cnil", {now(), "FR-1", ""}).error().where == "reason");
  CHECK(record_filing(*bench.context, bench.caller, bench.incident, "", "cnil", {std::nullopt, "", ""}).error().where == "reason");
  CHECK(record_filing(*bench.context, bench.caller, bench.incident, "", "cnli", {now(), "", ""}).error().code == ErrorCode::not_found);
  CHECK(record_filing(*bench.context, bench.caller, bench.incident, "x", "cnil", {now(), "", "y"}).error().where == "establishment");
  REQUIRE(record_filing(*bench.context, bench.caller, bench.incident, "", "cnil", {now(), "FR-1", "téléservice indisponible"}));
  CHECK(overrule(*bench.context, bench.caller, bench.incident, "", "persons", true, "").error().where == "reason");
  REQUIRE(overrule(*bench.context, bench.caller, bench.incident, "", "persons", true, "avis du délégué"));
  const auto lines = bench.lines();
  const auto told = [&](std::string_view part) {
    return std::any_of(lines.begin(), lines.end(), [&](const auto& line) { return line.find(part) != std::string::npos; });
  };
  CHECK(told("duty.instant: "));
  CHECK(told("premier constat"));
  CHECK(told("FR-1"));
  CHECK(told("téléservice indisponible"));
  CHECK(told("duty.overruled: "));
  CHECK(std::count(bench.news.begin(), bench.news.end(), "duty") == 4);
}

TEST_CASE("duties: a draft is filled from the case and stays plain text") {
  Bench bench;
  REQUIRE(record_instant(*bench.context, bench.caller, bench.incident,
                         {"", "awareness", UtcMicros{parse_iso8601("2026-03-29T00:30:00Z")->civil}, "constat", {}, ""}));
  const auto named = bench.add("CH\r\nBcc: tous@exemple.fr");
  const auto draft = draft_of(*bench.context, bench.caller, bench.incident, named.id, "cnil", Language::fr);
  REQUIRE(draft);
  CHECK(draft->subject.find("CH Bcc: tous@exemple.fr") != std::string::npos);
  CHECK(draft->subject.find('\n') == std::string::npos);
  // Half past midnight UTC, in the last hour of winter time.
  CHECK(draft->body.find("29/03/2026 01:30 (UTC+01:00)") != std::string::npos);
  CHECK(draft->body.find("[à compléter]") != std::string::npos);
  const auto health = draft_of(*bench.context, bench.caller, bench.incident, named.id, "cert-sante", Language::en);
  REQUIRE(health);
  CHECK(health->body.find("Boîte <script> {awareness}") != std::string::npos);
  CHECK(health->body.find("Declarant: A. Roche") != std::string::npos);
}

TEST_CASE("duties: the register of breaches leaves as safe CSV") {
  Bench bench;
  incident::Breach breach;
  breach.texts[0] = "confidentialité";
  breach.texts[1] = "=HYPERLINK(\"x\")";
  REQUIRE(write_breach(*bench.context, bench.caller, bench.incident, breach));
  const auto csv = breaches_csv(*bench.context, bench.incident, Language::fr);
  REQUIRE(csv);
  CHECK(csv->find("\"'=HYPERLINK(\"\"x\"\")\"") != std::string::npos);
  CHECK(std::count(csv->begin(), csv->end(), '\n') == 2);
  breach.establishment = "absent";
  CHECK(write_breach(*bench.context, bench.caller, bench.incident, breach).error().where == "establishment");
}

TEST_CASE("duties: local contacts fill roles and replace rows of the directory") {
  Bench bench;
  const auto a = bench.add("CH A");
  incident::LocalContact one;
  one.name = "Astreinte";
  one.role = "on_call";
  one.phone = "01 00 00 00 00";
  REQUIRE(save_contact(*bench.context, bench.caller, one));
  incident::LocalContact ars;
  ars.name = "ARS, numéro d’astreinte";
  ars.replaces = "cert-fr";
  auto saved = save_contact(*bench.context, bench.caller, ars);
  REQUIRE(saved);
  CHECK(save_contact(*bench.context, bench.caller, ars).error().code == ErrorCode::conflict);
  ars.replaces = "nobody";
  CHECK(save_contact(*bench.context, bench.caller, ars).error().where == "replaces");
  const auto local = list_contacts(*bench.context).value();
  CHECK(reach(*bench.context, "role:on_call", a, local).at(0).phone == "01 00 00 00 00");
  CHECK(reach(*bench.context, "cert-fr", a, local).at(0).local);
  CHECK(reach(*bench.context, "cert-sante", a, local).at(0).phone == "09 72 43 91 25");
  CHECK(reach(*bench.context, "role:bank", a, local).empty());
  REQUIRE(remove_contact(*bench.context, bench.caller, saved->id));
  CHECK(remove_contact(*bench.context, bench.caller, saved->id).error().code == ErrorCode::not_found);
  CHECK_FALSE(calls_now(*bench.context, bench.incident).value().entities.at(0).calls.empty());
}

TEST_CASE("duties: an analysis takes domains, ranges and zone from the establishments") {
  Bench bench;
  incident::Establishment one;
  one.name = "CH A";
  one.own_domains = {"ch-a.fr"};
  one.own_ranges = {"192.0.2.0/24"};
  one.zone = "Indian/Reunion";
  one.calendar = "reunion";
  REQUIRE(save_establishment(*bench.context, bench.caller, one));
  const auto settings =
      store::reading(*bench.cases, [&](store::CaseReader& reader) { return settings_for(reader, *bench.context, bench.incident); });
  REQUIRE(settings);
  CHECK(settings->own_domains == std::vector<std::string>{"ch-a.fr"});
  CHECK(settings->own_ranges == std::vector<std::string>{"192.0.2.0/24"});
  CHECK(settings->zone == "Indian/Reunion");
  one.calendar = "mars";
  CHECK(save_establishment(*bench.context, bench.caller, one).error().where == "calendar");
}

TEST_CASE("duties: versions of the directory and instants cannot be rewritten") {
  Bench bench;
  bench.add("CH A");
  REQUIRE(record_instant(*bench.context, bench.caller, bench.incident, {"", "suspicion", now(), "alerte", {}, ""}));
  auto database = sqlite::Database::open(bench.folder + "/cases.sqlite", sqlite::Database::Mode::read_write);
  REQUIRE(database);
  CHECK_FALSE(database->run("UPDATE instants SET at = 0"));
  CHECK_FALSE(database->run("DELETE FROM instants"));
  CHECK_FALSE(database->run("DELETE FROM directory_versions"));
}
