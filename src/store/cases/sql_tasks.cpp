#include "base/json/value.hpp"
#include "store/cases/sql_session.hpp"

namespace digue::store {

namespace {

std::optional<UtcMicros> time_at(const sql::Statement& row, int column) {
  if (row.is_null(column)) return std::nullopt;
  return UtcMicros{row.integer_at(column)};
}

std::optional<std::int64_t> micros(const std::optional<UtcMicros>& time) {
  return time ? std::optional(time->value) : std::nullopt;
}

std::vector<std::string> texts_of(const std::string& array) {
  std::vector<std::string> out;
  const auto value = json::parse(array);
  if (value && value->is_array())
    for (const auto& one : value->get_array())
      if (const auto* text = one.if_string()) out.emplace_back(*text);
  return out;
}

incident::Task task_of(const sql::Statement& row) {
  incident::Task task;
  task.id = row.text_at(0);
  task.action = row.text_at(1);
  task.target = row.text_at(2);
  task.state = incident::task_state_named(row.text_at(3)).value_or(incident::TaskState::todo);
  task.owner = row.text_at(4);
  task.reason = row.text_at(5);
  task.changed = time_at(row, 6);
  task.by = row.text_at(7);
  task.due = time_at(row, 8);
  task.due_set = row.integer_at(9) != 0;
  task.proof = row.text_at(10);
  task.outcomes = texts_of(row.text_at(11));
  task.effect = incident::effect_named(row.text_at(12)).value_or(incident::Effect::none);
  task.review = time_at(row, 13);
  task.reopened = {row.text_at(14), row.text_at(15)};
  return task;
}

void bind(sql::Statement& statement, const incident::Task& task) {
  statement.text(task.target).text(std::string(incident::name(task.state))).text(task.owner).text(task.reason);
  statement.optional_integer(micros(task.changed)).text(task.by).optional_integer(micros(task.due)).integer(task.due_set ? 1 : 0);
  statement.text(task.proof).text(json::canonical(json::array_of(task.outcomes))).text(std::string(incident::name(task.effect)));
  statement.optional_integer(micros(task.review)).text(task.reopened.action).text(task.reopened.outcome);
}

}  // namespace

Result<std::vector<incident::Task>> SqlSession::tasks(const std::string& incident) {
  auto query = database_.prepare(
      "SELECT id, action, target, state, owner, reason, changed, changed_by, due, due_set, proof, outcomes, effect, review, reopened_by,"
      " reopened_on FROM tasks WHERE incident = ? ORDER BY number");
  query.text(incident);
  std::vector<incident::Task> out;
  for (;;) {
    const auto row = query.step();
    if (!row) return tl::make_unexpected(row.error());
    if (!*row) return out;
    out.push_back(task_of(query));
  }
}

Result<void> SqlSession::add_task(const std::string& incident, const incident::Task& task) {
  auto add = database_.prepare(
      "INSERT INTO tasks(id, incident, action, target, state, owner, reason, changed, changed_by, due, due_set, proof, outcomes, effect,"
      " review, reopened_by, reopened_on) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
  add.text(task.id).text(incident).text(task.action);
  bind(add, task);
  return add.run();
}

Result<void> SqlSession::set_task(const std::string& incident, const incident::Task& task) {
  auto set = database_.prepare(
      "UPDATE tasks SET target = ?, state = ?, owner = ?, reason = ?, changed = ?, changed_by = ?, due = ?, due_set = ?, proof = ?,"
      " outcomes = ?, effect = ?, review = ?, reopened_by = ?, reopened_on = ? WHERE incident = ? AND id = ?");
  bind(set, task);
  set.text(incident).text(task.id);
  return changed_one(set, "task.absent", task.id);
}

}  // namespace digue::store
