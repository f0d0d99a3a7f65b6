#include "service/tasks.hpp"

#include <array>

#include "api/api.hpp"
#include "api/reply.hpp"

namespace digue::api {

namespace {

json::Value text_or_null(const std::string& text) {
  return text.empty() ? json::Value(nullptr) : json::Value(text);
}

json::Value task_json(const service::TaskView& view) {
  const auto& task = view.task;
  json::Value raised = nullptr;
  if (view.raised) raised = json::Object{{"question", view.raised->question}, {"why", both(view.raised->why)}};
  json::Value reopened = nullptr;
  if (!task.reopened.action.empty())
    reopened = json::Object{{"action", task.reopened.action},
                            {"outcome", task.reopened.outcome},
                            {"why", view.reopened_why ? both(*view.reopened_why) : json::Value(nullptr)}};
  return json::Object{
      {"id", task.id},
      {"action", task.action},
      {"target", text_or_null(task.target)},
      {"state", std::string(incident::name(task.state))},
      {"owner", text_or_null(task.owner)},
      {"reason", text_or_null(task.reason)},
      {"changed", time_or_null(task.changed)},
      {"by", text_or_null(task.by)},
      {"due", time_or_null(task.due)},
      {"due_set", task.due_set},
      {"proof", text_or_null(task.proof)},
      {"outcomes", json::array_of(task.outcomes)},
      {"effect", std::string(incident::name(task.effect))},
      {"review", time_or_null(task.review)},
      {"raised", std::move(raised)},
      {"reopened", std::move(reopened)},
  };
}

Answer list(Call& call) {
  const auto tasks = service::list_tasks(call.api.context, call.incident());
  if (!tasks) return tl::make_unexpected(tasks.error());
  json::Array out;
  for (const auto& task : *tasks) out.push_back(task_json(task));
  return reply_json(out);
}

Answer change(Call& call) {
  json::Fields fields(call.body);
  const auto state = fields.optional_text("state", 32);
  const auto effect = fields.optional_text("effect", 32);
  const auto due = fields.optional_text("due", 64);
  const auto review = fields.optional_text("review", 64);
  service::TaskChange change;
  change.reason = fields.text_or("reason", 2000, "");
  change.owner = fields.optional_text("owner", 200);
  change.proof = fields.optional_text("proof", 8000);
  if (fields.has("outcomes")) change.outcomes = fields.texts("outcomes", 32, 64);
  if (auto good = fields.done(); !good) return tl::make_unexpected(good.error());
  if (state) {
    change.state = incident::task_state_named(*state);
    if (!change.state) return fail(ErrorCode::bad_input, tr("field.not_a_choice", {{"field", "state"}}), "state");
  }
  if (effect) {
    change.effect = incident::effect_named(*effect);
    if (!change.effect) return fail(ErrorCode::bad_input, tr("field.not_a_choice", {{"field", "effect"}}), "effect");
  }
  if (due) {
    change.due.emplace();
    if (!due->empty()) {
      const auto time = instant(*due, "due");
      if (!time) return tl::make_unexpected(time.error());
      *change.due = *time;
    }
  }
  if (review && !review->empty()) {
    const auto time = instant(*review, "review");
    if (!time) return tl::make_unexpected(time.error());
    change.review = *time;
  }
  const auto base = based_on(call);
  if (!base) return tl::make_unexpected(base.error());
  change.based_on = *base;
  const auto task = service::change_task(call.api.context, call.caller, call.incident(), call.ids[1], change);
  if (!task && is_stale(task.error())) {
    const auto all = service::list_tasks(call.api.context, call.incident());
    if (!all) return tl::make_unexpected(all.error());
    for (const auto& one : *all)
      if (one.task.id == call.ids[1]) return reply_stale(task.error(), task_json(one));
  }
  if (!task) return tl::make_unexpected(task.error());
  return reply_json(task_json(*task));
}

Answer add_workstation(Call& call) {
  json::Fields fields(call.body);
  const auto name = fields.text("name", 200);
  const auto account = fields.text_or("account", 320, "");
  if (auto good = fields.done(); !good) return tl::make_unexpected(good.error());
  if (auto added = service::add_workstation(call.api.context, call.caller, call.incident(), name, account); !added)
    return tl::make_unexpected(added.error());
  return list(call);
}

constexpr std::array routes{
    Route{"GET", "incidents/{}/tasks", list}.needs(people::Right::read_situation),
    Route{"PATCH", "incidents/{}/tasks/{}", change},
    Route{"POST", "incidents/{}/workstations", add_workstation},
};

}  // namespace

std::span<const Route> task_routes() {
  return routes;
}

}  // namespace digue::api
