#include "incident/task.hpp"

#include <doctest/doctest.h>

using namespace digue;
using namespace digue::incident;

namespace {

const Plan plan{{"1.a", true, {}}, {"1.b", true, {"1.a"}}, {"4.a", true, {"5"}}, {"5", false, {}}};

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

TEST_CASE("not applicable, refused and going against a need ask for a reason") {
  const auto one = task("1.b", "x");
  CHECK_FALSE(check_change(one, TaskState::refused, " ", {}));
  CHECK_FALSE(check_change(one, TaskState::not_applicable, "", {}));
  CHECK(check_change(one, TaskState::refused, "direction", {}));
  CHECK(check_change(one, TaskState::done, "", {}));
  CHECK_FALSE(check_change(one, TaskState::done, "", {"1.a"}));
  CHECK_FALSE(check_change(one, TaskState::in_progress, "", {"1.a"}));
  CHECK(check_change(one, TaskState::in_progress, "urgence", {"1.a"}));
  CHECK(check_change(one, TaskState::waiting, "", {"1.a"}));
}

TEST_CASE("next is the first open task in the order of priority whose needs are closed") {
  std::vector<Task> tasks{task("5", ""), task("4.a", "x"), task("1.b", "x"), task("1.a", "x")};
  CHECK(next_task(plan, tasks)->action == "1.a");
  tasks[3].state = TaskState::done;
  CHECK(next_task(plan, tasks)->action == "1.b");
  tasks[2].state = TaskState::refused;
  CHECK(next_task(plan, tasks)->action == "5");
  tasks[0].state = TaskState::done;
  CHECK(next_task(plan, tasks)->action == "4.a");
  tasks[1].state = TaskState::done;
  CHECK(next_task(plan, tasks) == nullptr);
}

TEST_CASE("states have stable names") {
  for (const auto* text : {"todo", "in_progress", "waiting", "done", "not_applicable", "refused"})
    CHECK(name(task_state_named(text).value()) == text);
  CHECK_FALSE(task_state_named("Done"));
}
