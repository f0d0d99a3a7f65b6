#include <doctest/doctest.h>

#include <algorithm>
#include <condition_variable>
#include <filesystem>
#include <mutex>

#include "playbook/playbook.hpp"
#include "service/analyses.hpp"
#include "service/custody.hpp"
#include "service/exhibits.hpp"
#include "service/guided.hpp"
#include "service/incidents.hpp"
#include "service/journal.hpp"
#include "service/pins.hpp"
#include "service/reading.hpp"
#include "service/tasks.hpp"

using namespace digue;
using namespace digue::service;

namespace {

playbook::Playbook small_playbook() {
  playbook::Playbook book;
  const auto action = [](std::string id, playbook::Scope scope, std::vector<std::string> needs) {
    playbook::Action out;
    out.title = {"Action " + id, "Action " + id};
    out.id = std::move(id);
    out.scope = scope;
    for (auto& need : needs) {
      playbook::Requirement requirement;
      requirement.action = std::move(need);
      out.requirements.push_back(std::move(requirement));
    }
    return out;
  };
  playbook::Measure one;
  one.number = "1";
  one.actions = {action("1.a", playbook::Scope::account, {}), action("1.b", playbook::Scope::account, {"1.a"})};
  playbook::Measure five;
  five.number = "5";
  five.actions = {action("5", playbook::Scope::incident, {})};
  book.measures = {one, five};
  playbook::PriorityGroup first;
  first.priority = playbook::Priority::p0;
  first.measures = {"1"};
  playbook::PriorityGroup second;
  second.priority = playbook::Priority::p1;
  second.measures = {"5"};
  book.priorities = {first, second};
  return book;
}

/// Answers what the test says, and waits when told to.
class FakeAnalyser final : public Analyser {
 public:
  std::function<Result<std::string>(const AnalysisJob&, const AnalysisSink&)> answer;
  Result<std::string> run(const AnalysisJob& job, const AnalysisSink& sink) override { return answer(job, sink); }
  Result<std::string> excerpt(const AnalysisInput& input, const std::string& path, std::uint64_t offset, std::uint64_t size) override {
    const std::string all = "[" + input.name + "][" + path + "]" + std::string(1000, 'x');
    return all.substr(std::min<std::size_t>(offset, all.size()), size);
  }
};

constexpr const char* tail =
    R"("sessions":[],"findings":[{}],"indicators":[],"reach":[],"exposure":{"certain":[],"possible":[],"unknowable":[]},"completeness":[]})";

std::string analysis_of(const std::string& path, const std::string& account, const std::string& verdict) {
  return R"({"schema":"digue.analysis/1","inputs":[{"path":")" + path +
         R"(","format":"dovecot","records":3,"accepted":2,"duplicates":0,"rejected":1,"first":null,"last":null,"notes":[]}],"accounts":[{"account":")" +
         account + R"(","verdict":")" + verdict + R"("}],)" + tail;
}

constexpr const char* event_line =
    R"({"time":"2026-03-09T19:58:40Z","account":"c.moreau@ch-exemple.fr","class":3002,"activity":1,"operation":"login","outcome":"success",)"
    R"("ip":"198.51.100.23","country":null,"device":null,"session":null,"actor":"attacker","confidence":1,"uid":null,"input":0,"offset":0,"length":6})";

struct Workbench {
  std::string folder;
  std::vector<std::string> leftovers;
  std::unique_ptr<store::CaseStore> cases;
  std::unique_ptr<store::Vault> vault;
  std::unique_ptr<store::EventStore> events;
  std::unique_ptr<store::Documents> documents;
  playbook::Playbook book = small_playbook();
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::string> news;
  std::unique_ptr<Context> context;
  FakeAnalyser analyser;
  std::unique_ptr<Jobs> jobs;
  std::unique_ptr<Analyses> analyses;
  Caller caller{"A. Roche"};

  Workbench() {
    folder = (std::filesystem::temp_directory_path() / "digue-XXXXXX").string();
    REQUIRE(mkdtemp(folder.data()) != nullptr);
    open();
  }
  ~Workbench() {
    jobs.reset();
    std::filesystem::remove_all(folder);
  }
  void open() {
    jobs.reset();
    cases.reset();
    cases = store::open_sqlite_cases(folder + "/cases.sqlite").value();
    vault = store::Vault::open(
                folder + "/vault",
                [this](const std::string& sha256) { return store::reading(*cases, [&](store::CaseReader& r) { return r.holds(sha256); }); },
                leftovers)
                .value();
    events = store::open_sqlite_events(folder + "/events").value();
    documents = std::make_unique<store::Documents>(folder + "/documents");
    context = std::make_unique<Context>(Context{*cases,
                                                *vault,
                                                *events,
                                                *documents,
                                                book,
                                                {},
                                                [this](std::string_view kind, const std::string&) {
                                                  const std::lock_guard lock(mutex);
                                                  news.emplace_back(kind);
                                                  changed.notify_all();
                                                },
                                                plan_of(book)});
    jobs = std::make_unique<Jobs>(*context);
    analyses = std::make_unique<Analyses>(*context, analyser, *jobs);
  }
  std::string incident() { return create_incident(*context, caller, {"Boîte compromise", "", false, false})->incident.id; }
  incident::Exhibit exhibit(const std::string& incident, const std::string& name, std::string_view bytes) {
    auto upload = receive_exhibit(*context, caller, incident, name).value();
    REQUIRE(upload->write(bytes));
    return upload->finish().value();
  }
  std::vector<store::Entry> lines(const std::string& incident) { return read_journal(*context, incident, 0, 500)->entries; }
  std::vector<std::string> abouts(const std::string& incident) {
    std::vector<std::string> out;
    for (const auto& line : lines(incident)) out.push_back(line.header.about);
    return out;
  }
  incident::Task task(const std::string& incident, const std::string& action, const std::string& target) {
    const auto all = list_tasks(*context, incident).value();
    for (const auto& one : all)
      if (one.task.action == action && one.task.target == target) return one.task;
    return {};
  }
  /// Waits until the incident's last job has ended.
  incident::Job ended(const std::string& incident) {
    for (;;) {
      std::unique_lock lock(mutex);
      const auto seen = news.size();
      lock.unlock();
      const auto job = jobs->list(incident)->front().job;
      if (job.state != "queued" && job.state != "running") return job;
      lock.lock();
      changed.wait_for(lock, std::chrono::seconds(5), [&] { return news.size() != seen; });
    }
  }
};

using Texts = std::vector<std::string>;

TaskChange to(incident::TaskState state, std::string reason, std::optional<std::string> owner = std::nullopt) {
  TaskChange change;
  change.state = state;
  change.reason = std::move(reason);
  change.owner = std::move(owner);
  return change;
}

}  // namespace

TEST_CASE_FIXTURE(Workbench, "a new incident begins with a clock check, then its opening, and has the tasks of the plan") {
  const auto id = incident();
  CHECK(abouts(id) == Texts{"clock.check", "incident.created"});
  const auto tasks = list_tasks(*context, id).value();
  REQUIRE(tasks.size() == 3);
  CHECK(tasks[0].task.action == "1.a");
  CHECK(tasks[2].task.action == "5");
  const auto view = show_incident(*context, id).value();
  CHECK(view.next->task->action == "1.a");
  CHECK(view.accounts.empty());
  CHECK(show_incident(*context, "nothing").error().code == ErrorCode::not_found);
}

TEST_CASE_FIXTURE(Workbench, "the first account takes over untouched tasks, the next gets its own, touched ones stay") {
  const auto id = incident();
  REQUIRE(change_task(*context, caller, id, task(id, "1.b", "").id, to(incident::TaskState::waiting, "")));
  REQUIRE(add_account(*context, caller, id, " C.Moreau@CH-Exemple.fr ", "appel de la victime"));
  CHECK(list_tasks(*context, id)->size() == 4);
  CHECK_FALSE(task(id, "1.a", "c.moreau@ch-exemple.fr").id.empty());
  CHECK_FALSE(task(id, "1.b", "").id.empty());
  CHECK_FALSE(task(id, "1.b", "c.moreau@ch-exemple.fr").id.empty());
  REQUIRE(add_account(*context, caller, id, "b.diop", ""));
  CHECK(list_tasks(*context, id)->size() == 6);
  CHECK(add_account(*context, caller, id, "B.DIOP", "").error().code == ErrorCode::conflict);
  CHECK_FALSE(add_account(*context, caller, id, "a b", ""));
  CHECK(lines(id).back().body->accounts == Texts{"b.diop"});
}

TEST_CASE_FIXTURE(Workbench, "a task changes with its reason, in the journal; going against a need is recorded") {
  const auto id = incident();
  REQUIRE(add_account(*context, caller, id, "x", ""));
  const auto reset = task(id, "1.b", "x");
  CHECK_FALSE(change_task(*context, caller, id, reset.id, to(incident::TaskState::done, "")));
  CHECK_FALSE(change_task(*context, caller, id, reset.id, to(incident::TaskState::refused, "")));
  const auto before = lines(id).size();
  const auto done = change_task(*context, caller, id, reset.id, to(incident::TaskState::done, "blocage impossible", "B. Diop"));
  REQUIRE(done);
  CHECK(done->task.by == "A. Roche");
  CHECK(done->task.owner == "B. Diop");
  REQUIRE(lines(id).size() == before + 1);
  const auto line = lines(id).back();
  CHECK(line.header.about == "task.changed");
  CHECK(line.body->text.find("blocage impossible") != std::string::npos);
  CHECK(line.body->text.find("1.a") != std::string::npos);
  CHECK(line.body->links == std::vector<journal::Link>{{"task", reset.id}});
  CHECK(change_task(*context, caller, id, "absent", {}).error().code == ErrorCode::not_found);
}

TEST_CASE_FIXTURE(Workbench, "an exhibit is stored, recorded, in custody and told") {
  const auto id = incident();
  const auto first = exhibit(id, "dossier/mail.log", "abc");
  const auto second = exhibit(id, "copie", "abc");
  CHECK(first.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(first.sha256 == second.sha256);
  CHECK(first.id != second.id);
  CHECK(list_exhibits(*context, id)->size() == 2);
  CHECK(list_custody(*context, id)->size() == 4);
  CHECK(list_custody(*context, id)->front().who == "A. Roche");
  CHECK(abouts(id).back() == "exhibit.received");
  CHECK(lines(id).back().body->text.find(first.sha256) != std::string::npos);
  CHECK_FALSE(receive_exhibit(*context, caller, id, " "));
  CHECK_FALSE(receive_exhibit(*context, caller, "absent", "x"));
  CHECK(exhibit(id, "nom \xff", "x").name == "nom \xEF\xBF\xBD");
}

TEST_CASE_FIXTURE(Workbench, "an analysis gives story, events, documents, verdicts, tasks and journal lines together") {
  const auto id = incident();
  CHECK(analyses->start(caller, id).error().code == ErrorCode::bad_input);
  exhibit(id, "mail.log", "ligne 1\nligne 2\x1b[31m\n");
  REQUIRE(add_pin(*context, caller, id, {"ip", "::ffff:198.51.100.23", "attacker", "vu au pare-feu"}));
  AnalysisJob seen;
  analyser.answer = [&](const AnalysisJob& job, const AnalysisSink& sink) -> Result<std::string> {
    seen = job;
    sink.progress(5, 10);
    REQUIRE(sink.events(std::string(event_line) + "\n"));
    REQUIRE(sink.document("html", "<p>"));
    return analysis_of("mail.log", "c.moreau@ch-exemple.fr", "compromised");
  };
  REQUIRE(analyses->start(caller, id));
  CHECK(ended(id).state == "done");
  CHECK(seen.inputs.size() == 1);
  CHECK(seen.inputs.front().name == "mail.log");
  CHECK(read_file(seen.inputs.front().path, 100).value().starts_with("ligne 1"));
  CHECK(seen.options.find("\"value\":\"198.51.100.23\"") != std::string::npos);

  const auto exhibits = list_exhibits(*context, id).value();
  CHECK(exhibits.front().state == "analysed");
  CHECK(exhibits.front().format == "dovecot");
  CHECK(exhibits.front().records == 3);
  CHECK(exhibits.front().rejected == 1);
  CHECK(context->events.query(id, 1, {})->rows.size() == 1);
  CHECK(context->documents.open(id, 1, "html"));
  const auto view = show_incident(*context, id).value();
  CHECK(view.accounts.front().verdict == "compromised");
  CHECK(view.accounts.front().joined);
  CHECK(view.next->task->target == "c.moreau@ch-exemple.fr");
  CHECK(abouts(id).back() == "analysis.done");
  CHECK(lines(id).back().body->accounts == Texts{"c.moreau@ch-exemple.fr"});

  const auto record = view_record(*context, analyser, caller, id, 0, 8, 10);
  REQUIRE(record);
  CHECK(record->text == "ligne 2\xE2\x90\x9B[3");
  CHECK(record->before == "ligne 1\n");
  CHECK(record->after == "1m\n");
  CHECK(record->path == "mail.log");
  CHECK(list_custody(*context, id)->back().what == "viewed");
  CHECK(view_record(*context, analyser, caller, id, 1, 0, 1).error().code == ErrorCode::not_found);
  CHECK(view_record(*context, analyser, caller, id, 0, 1000, 1).error().code == ErrorCode::not_found);
  CHECK(view_record(*context, analyser, caller, id, 0, 8, 1000)->truncated);

  // The next version replaces verdicts that no longer hold; who has joined stays.
  analyser.answer = [&](const AnalysisJob&, const AnalysisSink&) -> Result<std::string> {
    return analysis_of("mail.log", "x", "targeted");
  };
  REQUIRE(analyses->start(caller, id));
  CHECK(ended(id).state == "done");
  CHECK(show_incident(*context, id)->accounts.size() == 1);
  CHECK(show_incident(*context, id)->accounts.front().verdict == "clear");
  CHECK(show_incident(*context, id)->accounts.front().joined);
  jobs.reset();  // its thread removes older ones after it told the end
  CHECK_FALSE(context->documents.open(id, 1, "html"));
}

TEST_CASE_FIXTURE(Workbench, "the lines of a compressed, archived or UTF-16 exhibit are those that the analyser decodes") {
  const auto id = incident();
  exhibit(id, "mail.log.gz", std::string_view("\x1f\x8b\x08\0\0", 5));
  exhibit(id, "a.zip", "PK\x03\x04");
  exhibit(id, "utf16.csv", std::string_view("\xff\xfeR\0e\0c\0", 8));
  int call = 0;
  analyser.answer = [&](const AnalysisJob&, const AnalysisSink&) -> Result<std::string> {
    const char* paths[] = {"mail.log.gz", "utf16.csv", "a.zip!mail.log"};
    return analysis_of(paths[call++], "x", "targeted");
  };
  for (int i = 0; i < 3; ++i) {
    REQUIRE(analyses->start(caller, id));
    REQUIRE(ended(id).state == "done");
    const std::string path = i == 0 ? "mail.log.gz" : i == 1 ? "utf16.csv" : "a.zip!mail.log";
    const std::string name = i == 2 ? "a.zip" : path;
    const auto view = view_record(*context, analyser, caller, id, 0, 1, static_cast<std::int64_t>(name.size()));
    REQUIRE(view);
    CHECK(view->before == "[");
    CHECK(view->text == name);
    CHECK(view->after.starts_with("][" + path + "]"));
    CHECK(view_record(*context, analyser, caller, id, 0, 2000, 1).error().code == ErrorCode::not_found);
  }
  const auto all = list_exhibits(*context, id).value();
  for (const auto& one : all) CHECK(one.state == (one.name == "a.zip" ? "analysed" : "unrecognised"));
}

TEST_CASE_FIXTURE(Workbench, "an analysis that fails or answers nonsense changes nothing but the journal") {
  const auto id = incident();
  exhibit(id, "mail.log", "abc");
  const Texts expected{"failed", "failed", "failed", "failed"};
  Texts states;
  const std::vector<std::function<Result<std::string>(const AnalysisSink&)>> answers{
      [](const AnalysisSink&) -> Result<std::string> { return fail(ErrorCode::io, "tué par le signal 9"); },
      [](const AnalysisSink&) -> Result<std::string> { return std::string("{}"); },
      [](const AnalysisSink& sink) -> Result<std::string> {
        if (auto done = sink.events("{\"offset\":-1}\n"); !done) return tl::make_unexpected(done.error());
        return std::string("not reached");
      },
      [](const AnalysisSink&) -> Result<std::string> { throw std::runtime_error("thrown"); },
  };
  for (const auto& answer : answers) {
    analyser.answer = [&](const AnalysisJob&, const AnalysisSink& sink) { return answer(sink); };
    REQUIRE(analyses->start(caller, id));
    states.push_back(ended(id).state);
    CHECK(abouts(id).back() == "analysis.failed");
    CHECK(jobs->list(id)->front().job.started);
  }
  CHECK(states == expected);
  CHECK(lines(id)[4].body->text.find("signal 9") != std::string::npos);
  CHECK(list_exhibits(*context, id)->front().state == "received");
  CHECK(store::reading(*cases, [&](store::CaseReader& r) { return r.story(id); }).error().code == ErrorCode::not_found);
}

TEST_CASE_FIXTURE(Workbench, "one analysis per incident at a time; it is cancelled, running or waiting") {
  const auto first = incident();
  const auto second = incident();
  exhibit(first, "a", "abc");
  exhibit(second, "b", "abc");
  analyser.answer = [](const AnalysisJob&, const AnalysisSink& sink) -> Result<std::string> {
    while (!*sink.cancelled) std::this_thread::yield();
    return fail(ErrorCode::cancelled, "");
  };
  const auto running = analyses->start(caller, first).value();
  CHECK(analyses->start(caller, first).error().code == ErrorCode::conflict);
  const auto waiting = analyses->start(caller, second).value();
  CHECK(jobs->cancel(caller, second, waiting.job.id)->job.state == "cancelled");
  CHECK(jobs->cancel(caller, second, waiting.job.id).error().code == ErrorCode::conflict);
  // The running one may still be on its way to the analyser.
  while (!jobs->cancel(caller, first, running.job.id)) std::this_thread::yield();
  CHECK(ended(first).state == "cancelled");
  CHECK(abouts(first).back() == "analysis.cancelled");
}

TEST_CASE_FIXTURE(Workbench, "a job that a crash cut is told at the next start") {
  const auto id = incident();
  exhibit(id, "a", "abc");
  REQUIRE(cases->write([&](store::CaseWriter& writer) {
    return writer.put_job({"j1", id, "analysis", "running", 0, 3, now(), now(), {}, {}, "A. Roche"});
  }));
  open();
  REQUIRE(jobs->recover());
  CHECK(jobs->list(id)->front().job.state == "failed");
  CHECK(abouts(id).back() == "analysis.failed");
}

TEST_CASE_FIXTURE(Workbench, "pins have known kinds and actors, and leave with a reason") {
  const auto id = incident();
  CHECK_FALSE(add_pin(*context, caller, id, {"planet", "x", "attacker", "r"}));
  CHECK_FALSE(add_pin(*context, caller, id, {"ip", "x", "attacker", "r"}));
  CHECK_FALSE(add_pin(*context, caller, id, {"ip", "198.51.100.23", "martian", "r"}));
  const auto pin = add_pin(*context, caller, id, {"account", "C.Moreau@x", "user", "rappelée"}).value();
  CHECK(pin.value == "c.moreau@x");
  CHECK(list_pins(*context, id)->size() == 1);
  REQUIRE(remove_pin(*context, caller, id, pin.id, "erreur"));
  CHECK(list_pins(*context, id)->empty());
  CHECK(abouts(id).back() == "pin.removed");
  CHECK(remove_pin(*context, caller, id, pin.id, "erreur").error().code == ErrorCode::not_found);
}

TEST_CASE_FIXTURE(Workbench, "a person's line carries its author and time as given") {
  const auto id = incident();
  NewLine line;
  line.event_time = UtcMicros{5};
  line.zone = "Indian/Reunion";
  line.precision = journal::Precision::hour;
  line.text = "Appel";
  const auto entry = write_line(*context, caller, id, line).value();
  CHECK(entry.header.event_time == UtcMicros{5});
  CHECK(entry.header.zone == "Indian/Reunion");
  CHECK(entry.body->author == "A. Roche");
  line.event_time.reset();
  line.zone.reset();
  CHECK(write_line(*context, caller, id, line)->header.zone == "Europe/Paris");
  CHECK(write_line(*context, caller, "absent", line).error().code == ErrorCode::not_found);
}

TEST_CASE("bytes are shown so that nothing can act") {
  CHECK(show_bytes("a\tb\r\n") == "a\tb\xE2\x90\x8D\n");
  CHECK(show_bytes(std::string_view("\0\x1b\x7f", 3)) == "\xE2\x90\x80\xE2\x90\x9B\xE2\x90\xA1");
  CHECK(show_bytes("\u202e\u2066\u200f\u2028\u0085") == "\\u202E\\u2066\\u200F\\u2028\\u0085");
  CHECK(show_bytes("\xff\xC3\xA9\xE2\x82\xAC") == "\xEF\xBF\xBD\xC3\xA9\xE2\x82\xAC");
}

TEST_CASE_FIXTURE(Workbench, "guided commands are filled from the incident, and their answers kept as proofs") {
  const std::vector<guided::SourceFile> files{{"x.yaml", R"(schema: digue.platform/1
id: demo
name: Demo
about: {fr: Essai, en: Trial}
connect: []
actions:
  - id: "1.a"
    right: {fr: Droit, en: Right}
    steps:
      - {for: do, fr: Bloquer, en: Block, shell: sh, run: "lock {{account}} since {{since}} {{ips}} {{rule}}"}
      - {for: verify, fr: Relire, en: Read, shell: sh, run: "show {{account}}", see: {fr: vu, en: seen}}
  - {id: "1.b", cannot: {fr: Ailleurs, en: Elsewhere}}
  - {id: "5", cannot: {fr: Pas ici, en: Not here}}
)"}};
  const auto platforms = guided::load_platforms(files, {"1.a", "1.b", "5"}).value();
  context->platforms = platforms;
  const auto id = incident();
  REQUIRE(add_account(*context, caller, id, "o'brien@x.fr", ""));
  const auto mine = task(id, "1.a", "o'brien@x.fr").id;

  CHECK(task_commands(*context, id, mine, "", {})->procedure == nullptr);
  CHECK(task_commands(*context, id, mine, "absent", {}).error().where == "platform");
  CHECK(task_commands(*context, id, "absent", "demo", {}).error().code == ErrorCode::not_found);
  CHECK(task_commands(*context, id, mine, "demo", {{"rule", "a\nb"}}).error().where == "rule");
  REQUIRE(choose_platform(*context, caller, id, "demo"));
  CHECK(abouts(id).back() == "platform.chosen");
  const auto before = abouts(id).size();
  REQUIRE(choose_platform(*context, caller, id, "demo"));
  CHECK(abouts(id).size() == before);
  CHECK_FALSE(choose_platform(*context, caller, id, "absent"));
  auto commands = task_commands(*context, id, mine, "", {}).value();
  CHECK(commands.steps.blocks.size() == 2);
  CHECK(commands.steps.blocks.front().missing == Texts{"ips", "rule"});
  CHECK(commands.steps.blocks.back().command == "show 'o'\\''brien@x.fr'");

  REQUIRE(exhibit(id, "mail.log", "ligne\n").id != "");
  analyser.answer = [&](const AnalysisJob& job, const AnalysisSink&) -> Result<std::string> {
    CHECK(job.inputs.size() == 1);
    auto text = analysis_of("mail.log", "o'brien@x.fr", "compromised");
    text.replace(
        text.find("\"sessions\":[]"), 13,
        R"("sessions":[{"account":"o'brien@x.fr","actor":"attacker","first":"2026-03-09T19:58:40Z","ips":["198.51.100.23","x;y"]},)"
        R"({"account":"o'brien@x.fr","actor":"user","first":"2026-01-01T00:00:00Z","ips":["192.0.2.7"]}])");
    text.replace(text.find("\"indicators\":[]"), 15, R"x("indicators":[{"type":"rule","value":"$(id)"},{"type":"rule","value":"a\nb"}])x");
    return text;
  };
  REQUIRE(analyses->start(caller, id));
  REQUIRE(ended(id).state == "done");
  commands = task_commands(*context, id, mine, "demo", {{"rule", "$(id)"}}).value();
  CHECK(commands.steps.blocks.front().command == "lock 'o'\\''brien@x.fr' since 2026-03-08T19:58:40Z 198.51.100.23 '$(id)'");
  CHECK(commands.suggestions["rule"] == Texts{"$(id)"});

  const auto proof = add_proof(*context, caller, id, mine, {"demo", "show x", "compte verrouillé\r\n", "lu deux fois"}).value();
  // sha256sum of these 20 bytes.
  CHECK(proof.sha256 == "eb3d4d8e91d8c701cf9ca94a5d1d2f6ecd51f0cb107bbd28ee3399c18aa3f1b9");
  CHECK(proof.bytes == 20);
  const auto kept = list_proofs(*context, id, mine).value();
  REQUIRE(kept.size() == 1);
  CHECK(kept.front().command == "show x");
  CHECK(kept.front().by == "A. Roche");
  CHECK(read_file(vault->path_of(proof.sha256), 100).value() == "compte verrouillé\r\n");
  const auto held = list_exhibits(*context, id).value().back();
  CHECK(held.id == proof.exhibit);
  CHECK(held.method == "pasted");
  CHECK(list_custody(*context, id)->at(list_custody(*context, id)->size() - 2).detail == "pasted");
  CHECK(abouts(id).back() == "proof.pasted");
  CHECK(lines(id).back().body->text.find(proof.sha256) != std::string::npos);
  CHECK(lines(id).back().body->links.size() == 3);
  const auto tasks = list_tasks(*context, id).value();
  const auto shown = std::find_if(tasks.begin(), tasks.end(), [&](const TaskView& one) { return one.task.id == mine; });
  CHECK(shown->task.proof.find(proof.sha256) != std::string::npos);
  CHECK(add_proof(*context, caller, id, "absent", {"demo", "x", "y", ""}).error().code == ErrorCode::not_found);
  CHECK(add_proof(*context, caller, id, mine, {"absent", "x", "y", ""}).error().code == ErrorCode::bad_input);
  // A pasted answer is no evidence to analyse: the analyser again gets one input.
  REQUIRE(analyses->start(caller, id));
  CHECK(ended(id).state == "done");
}
