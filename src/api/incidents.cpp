#include "service/incidents.hpp"

#include <algorithm>
#include <array>

#include "api/api.hpp"
#include "api/reply.hpp"
#include "service/retention.hpp"

namespace digue::api {

namespace {

json::Object head(const incident::Incident& incident) {
  return {
      {"id", incident.id},
      {"reference", incident.reference},
      {"title", incident.title},
      {"description", incident.description},
      {"created", to_iso8601(incident.created)},
      {"created_by", incident.created_by},
      {"severity", json::or_null(incident.severity)},
      {"confirmed", incident.confirmed},
      {"exercise", incident.exercise},
      {"tlp", incident.tlp},
  };
}

/// What may still be done once the incident was destroyed.
bool lasts(people::Right right) {
  using enum people::Right;
  constexpr std::array all{none, read_situation, read_mail, read_journal, read_declarations, export_evidence, manage_team};
  return std::find(all.begin(), all.end(), right) != all.end();
}

json::Value whole(const Call& call, const service::IncidentView& view) {
  auto out = head(view.incident);
  json::Array rights;
  const bool destroyed = !service::still_there(call.api.context, view.incident.id);
  for (const auto right : call.api.people.rights(call.caller, view.incident.id))
    if (!destroyed || lasts(right)) rights.emplace_back(people::name(right));
  out["rights"] = std::move(rights);
  json::Array accounts;
  for (const auto& account : view.accounts)
    accounts.push_back(json::Object{
        {"account", account.account}, {"origin", account.origin}, {"verdict", json::or_null(account.verdict)}, {"joined", account.joined}});
  out["accounts"] = std::move(accounts);
  out["exhibits"] = view.exhibits;
  out["last_entry"] = time_or_null(view.last_entry);
  json::Array workstations;
  for (const auto& one : view.workstations) workstations.push_back(json::Object{{"name", one.name}, {"account", one.account}});
  out["workstations"] = std::move(workstations);
  out["next"] = nullptr;
  if (view.next) {
    constexpr std::array<const char*, 3> kinds{"task", "review", "qualify"};
    const auto& [kind, task, reason] = *view.next;
    out["next"] =
        json::Object{{"kind", kinds[static_cast<std::size_t>(kind)]},
                     {"action", task ? json::Value(task->action) : json::Value(nullptr)},
                     {"task", task ? json::Value(task->id) : json::Value(nullptr)},
                     {"reason", reason ? json::Value(json::Object{{"fr", reason->fr}, {"en", reason->en}}) : json::Value(nullptr)}};
  }
  return out;
}

Answer list(Call& call) {
  const auto all = service::list_incidents(call.api.context);
  if (!all) return tl::make_unexpected(all.error());
  json::Array out;
  for (const auto& summary : *all) {
    if (!call.api.people.sees(call.caller, summary.incident.id)) continue;
    auto one = head(summary.incident);
    one["accounts"] = summary.accounts;
    one["exhibits"] = summary.exhibits;
    one["last_entry"] = time_or_null(summary.last_entry);
    out.push_back(std::move(one));
  }
  return reply_json(out);
}

Answer create(Call& call) {
  json::Fields fields(call.body);
  service::NewIncident incident;
  incident.title = fields.text("title", 200);
  incident.description = fields.text_or("description", 16 * 1024, "");
  incident.confirmed = fields.flag_or("confirmed", false);
  incident.exercise = fields.flag_or("exercise", false);
  if (auto good = fields.done(); !good) return tl::make_unexpected(good.error());
  const auto created = service::create_incident(call.api.context, call.caller, incident);
  if (!created) return tl::make_unexpected(created.error());
  if (auto read = call.api.people.refresh(); !read) return tl::make_unexpected(read.error());
  return reply_json(whole(call, *created), 201);
}

Answer show(Call& call) {
  const auto view = service::show_incident(call.api.context, call.incident());
  if (!view) return tl::make_unexpected(view.error());
  return reply_json(whole(call, *view));
}

Answer add_account(Call& call) {
  json::Fields fields(call.body);
  const auto account = fields.text("account", 320);
  const auto reason = fields.text_or("reason", 2000, "");
  if (auto good = fields.done(); !good) return tl::make_unexpected(good.error());
  const auto view = service::add_account(call.api.context, call.caller, call.incident(), account, reason);
  if (!view) return tl::make_unexpected(view.error());
  return reply_json(whole(call, *view));
}

constexpr std::array routes{
    Route{"GET", "incidents", list}.needs(people::Right::none),
    Route{"POST", "incidents", create}.needs(people::Right::none),
    Route{"GET", "incidents/{}", show}.needs(people::Right::read_situation),
    Route{"POST", "incidents/{}/accounts", add_account},
};

}  // namespace

std::span<const Route> incident_routes() {
  return routes;
}

}  // namespace digue::api
