#include <array>

#include "api/api.hpp"
#include "api/reply.hpp"
#include "service/incidents.hpp"
#include "service/presence.hpp"

namespace digue::api {

namespace {

using people::Right;

constexpr std::size_t max_page = 64;
constexpr std::size_t max_place = 32;
constexpr std::size_t max_editing = 128;

Answer live(Call& call) {
  auto& people = call.api.people;
  const auto incident = call.text("incident");
  if (!incident.empty()) {
    if (auto allowed = people.allow(call.caller, Right::read_situation, incident, "GET /api/v1/live"); !allowed)
      return tl::make_unexpected(allowed.error());
    if (const auto known = service::show_incident(call.api.context, incident); !known) return tl::make_unexpected(known.error());
  }
  // A page that takes over from another one says what that had; a browser that connects again by itself sends the header, which is newer.
  const std::string header(call.request.header("last-event-id"));
  const auto after = header.empty() ? call.text("after") : header;
  net::Response response;
  response.headers = {{"Content-Type", "text/event-stream"}, {"Cache-Control", "no-store"}};
  add_security_headers(response);
  response.live = call.api.live.subscribe(
      [&people, incident, caller = call.caller](const net::News& news) {
        if (news.topic.empty()) return true;
        return (incident.empty() || news.topic == incident) && people.may(caller, Right::read_situation, news.topic);
      },
      after, call.caller.session);
  response.allowed = [&people, caller = call.caller] { return people.still_in(caller); };
  return response;
}

json::Value present_json(const std::vector<service::Present>& all) {
  json::Array out;
  for (const auto& one : all)
    out.push_back(json::Object{{"name", one.name},
                               {"place", one.place},
                               {"editing", one.editing.empty() ? json::Value(nullptr) : json::Value(one.editing)},
                               {"since", to_iso8601(one.since)}});
  return out;
}

Answer present(Call& call) {
  if (const auto known = service::show_incident(call.api.context, call.incident()); !known) return tl::make_unexpected(known.error());
  return reply_json(present_json(call.api.presence.list(call.incident())));
}

Answer here(Call& call) {
  json::Fields fields(call.body);
  const auto page = fields.text("page", max_page);
  service::Present one;
  one.name = call.caller.name;
  one.place = fields.text("place", max_place);
  one.editing = fields.text_or("editing", max_editing, "");
  if (auto good = fields.done(); !good) return tl::make_unexpected(good.error());
  if (const auto known = service::show_incident(call.api.context, call.incident()); !known) return tl::make_unexpected(known.error());
  if (call.api.presence.here(call.incident(), call.caller.session, page, one)) call.api.live.publish("presence", call.incident());
  return present(call);
}

Answer gone(Call& call) {
  if (call.api.presence.gone(call.incident(), call.caller.session, call.ids[1])) call.api.live.publish("presence", call.incident());
  return reply_nothing();
}

constexpr std::array routes{
    Route{"GET", "live", live},
    Route{"GET", "incidents/{}/presence", present}.needs(Right::read_situation),
    Route{"PUT", "incidents/{}/presence", here}.needs(Right::read_situation).lasts(),
    Route{"DELETE", "incidents/{}/presence/{}", gone}.needs(Right::read_situation).lasts(),
};

}  // namespace

std::span<const Route> live_routes() {
  return routes;
}

Api::Api(const Parts& parts) : Parts(parts) {
  sessions.on_end([this](const std::string& id) {
    live.close_of(id);
    downloads.forget(id);
    for (const auto& incident : presence.forget(id)) live.publish("presence", incident);
  });
}

}  // namespace digue::api
