#include <array>

#include "api/api.hpp"
#include "api/duties.hpp"
#include "api/reply.hpp"
#include "service/duties.hpp"

namespace digue::api {

namespace {

template <class T>
json::Value with_id(const T& one) {
  auto out = to_json(one);
  auto& members = out.as_object();
  members["id"] = one.id;
  members["changed"] = one.changed ? json::Value(to_iso8601(one.changed->at)) : json::Value(nullptr);
  members["by"] = one.changed ? json::Value(one.changed->by) : json::Value(nullptr);
  return out;
}

/// The answer to a save: what was saved, or what stands there when it was based on an older state.
template <class T, class List>
Answer saved(Call& call, const Result<T>& one, const std::string& id, List list) {
  if (one) return reply_json(with_id(*one), id.empty() ? 201 : 200);
  if (is_stale(one.error())) {
    const auto all = list(call.api.context);
    if (!all) return tl::make_unexpected(all.error());
    for (const auto& other : *all)
      if (other.id == id) return reply_stale(one.error(), with_id(other));
  }
  return tl::make_unexpected(one.error());
}

Answer list_establishments(Call& call) {
  const auto all = service::list_establishments(call.api.context);
  if (!all) return tl::make_unexpected(all.error());
  json::Array out;
  for (const auto& one : *all) out.push_back(with_id(one));
  return reply_json(out);
}

Answer save_establishment(Call& call, const std::string& id) {
  auto one = incident::establishment_of(call.body);
  if (!one) return tl::make_unexpected(one.error());
  one->id = id;
  const auto base = based_on(call);
  if (!base) return tl::make_unexpected(base.error());
  return saved(call, service::save_establishment(call.api.context, call.caller, std::move(*one), *base), id, service::list_establishments);
}

Answer add_establishment(Call& call) {
  return save_establishment(call, "");
}

Answer change_establishment(Call& call) {
  return save_establishment(call, call.ids[0]);
}

Answer save_contact(Call& call, const std::string& id) {
  auto one = incident::local_contact_of(call.body);
  if (!one) return tl::make_unexpected(one.error());
  one->id = id;
  const auto base = based_on(call);
  if (!base) return tl::make_unexpected(base.error());
  return saved(call, service::save_contact(call.api.context, call.caller, std::move(*one), *base), id, service::list_contacts);
}

Answer add_contact(Call& call) {
  return save_contact(call, "");
}

Answer change_contact(Call& call) {
  return save_contact(call, call.ids[0]);
}

Answer remove_contact(Call& call) {
  if (const auto done = service::remove_contact(call.api.context, call.caller, call.ids[0]); !done)
    return tl::make_unexpected(done.error());
  return reply_nothing();
}

json::Value service_json(const incident::Contact& one) {
  return json::Object{
      {"id", one.id},
      {"kind", one.kind},
      {"region", one.region},
      {"name", both(one.name)},
      {"what", both(one.what)},
      {"phone", one.phone},
      {"mail", one.mail},
      {"site", one.site},
      {"hours", one.hours ? both(*one.hours) : json::Value(nullptr)},
      {"condition", one.condition ? both(*one.condition) : json::Value(nullptr)},
      {"always", one.always},
      {"to_verify", one.to_verify},
      {"sources", sources_json(one.sources)},
  };
}

/// What the content says: public, so that help is at hand before sign-in.
Answer services(Call& call) {
  json::Array out;
  for (const auto& one : call.api.context.duties->directory.contacts) out.push_back(service_json(one));
  return reply_json(out);
}

Answer contacts(Call& call) {
  const auto& content = *call.api.context.duties;
  const auto local = service::list_contacts(call.api.context);
  if (!local) return tl::make_unexpected(local.error());
  json::Array people;
  for (const auto& one : *local) people.push_back(with_id(one));
  json::Array roles;
  for (const auto role : incident::contact_roles()) roles.emplace_back(std::string(role));
  json::Array calendars;
  for (const auto& one : content.calendars.calendars)
    calendars.push_back(
        json::Object{{"id", one.id}, {"name", both(one.name)}, {"uncertain", one.uncertain ? both(*one.uncertain) : json::Value(nullptr)}});
  return reply_json(json::Object{{"people", std::move(people)}, {"roles", std::move(roles)}, {"calendars", std::move(calendars)}});
}

json::Value holiday_json(const incident::Holiday* holiday) {
  return holiday ? both(holiday->name) : json::Value(nullptr);
}

Answer calls(Call& call) {
  if (const auto incident = call.text("incident"); !incident.empty())
    if (auto allowed = call.api.people.allow(call.caller, people::Right::read_declarations, incident, "GET /api/v1/calls"); !allowed)
      return tl::make_unexpected(allowed.error());
  const auto view = service::calls_now(call.api.context, call.text("incident"));
  if (!view) return tl::make_unexpected(view.error());
  json::Array entities;
  for (const auto& entity : view->entities) {
    json::Array lines;
    for (const auto& line : entity.calls) {
      json::Array ways;
      for (const auto& way : line.ways)
        ways.push_back(json::Object{{"contact", way.contact}, {"by", way.by}, {"reached", reached_json(way.reached)}});
      lines.push_back(json::Object{{"id", line.call->id}, {"say", both(line.call->say)}, {"ways", std::move(ways)}});
    }
    entities.push_back(json::Object{{"establishment", entity.establishment.id},
                                    {"name", entity.establishment.name},
                                    {"zone", entity.establishment.zone},
                                    {"office_hours", entity.moment.office_hours},
                                    {"local_hours", entity.moment.local_hours},
                                    {"holiday", holiday_json(entity.moment.holiday)},
                                    {"local_holiday", holiday_json(entity.moment.local_holiday)},
                                    {"calls", std::move(lines)}});
  }
  return reply_json(json::Object{
      {"now", to_iso8601(view->now)}, {"office_zone", call.api.context.duties->directory.office_zone}, {"entities", std::move(entities)}});
}

constexpr std::array routes{
    Route{"GET", "establishments", list_establishments},
    Route{"POST", "establishments", add_establishment},
    Route{"PUT", "establishments/{}", change_establishment},
    Route{"GET", "services", services, true},
    Route{"GET", "contacts", contacts},
    Route{"POST", "contacts", add_contact},
    Route{"PUT", "contacts/{}", change_contact},
    Route{"DELETE", "contacts/{}", remove_contact},
    Route{"GET", "calls", calls},
};

}  // namespace

std::span<const Route> directory_routes() {
  return routes;
}

}  // namespace digue::api
