#include "service/overlays.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

#include "base/crypto/random.hpp"
#include "service/content.hpp"
#include "service/duties.hpp"
#include "service/guided.hpp"
#include "service/incidents.hpp"
#include "service/tasks.hpp"

using namespace digue;
using namespace digue::service;

namespace {

const Content& content() {
  static const Content loaded = [] {
    auto read = load_content(assets());
    REQUIRE_MESSAGE(read, to_text(read.error()));
    return std::move(*read);
  }();
  return loaded;
}

constexpr std::string_view no_webmail = "schema: digue.overlay/1\nactions:\n  - {action: 3.b, not_applicable: pas de webmail}\n";

struct Bench {
  std::string folder = (std::filesystem::temp_directory_path() / ("digue-" + random_hex(8))).string();
  std::vector<std::string> leftovers;
  std::unique_ptr<store::CaseStore> cases;
  std::unique_ptr<store::Vault> vault;
  std::unique_ptr<store::EventStore> events;
  store::Documents documents{folder + "/documents"};
  std::unique_ptr<Context> context;
  Caller caller{"A. Roche"};

  Bench() {
    std::filesystem::create_directories(folder);
    cases = store::open_sqlite_cases(folder + "/cases.sqlite").value();
    vault = store::Vault::open(folder + "/vault", [](const std::string&) { return Result<bool>(true); }, leftovers).value();
    events = store::open_sqlite_events(folder + "/events").value();
    context = std::make_unique<Context>(Context{*cases,
                                                *vault,
                                                *events,
                                                documents,
                                                content().playbook,
                                                {},
                                                [](std::string_view, const std::string&) {},
                                                plan_of(content().playbook)});
    context->duties = &content().duties;
    context->platforms = content().platforms;
  }
  ~Bench() {
    cases.reset();
    std::filesystem::remove_all(folder);
  }
  std::string establishment(std::string name) {
    incident::Establishment one;
    one.name = std::move(name);
    return save_establishment(*context, caller, std::move(one)).value().id;
  }
  std::string open() { return create_incident(*context, caller, {"Boîte", "", true, false}).value().incident.id; }
  incident::Task task(const std::string& incident, const std::string& action) {
    const auto all = list_tasks(*context, incident).value();
    for (const auto& one : all)
      if (one.task.action == action) return one.task;
    FAIL("no task of " << action);
    return {};
  }
  /// Texts of the journal's lines about `about`.
  std::vector<std::string> lines(const std::string& incident, std::string_view about) {
    std::vector<std::string> out;
    const auto page = store::reading(*cases, [&](store::CaseReader& reader) { return reader.journal(incident, 0, 500, {}); }).value();
    for (const auto& entry : page.entries)
      if (entry.header.about == about) out.push_back(entry.body->text);
    return out;
  }
};

using incident::TaskState;

}  // namespace

TEST_CASE("overlays: what the only establishment has no use for is not applicable, with its reason, in its incidents, old and new") {
  Bench bench;
  const auto before = bench.open();
  const auto id = bench.establishment("CH d’Exemple");
  REQUIRE(save_overlay(*bench.context, bench.caller, id, no_webmail, "fiche.yaml"));
  const auto after = bench.open();
  for (const auto& incident : {before, after}) {
    const auto task = bench.task(incident, "3.b");
    CHECK(task.state == TaskState::not_applicable);
    CHECK(task.reason.find("CH d’Exemple") != std::string::npos);
    CHECK(task.reason.find("pas de webmail") != std::string::npos);
    CHECK_FALSE(task.changed);
    CHECK(bench.task(incident, "3.a").state == TaskState::todo);
    const auto told = bench.lines(incident, "overlay.applied");
    REQUIRE(told.size() == 1);
    CHECK(told[0].find("3.b") != std::string::npos);
    CHECK(told[0].find("pas de webmail") != std::string::npos);
  }
  // Nothing new to tell when the same is saved again.
  REQUIRE(save_overlay(*bench.context, bench.caller, id, no_webmail, "fiche.yaml"));
  CHECK(bench.lines(before, "overlay.applied").size() == 1);
  REQUIRE(save_overlay(*bench.context, bench.caller, id, "schema: digue.overlay/1\n", "fiche.yaml"));
  CHECK(bench.task(before, "3.b").state == TaskState::todo);
  CHECK(bench.task(before, "3.b").reason.empty());
  CHECK(bench.lines(before, "overlay.applied").size() == 2);
}

TEST_CASE("overlays: of several establishments all must agree") {
  Bench bench;
  const auto one = bench.establishment("CH Un");
  const auto two = bench.establishment("CH Deux");
  const auto incident = bench.open();
  REQUIRE(save_overlay(*bench.context, bench.caller, one, no_webmail, "fiche.yaml"));
  CHECK(bench.task(incident, "3.b").state == TaskState::todo);
  REQUIRE(choose_establishments(*bench.context, bench.caller, incident, {one}));
  CHECK(bench.task(incident, "3.b").state == TaskState::not_applicable);
  REQUIRE(choose_establishments(*bench.context, bench.caller, incident, {one, two}));
  CHECK(bench.task(incident, "3.b").state == TaskState::todo);
  REQUIRE(save_overlay(*bench.context, bench.caller, two, no_webmail, "fiche.yaml"));
  const auto reason = bench.task(incident, "3.b").reason;
  CHECK(reason.find("CH Un") != std::string::npos);
  CHECK(reason.find("CH Deux") != std::string::npos);
  CHECK(list_overlays(*bench.context, incident).value().size() == 2);
}

TEST_CASE("overlays: a person opens such a task with a reason, and then keeps the last word") {
  Bench bench;
  const auto id = bench.establishment("CH");
  REQUIRE(save_overlay(*bench.context, bench.caller, id, no_webmail, "fiche.yaml"));
  const auto incident = bench.open();
  const auto task = bench.task(incident, "3.b");
  TaskChange change;
  change.state = TaskState::todo;
  const auto refused = change_task(*bench.context, bench.caller, incident, task.id, change);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().where == "reason");
  change.reason = "un webmail de secours existe";
  REQUIRE(change_task(*bench.context, bench.caller, incident, task.id, change));
  CHECK(bench.lines(incident, "task.changed").back().find("webmail de secours") != std::string::npos);
  REQUIRE(save_overlay(*bench.context, bench.caller, id, no_webmail, "fiche.yaml"));
  CHECK(bench.task(incident, "3.b").state == TaskState::todo);
}

TEST_CASE("overlays: tasks of an account that joins later follow, too") {
  Bench bench;
  const auto id = bench.establishment("CH");
  REQUIRE(save_overlay(*bench.context, bench.caller, id, "schema: digue.overlay/1\nactions:\n  - {action: 1.a, not_applicable: x}\n",
                       "fiche.yaml"));
  const auto incident = bench.open();
  REQUIRE(add_account(*bench.context, bench.caller, incident, "a@ch-exemple.example", ""));
  REQUIRE(add_account(*bench.context, bench.caller, incident, "b@ch-exemple.example", ""));
  int seen = 0;
  const auto all = list_tasks(*bench.context, incident).value();
  for (const auto& one : all)
    if (one.task.action == "1.a") {
      CHECK(one.task.state == TaskState::not_applicable);
      ++seen;
    }
  CHECK(seen == 2);
}

TEST_CASE("overlays: a broken file is refused and the one before stays in use") {
  Bench bench;
  const auto id = bench.establishment("CH");
  REQUIRE(save_overlay(*bench.context, bench.caller, id, no_webmail, "fiche.yaml"));
  const auto refused =
      save_overlay(*bench.context, bench.caller, id, "schema: digue.overlay/1\nactions:\n  - {action: 12.q}\n", "fiche.yaml");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().where == "fiche.yaml:3");
  CHECK(show_overlay(*bench.context, id).value().find("3.b") != nullptr);
  CHECK(show_overlay(*bench.context, "nobody").error().code == ErrorCode::not_found);
  CHECK(save_overlay(*bench.context, bench.caller, "nobody", no_webmail, "fiche.yaml").error().code == ErrorCode::not_found);
}

TEST_CASE("overlays: the establishment's platform is preselected until a person chooses one") {
  Bench bench;
  const auto id = bench.establishment("CH");
  REQUIRE(save_overlay(*bench.context, bench.caller, id, "schema: digue.overlay/1\nplatforms: [zimbra, keycloak]\n", "fiche.yaml"));
  const auto incident = bench.open();
  const auto task = bench.task(incident, "1.a").id;
  const auto commands = task_commands(*bench.context, incident, task, "", {});
  REQUIRE(commands);
  REQUIRE(commands->platform != nullptr);
  CHECK(commands->platform->id == "zimbra");
  CHECK_FALSE(commands->chosen);
  REQUIRE(choose_platform(*bench.context, bench.caller, incident, "google_workspace"));
  CHECK(task_commands(*bench.context, incident, task, "", {}).value().platform->id == "google_workspace");
}
