#include "incident/task.hpp"

#include <doctest/doctest.h>

using namespace digue;
using namespace digue::incident;

namespace {

const Plan plan{{"1.a", true, {}}, {"1.b", true, {"1.a"}}, {"4.a", true, {"5"}}, {"5", false, {}, true}};

Task task(std::string action, std::string target, TaskState state = TaskState::todo) {
  Task out;
  out.id = action + "/" + target;
  out.action = std::move(action);
  out.target = std::move(target);
  out.state = state;
  return out;
}

}  // namespace

TEST_CASE("a need is judged on the same target, else on any") {
  std::vector<Task> tasks{
      task("1.a", "x", TaskState::done), task("1.a", "y"), task("1.b", "x"), task("1.b", "y"), task("4.a", "x"), task("5", "")};
  CHECK(open_needs(plan, tasks[2], tasks).empty());
  CHECK(open_needs(plan, tasks[3], tasks) == std::vector<std::string>{"1.a"});
  CHECK(open_needs(plan, tasks[4], tasks) == std::vector<std::string>{"5"});
  tasks[5].state = TaskState::not_applicable;
  CHECK(open_needs(plan, tasks[4], tasks).empty());
  tasks[5].state = TaskState::refused;
  CHECK(open_needs(plan, tasks[4], tasks).size() == 1);
}

namespace {

Result<void> change(const Task& before, TaskState state, std::string reason, std::string proof, const std::vector<std::string>& needs) {
  Task after = before;
  after.state = state;
  after.reason = std::move(reason);
  after.proof = std::move(proof);
  return check_change(action_of(plan, before.action), before, after, needs);
}

}  // namespace

TEST_CASE("not applicable, refused and going against a need ask for a reason") {
  const auto one = task("1.b", "x");
  CHECK_FALSE(change(one, TaskState::refused, " ", "", {}));
  CHECK_FALSE(change(one, TaskState::not_applicable, "", "", {}));
  CHECK(change(one, TaskState::refused, "direction", "", {}));
  CHECK(change(one, TaskState::done, "", "connexion refusée à 21 h", {}));
  CHECK_FALSE(change(one, TaskState::done, "", "connexion refusée à 21 h", {"1.a"}));
  CHECK_FALSE(change(one, TaskState::in_progress, "", "", {"1.a"}));
  CHECK(change(one, TaskState::in_progress, "urgence", "", {"1.a"}));
  CHECK(change(one, TaskState::waiting, "", "", {"1.a"}));
}

TEST_CASE("done asks for a proof, or for the reason of its absence") {
  const auto one = task("1.b", "x");
  const auto refused = change(one, TaskState::done, "", "  ", {});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().where == "proof");
  CHECK(change(one, TaskState::done, "console indisponible, vérifié par téléphone", "", {}));
}

TEST_CASE("an outcome must be one that the action finds") {
  const Plan book{{"7.b", true, {}, false, 2, {}, {"cause-found"}, {}, {}}};
  const auto before = task("7.b", "x");
  Task after = before;
  after.outcomes = {"cause-found"};
  CHECK(check_change(&book.front(), before, after, {}));
  after.outcomes = {"data-exposed"};
  CHECK(check_change(&book.front(), before, after, {}).error().where == "outcomes");
}

TEST_CASE("what is in force is lifted or made permanent with a reason, once") {
  auto before = task("1.a", "x", TaskState::done);
  before.effect = Effect::in_force;
  before.review = UtcMicros{1};
  Task after = before;
  after.review.reset();
  CHECK(check_change(&plan.front(), before, after, {}).error().where == "review");
  after.effect = Effect::none;
  CHECK(check_change(&plan.front(), before, after, {}).error().where == "effect");
  after.effect = Effect::lifted;
  CHECK(check_change(&plan.front(), before, after, {}).error().where == "reason");
  after.reason = "compte remis en état";
  CHECK(check_change(&plan.front(), before, after, {}));
  after.review = UtcMicros{1};
  CHECK(check_change(&plan.front(), before, after, {}).error().where == "review");
  after.review.reset();
  before.effect = Effect::none;
  CHECK(check_change(&plan.front(), before, after, {}).error().where == "effect");
}

TEST_CASE("the block is lifted only behind reset, persistence, rules and applications") {
  const Plan book{{"1.a", true, {}, false, 0, {"1.b", "1.c", "2.a", "2.b"}, {}, {}, 1},
                  {"1.b", true, {}},
                  {"1.c", true, {}},
                  {"2.a", true, {}},
                  {"2.b", true, {}}};
  std::vector<Task> tasks{task("1.a", "x", TaskState::done),
                          task("1.b", "x", TaskState::done),
                          task("1.c", "x"),
                          task("2.a", "x", TaskState::not_applicable),
                          task("2.b", "x"),
                          task("1.c", "y", TaskState::done)};
  CHECK(open_lift_needs(book, tasks[0], tasks) == std::vector<std::string>{"1.c", "2.b"});
  tasks[2].state = tasks[4].state = TaskState::done;
  CHECK(open_lift_needs(book, tasks[0], tasks).empty());
}

TEST_CASE("a cause that is found opens what rested on an assumed one, on the same account only") {
  const Plan book{{"4.a", true, {}, false, 1, {}, {}, {{"7.b", "cause-found"}}, {}},
                  {"5", false, {}, true, 1, {}, {}, {{"7.b", "cause-found"}}, {}},
                  {"7.b", true, {}, false, 2, {}, {"cause-found"}, {}, {}}};
  const std::vector<Task> tasks{task("4.a", "x", TaskState::done), task("4.a", "y", TaskState::done),
                                task("5", "pc-1", TaskState::not_applicable), task("5", "pc-2", TaskState::in_progress),
                                task("7.b", "x", TaskState::done)};
  CHECK(reopened_by(book, tasks[4], {"cause-found"}, tasks) == std::vector<std::size_t>{0, 2});
  CHECK(reopened_by(book, tasks[4], {"indicator-found"}, tasks).empty());
  CHECK(reopened_by(book, tasks[4], {}, tasks).empty());
}

TEST_CASE("raised actions come first inside their priority, never before a higher one") {
  Plan book{{"1.a", true, {}}, {"2.c", true, {}}, {"6.a", true, {}}, {"6.b", true, {}}};
  book[2].priority = book[3].priority = 2;
  std::vector<Task> tasks{task("6.a", "x"), task("1.a", "x"), task("6.b", "x"), task("2.c", "x")};
  sort_tasks(book, {"6.b", "2.c"}, tasks);
  std::string order;
  for (const auto& one : tasks) order += one.action + " ";
  CHECK(order == "2.c 1.a 6.b 6.a ");
}

TEST_CASE("next is the first open task in the order of priority whose needs are closed") {
  std::vector<Task> tasks{task("5", ""), task("4.a", "x"), task("1.b", "x"), task("1.a", "x")};
  CHECK(next_task(plan, {}, tasks)->action == "1.a");
  CHECK(next_task(plan, {"1.b"}, tasks)->action == "1.a");
  tasks[3].state = TaskState::done;
  CHECK(next_task(plan, {}, tasks)->action == "1.b");
  tasks[2].state = TaskState::refused;
  CHECK(next_task(plan, {}, tasks)->action == "5");
  CHECK(next_task(plan, {"4.a"}, tasks)->action == "5");
  tasks[0].state = TaskState::done;
  CHECK(next_task(plan, {}, tasks)->action == "4.a");
  tasks[1].state = TaskState::done;
  CHECK(next_task(plan, {}, tasks) == nullptr);
}

TEST_CASE("states have stable names") {
  for (const auto* text : {"todo", "in_progress", "waiting", "done", "not_applicable", "refused"})
    CHECK(name(task_state_named(text).value()) == text);
  CHECK_FALSE(task_state_named("Done"));
  for (const auto* text : {"none", "in_force", "lifted", "permanent"}) CHECK(name(effect_named(text).value()) == text);
}
