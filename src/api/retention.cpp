#include "service/retention.hpp"

#include <algorithm>
#include <array>

#include "api/api.hpp"
#include "api/reply.hpp"

namespace digue::api {

namespace {

constexpr std::size_t max_reason = 4000;

json::Value period_json(const incident::RetentionPeriod& period) {
  json::Array sources;
  for (const auto& one : period.sources)
    sources.push_back(json::Object{{"text", one.text}, {"dated", one.dated}, {"checked", one.checked}});
  json::Array uncertain;
  for (const auto& one : period.uncertain) uncertain.push_back(both(one));
  return json::Object{
      {"months", period.months}, {"why", both(period.why)}, {"sources", std::move(sources)}, {"uncertain", std::move(uncertain)}};
}

json::Object head(const service::RetentionView& view) {
  const auto* closed = view.closed();
  const auto standing = std::count_if(view.holds.begin(), view.holds.end(), [](const auto& one) { return !one.lifted; });
  return {{"incident", view.incident.id},
          {"reference", view.incident.reference},
          {"title", view.incident.title},
          {"state", std::string(service::name(view.state))},
          {"type", closed ? json::Value(closed->type) : json::Value(nullptr)},
          {"closed", closed ? json::Value(to_iso8601(closed->at)) : json::Value(nullptr)},
          {"until", time_or_null(view.until)},
          {"held", static_cast<std::int64_t>(standing)},
          {"destroyed", view.destroyed ? json::Value(to_iso8601(view.destroyed->at)) : json::Value(nullptr)}};
}

json::Value whole(const Call& call, const service::RetentionView& view) {
  auto out = head(view);
  out["proposed"] = view.proposed;
  out["period"] = view.period ? period_json(*view.period) : json::Value(nullptr);
  json::Array history;
  for (const auto& one : view.history)
    history.push_back(json::Object{{"closed", one.closed},
                                   {"type", one.closed ? json::Value(one.type) : json::Value(nullptr)},
                                   {"at", to_iso8601(one.at)},
                                   {"by", one.by},
                                   {"reason", one.reason}});
  out["history"] = std::move(history);
  json::Array holds;
  for (const auto& one : view.holds)
    holds.push_back(json::Object{{"id", one.id},
                                 {"reason", one.reason},
                                 {"set", to_iso8601(one.set)},
                                 {"by", one.by},
                                 {"lifted", time_or_null(one.lifted)},
                                 {"lifted_by", one.lifted_by},
                                 {"lift_reason", one.lift_reason}});
  out["holds"] = std::move(holds);
  out["destruction"] = nullptr;
  if (view.destroyed)
    out["destruction"] = json::Object{{"at", to_iso8601(view.destroyed->at)},
                                      {"by", view.destroyed->by},
                                      {"reason", view.destroyed->reason},
                                      {"lines", view.destroyed->lines},
                                      {"exhibits", view.destroyed->exhibits}};
  json::Array types;
  for (const auto& type : call.api.context.retention.types)
    types.push_back(json::Object{{"id", type.id},
                                 {"title", both(type.title)},
                                 {"about", both(type.about)},
                                 {"period", period_json(incident::period_of(type, now(), Zone::named("UTC").value()))}});
  out["types"] = std::move(types);
  return out;
}

Answer told(const Call& call, const Result<service::RetentionView>& view, int status = 200) {
  if (!view) return tl::make_unexpected(view.error());
  return reply_json(whole(call, *view), status);
}

Answer list(Call& call) {
  const auto all = service::list_retention(call.api.context);
  if (!all) return tl::make_unexpected(all.error());
  const bool due = call.text("due") == "true";
  const bool every = call.api.people.may(call.caller, people::Right::administrate, {});
  json::Array out;
  for (const auto& one : *all)
    if ((every || call.api.people.sees(call.caller, one.incident.id)) && (!due || one.state == service::Keeping::due))
      out.push_back(head(one));
  return reply_json(out);
}

Answer show(Call& call) {
  return told(call, service::show_retention(call.api.context, call.incident()));
}

/// The `reason` of the body, and what else `read` takes from it.
template <class Read>
Result<std::string> reason_of(const Call& call, Read read) {
  json::Fields fields(call.body);
  auto reason = fields.text("reason", max_reason);
  read(fields);
  if (auto good = fields.done(); !good) return tl::make_unexpected(good.error());
  return reason;
}
Result<std::string> reason_of(const Call& call) {
  return reason_of(call, [](json::Fields&) {});
}

Answer close(Call& call) {
  std::string type;
  const auto reason = reason_of(call, [&](json::Fields& fields) { type = fields.text("type", 64); });
  if (!reason) return tl::make_unexpected(reason.error());
  return told(call, service::close_incident(call.api.context, call.caller, call.incident(), type, *reason));
}

Answer reopen(Call& call) {
  const auto reason = reason_of(call);
  if (!reason) return tl::make_unexpected(reason.error());
  return told(call, service::reopen_incident(call.api.context, call.caller, call.incident(), *reason));
}

Answer hold(Call& call) {
  const auto reason = reason_of(call);
  if (!reason) return tl::make_unexpected(reason.error());
  return told(call, service::set_hold(call.api.context, call.caller, call.incident(), *reason), 201);
}

Answer lift(Call& call) {
  const auto reason = reason_of(call);
  if (!reason) return tl::make_unexpected(reason.error());
  return told(call, service::lift_hold(call.api.context, call.caller, call.incident(), call.ids[1], *reason));
}

Answer destroy(Call& call) {
  std::string reference;
  const auto reason = reason_of(call, [&](json::Fields& fields) { reference = fields.text("reference", 64); });
  if (!reason) return tl::make_unexpected(reason.error());
  return told(call, service::destroy_incident(call.api.context, call.caller, call.incident(), reference, *reason));
}

constexpr std::array routes{
    Route{"GET", "retention", list},
    Route{"GET", "incidents/{}/retention", show}.needs(people::Right::read_situation),
    Route{"POST", "incidents/{}/closing", close}.needs(people::Right::retain),
    Route{"POST", "incidents/{}/reopening", reopen}.needs(people::Right::retain),
    Route{"POST", "incidents/{}/holds", hold}.needs(people::Right::retain),
    Route{"POST", "incidents/{}/holds/{}/lifting", lift}.needs(people::Right::retain).step_up(),
    Route{"POST", "incidents/{}/destruction", destroy}.needs(people::Right::destroy).step_up(),
};

}  // namespace

std::span<const Route> retention_routes() {
  return routes;
}

}  // namespace digue::api
