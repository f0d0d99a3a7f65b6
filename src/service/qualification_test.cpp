#include "service/qualification.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "base/assets.hpp"
#include "playbook/load.hpp"
#include "service/incidents.hpp"
#include "service/journal.hpp"
#include "service/stores_test.hpp"
#include "service/tasks.hpp"

using namespace digue;
using namespace digue::service;
using incident::Answer;
using incident::TaskState;

namespace {

playbook::Playbook real_playbook() {
  std::vector<playbook::SourceFile> files;
  for (const auto& asset : assets())
    if (asset.path.starts_with("content/playbook/")) files.push_back({std::string(asset.path), std::string(asset.data)});
  return playbook::load_playbook(files).value();
}

std::string_view asset(std::string_view path) {
  return find_asset(path)->data;
}

/// The real content on a case store of its own.
struct Bench : service::testing::Stores {
  Caller caller{"A. Roche"};
  std::string id;

  Bench() : Stores(true) {
    book = real_playbook();
    context =
        std::make_unique<Context>(Context{*cases,
                                          *vault,
                                          *events,
                                          *documents,
                                          book,
                                          {},
                                          [](std::string_view, const std::string&) {},
                                          plan_of(book),
                                          incident::load_questions(asset("content/qualification/questions.yaml"), "questions.yaml").value(),
                                          incident::load_stages(asset("content/stages.yaml"), "stages.yaml").value()});
    id = create_incident(*context, caller, {"Boîte compromise", "", false, false})->incident.id;
  }

  std::vector<store::Entry> lines(std::string_view about) {
    std::vector<store::Entry> out;
    const auto page = read_journal(*context, id, 0, 500).value();
    for (const auto& line : page.entries)
      if (line.header.about == about) out.push_back(line);
    return out;
  }
  incident::Task task(const std::string& action, const std::string& target = "x@ch-exemple.fr") {
    const auto all = list_tasks(*context, id).value();
    for (const auto& one : all)
      if (one.task.action == action && one.task.target == target) return one.task;
    return {};
  }
  Result<TaskView> move(const std::string& action, TaskState state, const std::string& reason = "", const std::string& proof = "",
                        const std::string& target = "x@ch-exemple.fr") {
    TaskChange change;
    change.state = state;
    change.reason = reason;
    change.proof = proof;
    return change_task(*context, caller, id, task(action, target).id, change);
  }
  Result<QualificationView> answer(incident::Answers answers, std::optional<std::string> severity, std::string reason = "",
                                   std::string severity_reason = "") {
    NewQualification given;
    given.answers = std::move(answers);
    given.severity = std::move(severity);
    given.reason = std::move(reason);
    given.severity_reason = std::move(severity_reason);
    return qualify(*context, caller, id, given);
  }
};

const incident::Answers serious{{"confirmed", Answer::yes}, {"patient_data", Answer::yes}, {"admin_rights_used", Answer::unknown}};

bool says(const store::Entry& line, std::string_view words) {
  return line.body->text.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE_FIXTURE(Bench, "a person's qualification writes severity and confirmation, with a decision in the journal") {
  const auto view = answer(serious, "major");
  REQUIRE(view);
  CHECK(view->versions.size() == 1);
  CHECK(view->suggestion.severity == "major");
  const auto shown = show_incident(*context, id).value();
  CHECK(shown.incident.severity == "major");
  CHECK(shown.incident.confirmed);
  const auto told = lines("qualification.decided");
  REQUIRE(told.size() == 1);
  CHECK(told.front().header.kind == journal::Kind::decision);
  CHECK(says(told.front(), "incident majeur"));
  CHECK(says(told.front(), "A. Roche") == false);
  CHECK(told.front().body->author == "A. Roche");
}

TEST_CASE_FIXTURE(Bench, "what the questions raise and advise are actions of the playbook") {
  for (const auto& question : context->questions.questions)
    for (const auto& raise : question.raises) CHECK_MESSAGE(book.action(raise.action) != nullptr, question.id);
  for (const auto& one : context->questions.precautions) CHECK(book.action(one.action) != nullptr);
}

TEST_CASE_FIXTURE(Bench, "another severity than suggested, and another version, each ask why") {
  CHECK(answer(serious, "crisis").error().where == "severity_reason");
  CHECK(answer({}, std::nullopt).error().where == "answers");
  CHECK(answer({{"nothing_like_it", Answer::yes}}, "minor").error().where == "answers.nothing_like_it");
  CHECK(answer(serious, "huge").error().where == "severity");
  REQUIRE(answer(serious, "crisis", "", "la direction active la cellule de crise"));
  CHECK(answer(serious, "major").error().where == "reason");
  REQUIRE(answer({{"confirmed", Answer::no}}, "anomaly", "fausse alerte de l’outil"));
  const auto view = show_qualification(*context, id).value();
  REQUIRE(view.versions.size() == 2);
  CHECK(view.versions[0].severity == "crisis");
  CHECK(view.versions[0].severity_reason == "la direction active la cellule de crise");
  CHECK(view.versions[1].reason == "fausse alerte de l’outil");
  CHECK(view.versions[1].suggested == "anomaly");
  CHECK_FALSE(show_incident(*context, id)->incident.confirmed);
  CHECK(says(lines("qualification.decided").back(), "oui → non"));
}

TEST_CASE_FIXTURE(Bench, "two people who qualify at once do not overwrite each other") {
  NewQualification given;
  given.answers = serious;
  given.severity = "major";
  given.based_on = 0;
  REQUIRE(qualify(*context, caller, id, given));
  given.reason = "relu";
  CHECK(qualify(*context, caller, id, given).error().code == ErrorCode::conflict);
  given.based_on = 1;
  CHECK(qualify(*context, caller, id, given));
}

TEST_CASE_FIXTURE(Bench, "a decision may wait: without a severity the incident keeps its own") {
  REQUIRE(answer(serious, std::nullopt));
  CHECK_FALSE(show_incident(*context, id)->incident.severity);
  REQUIRE(answer(serious, "major", "décidé avec la direction"));
  REQUIRE(answer(serious, std::nullopt, "réponses complétées"));
  CHECK(show_incident(*context, id)->incident.severity == "major");
}

TEST_CASE_FIXTURE(Bench, "answers order tasks inside their priority and shorten what is due; a due time set by a person stays") {
  REQUIRE(add_account(*context, caller, id, "x@ch-exemple.fr", ""));
  const auto before = task("6.b");
  REQUIRE(before.due);
  TaskChange change;
  change.due = std::optional(UtcMicros{before.due->value + 1});
  REQUIRE(change_task(*context, caller, id, task("9.b").id, change));
  REQUIRE(answer(serious, "major"));
  const auto all = list_tasks(*context, id).value();
  const auto at = [&](std::string_view action) {
    return std::find_if(all.begin(), all.end(), [&](const TaskView& one) { return one.task.action == action; });
  };
  CHECK(at("6.b") < at("6.a"));
  CHECK(at("5") < at("6.b"));
  REQUIRE(at("6.b")->raised);
  CHECK(at("6.b")->raised->question == "patient_data");
  CHECK(*task("6.b").due < *before.due);
  CHECK(task("9.b").due == UtcMicros{before.due->value + 1});
}

TEST_CASE_FIXTURE(Bench, "a more severe grade never gives more time") {
  const auto due = task("1.a", "").due.value();
  REQUIRE(answer(serious, "crisis", "", "direction"));
  const auto crisis = task("1.a", "").due.value();
  CHECK(crisis < due);
  REQUIRE(answer({{"confirmed", Answer::no}}, "anomaly", "fausse alerte"));
  CHECK(task("1.a", "").due.value() > crisis);
}

TEST_CASE_FIXTURE(Bench, "an incident that nobody graded is hurried: a first low grade gives more time, a major one then takes it back") {
  const auto ungraded = task("1.a", "").due.value();
  REQUIRE(answer({{"confirmed", Answer::no}}, "anomaly"));
  const auto anomaly = task("1.a", "").due.value();
  CHECK(anomaly > ungraded);
  REQUIRE(answer(serious, "major", "preuve trouvée"));
  CHECK(task("1.a", "").due.value() < anomaly);
}

TEST_CASE_FIXTURE(Bench, "containment on suspicion is allowed and flagged") {
  REQUIRE(add_account(*context, caller, id, "x@ch-exemple.fr", ""));
  REQUIRE(move("1.a", TaskState::in_progress));
  CHECK(says(lines("task.changed").back(), "sur soupçon"));
  REQUIRE(answer(serious, "major"));
  REQUIRE(move("1.a", TaskState::done, "", "connexion refusée"));
  CHECK_FALSE(says(lines("task.changed").back(), "sur soupçon"));
}

TEST_CASE_FIXTURE(Bench, "done needs a proof; what it leaves in force has a review date and is lifted behind its gate") {
  REQUIRE(add_account(*context, caller, id, "x@ch-exemple.fr", ""));
  CHECK(move("1.a", TaskState::done).error().where == "proof");
  const auto done = move("1.a", TaskState::done, "", "connexion refusée à 21 h 10");
  REQUIRE(done);
  CHECK(done->task.effect == incident::Effect::in_force);
  REQUIRE(done->task.review);
  TaskChange lift;
  lift.effect = incident::Effect::lifted;
  const auto early = change_task(*context, caller, id, task("1.a").id, lift);
  REQUIRE_FALSE(early);
  CHECK(early.error().message.find("1.c") != std::string::npos);
  lift.reason = "la régulation a besoin de la boîte";
  const auto lifted = change_task(*context, caller, id, task("1.a").id, lift);
  REQUIRE(lifted);
  CHECK(lifted->task.effect == incident::Effect::lifted);
  CHECK_FALSE(lifted->task.review);
  CHECK(says(lines("task.changed").back(), "1.b, 1.c, 2.a, 2.b"));
}

TEST_CASE_FIXTURE(Bench, "a cause that is found opens again what rested on an assumed one, once, in the journal") {
  REQUIRE(add_account(*context, caller, id, "x@ch-exemple.fr", ""));
  REQUIRE(add_account(*context, caller, id, "y@ch-exemple.fr", ""));
  REQUIRE(add_workstation(*context, caller, id, " PC-CARDIO-3 ", "x@ch-exemple.fr"));
  CHECK(add_workstation(*context, caller, id, "PC-CARDIO-3", "").error().code == ErrorCode::conflict);
  CHECK_FALSE(add_workstation(*context, caller, id, "a\nb", ""));
  REQUIRE(move("5", TaskState::not_applicable, "hameçonnage supposé", "", "PC-CARDIO-3"));
  REQUIRE(move("4.a", TaskState::done, "urgence", "mots de passe changés"));
  REQUIRE(move("4.a", TaskState::done, "urgence", "mots de passe changés", "y@ch-exemple.fr"));
  TaskChange found;
  found.state = TaskState::done;
  found.reason = "vu à l’EDR";
  found.outcomes = std::vector<std::string>{"cause-found"};
  REQUIRE(change_task(*context, caller, id, task("7.b").id, found));
  CHECK(lines("workstation.added").back().body->machines == std::vector<std::string>{"PC-CARDIO-3"});
  CHECK(task("4.a").state == TaskState::todo);
  CHECK(task("4.a").reopened == incident::Reopening{"7.b", "cause-found"});
  CHECK(task("4.a", "y@ch-exemple.fr").state == TaskState::done);
  CHECK(task("5", "PC-CARDIO-3").state == TaskState::todo);
  CHECK(says(lines("task.changed").back(), "Rouverte"));
  CHECK(lines("task.changed").back().body->machines == std::vector<std::string>{"PC-CARDIO-3"});
  CHECK(lines("task.changed").back().body->accounts.empty());
  const auto all = list_tasks(*context, id).value();
  for (const auto& one : all)
    if (one.task.reopened.action == "7.b") CHECK(one.reopened_why);
  REQUIRE(move("5", TaskState::done, "", "poste réinstallé", "PC-CARDIO-3"));
  CHECK(task("5", "PC-CARDIO-3").reopened.action.empty());
  REQUIRE(change_task(*context, caller, id, task("7.b").id, found));
  CHECK(task("5", "PC-CARDIO-3").state == TaskState::done);
  found.outcomes = std::vector<std::string>{"data-exposed"};
  CHECK(change_task(*context, caller, id, task("7.b").id, found).error().where == "outcomes");
}

TEST_CASE_FIXTURE(Bench, "what to do next: P0, then the severity, then what is due for review, then the rest") {
  REQUIRE(add_account(*context, caller, id, "x@ch-exemple.fr", ""));
  const auto next = [&] { return show_incident(*context, id)->next.value(); };
  CHECK(next().task->action == "1.a");
  for (const auto* action : {"1.a", "1.b", "1.c", "2.a", "2.b", "2.c"}) REQUIRE(move(action, TaskState::done, "", "vérifié"));
  CHECK(next().kind == NextStep::Kind::qualify);
  REQUIRE(answer(serious, "major"));
  CHECK(next().kind == NextStep::Kind::task);
  CHECK(next().task->action == "4.b");
  TaskChange late;
  late.review = UtcMicros{1};
  REQUIRE(change_task(*context, caller, id, task("1.a").id, late));
  CHECK(next().kind == NextStep::Kind::review);
  CHECK(next().task->action == "1.a");
}

TEST_CASE_FIXTURE(Bench, "the capability check is kept and told") {
  CHECK(list_capabilities(*context, id)->empty());
  CHECK(answer_capabilities(*context, caller, id, {{"nothing", Answer::yes}}).error().where == "answers.nothing");
  REQUIRE(answer_capabilities(*context, caller, id, {{"log_access", Answer::no}}));
  REQUIRE(answer_capabilities(*context, caller, id, {{"log_access", Answer::yes}, {"mail_admin", Answer::unknown}}));
  const auto kept = list_capabilities(*context, id).value();
  REQUIRE(kept.size() == 2);
  CHECK(kept[0].id == "mail_admin");
  CHECK(kept[1].answer == Answer::yes);
  CHECK(lines("capability.answered").size() == 2);
}

TEST_CASE_FIXTURE(Bench, "stages overlap, are opened and closed by a person, and may be opened again") {
  REQUIRE(set_stage(*context, caller, id, "qualification", true, ""));
  REQUIRE(set_stage(*context, caller, id, "containment", true, ""));
  CHECK(set_stage(*context, caller, id, "containment", true, "").error().code == ErrorCode::conflict);
  CHECK(set_stage(*context, caller, id, "party", true, "").error().code == ErrorCode::not_found);
  REQUIRE(set_stage(*context, caller, id, "qualification", false, "assez pour décider"));
  const auto spans = set_stage(*context, caller, id, "qualification", true, "nouvel élément").value();
  CHECK(spans.size() == 3);
  CHECK(std::count_if(spans.begin(), spans.end(), [](const auto& one) { return !one.closed; }) == 2);
  CHECK(says(lines("stage.closed").front(), "assez pour décider"));
}
