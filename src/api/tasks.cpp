#include "service/tasks.hpp"

#include <array>

#include "api/api.hpp"
#include "api/reply.hpp"

namespace digue::api {

namespace {

json::Value text_or_null(const std::string& text) {
  return text.empty() ? json::Value(nullptr) : json::Value(text);
}

json::Value task_json(const incident::Task& task) {
  return json::Object{
      {"id", task.id},
      {"action", task.action},
      {"target", text_or_null(task.target)},
      {"state", std::string(incident::name(task.state))},
      {"owner", text_or_null(task.owner)},
      {"reason", text_or_null(task.reason)},
      {"changed", time_or_null(task.changed)},
      {"by", text_or_null(task.by)},
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
  const auto state = incident::task_state_named(fields.text("state", 32));
  service::TaskChange change;
  change.reason = fields.text_or("reason", 2000, "");
  change.owner = fields.optional_text("owner", 200);
  if (auto good = fields.done(); !good) return tl::make_unexpected(good.error());
  if (!state) return fail(ErrorCode::bad_input, tr("field.not_a_choice", {{"field", "state"}}), "state");
  change.state = *state;
  const auto task = service::change_task(call.api.context, call.caller, call.incident(), call.ids[1], change);
  if (!task) return tl::make_unexpected(task.error());
  return reply_json(task_json(*task));
}

constexpr std::array routes{
    Route{"GET", "incidents/{}/tasks", list},
    Route{"PATCH", "incidents/{}/tasks/{}", change},
};

}  // namespace

std::span<const Route> task_routes() {
  return routes;
}

}  // namespace digue::api
