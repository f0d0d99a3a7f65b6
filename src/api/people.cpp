#include "api/people.hpp"

#include <array>
#include <stdexcept>

#include "api/reply.hpp"
#include "service/incidents.hpp"

namespace digue::api {

json::Object account_json(const people::Account& account) {
  constexpr std::array<const char*, 3> states{"invited", "active", "disabled"};
  return {{"id", account.id},
          {"login", account.login},
          {"name", account.name},
          {"administrator", account.administrator},
          {"state", states.at(static_cast<std::size_t>(account.state))},
          {"created", to_iso8601(account.created)},
          {"created_by", account.created_by},
          {"last_sign_in", account.last_sign_in.value == 0 ? json::Value(nullptr) : json::Value(to_iso8601(account.last_sign_in))},
          {"password", !account.password.empty()},
          {"factor", !account.factor.empty()},
          {"recovery_left", account.recovery_left}};
}

json::Array sessions_json(const std::vector<service::LoginSession>& sessions, const service::Caller& caller) {
  json::Array out;
  for (const auto& one : sessions)
    out.push_back(json::Object{{"id", one.id},
                               {"person", one.person.empty() ? json::Value(nullptr) : json::Value(one.person)},
                               {"name", one.name},
                               {"source", one.source},
                               {"agent", one.agent},
                               {"started", to_iso8601(one.started)},
                               {"last", to_iso8601(one.last)},
                               {"current", one.id == caller.session}});
  return out;
}

namespace {

json::Array roles_json(std::uint8_t roles) {
  json::Array out;
  const auto names = people::role_names();
  for (std::size_t i = 0; i < names.size(); ++i)
    if ((roles & people::bit(static_cast<people::Role>(i))) != 0) out.emplace_back(names[i]);
  return out;
}

json::Array members_json(const service::People& people, const std::string& incident) {
  json::Array out;
  const auto accounts = people.list();
  for (const auto& one : people.memberships()) {
    if (one.incident != incident) continue;
    for (const auto& account : accounts)
      if (account.id == one.person)
        out.push_back(
            json::Object{{"person", one.person}, {"login", account.login}, {"name", account.name}, {"roles", roles_json(one.roles)}});
  }
  return out;
}

Answer list(Call& call) {
  json::Array out;
  for (const auto& one : call.api.people.list()) out.push_back(account_json(one));
  return reply_json(out);
}

Answer link_json(Call& call, const Result<service::People::Link>& link, int status) {
  if (!link) return tl::make_unexpected(link.error());
  auto out = account_json(link->account);
  out["link"] = call.api.link("setup", link->token);
  out["expires"] = to_iso8601(link->expires);
  return reply_json(out, status);
}

Answer invite(Call& call) {
  json::Fields fields(call.body);
  const auto login = fields.text("login", 200);
  const auto name = fields.text("name", 100);
  const auto administrator = fields.flag_or("administrator", false);
  if (auto good = fields.done(); !good) return tl::make_unexpected(good.error());
  return link_json(call, call.api.people.invite(call.caller, login, name, administrator), 201);
}

/// The account named by its id or its login.
std::string person_of(Call& call, std::size_t place) {
  for (const auto& one : call.api.people.list())
    if (one.login == call.ids[place]) return one.id;
  return call.ids[place];
}

Answer reset(Call& call) {
  json::Fields fields(call.body);
  const auto password = fields.flag_or("password", false);
  const auto factor = fields.flag_or("factor", false);
  if (auto good = fields.done(); !good) return tl::make_unexpected(good.error());
  if (!password && !factor) return fail(ErrorCode::bad_input, tr("people.reset_what"), "password");
  return link_json(call, call.api.people.reset(call.caller, person_of(call, 0), password, factor), 200);
}

Answer answer_account(const Result<people::Account>& account) {
  if (!account) return tl::make_unexpected(account.error());
  return reply_json(account_json(*account));
}

Answer disable(Call& call) {
  return answer_account(call.api.people.set_disabled(call.caller, person_of(call, 0), true));
}

Answer enable(Call& call) {
  return answer_account(call.api.people.set_disabled(call.caller, person_of(call, 0), false));
}

Answer set_administrator(Call& call) {
  json::Fields fields(call.body);
  const auto administrator = fields.flag_or("administrator", false);
  if (auto good = fields.done(); !good) return tl::make_unexpected(good.error());
  return answer_account(call.api.people.set_administrator(call.caller, person_of(call, 0), administrator));
}

Answer end_sessions(Call& call) {
  const auto count = call.api.people.end_sessions_of(call.caller, person_of(call, 0));
  if (!count) return tl::make_unexpected(count.error());
  return reply_json(json::Object{{"ended", *count}});
}

Answer list_sessions(Call& call) {
  return reply_json(sessions_json(call.api.people.sessions(call.caller, true), call.caller));
}

Answer end_session(Call& call) {
  if (auto done = call.api.people.end_session(call.caller, call.ids[0], true); !done) return tl::make_unexpected(done.error());
  return reply_nothing();
}

/// What an administrator must see to give roles: which incidents there are and who is on them, nothing of what they hold.
Answer incidents(Call& call) {
  const auto all = service::list_incidents(call.api.context);
  if (!all) return tl::make_unexpected(all.error());
  json::Array out;
  for (const auto& one : *all)
    out.push_back(json::Object{{"id", one.incident.id},
                               {"reference", one.incident.reference},
                               {"title", one.incident.title},
                               {"members", members_json(call.api.people, one.incident.id)}});
  return reply_json(out);
}

Answer team_json(Call& call) {
  json::Array people;
  if (call.api.people.may(call.caller, people::Right::manage_team, call.incident()))
    for (const auto& one : call.api.people.list())
      if (one.state != people::AccountState::disabled)
        people.push_back(json::Object{{"id", one.id}, {"login", one.login}, {"name", one.name}});
  return reply_json(json::Object{{"members", members_json(call.api.people, call.incident())}, {"people", std::move(people)}});
}

Answer set_roles(Call& call) {
  json::Fields fields(call.body);
  const auto roles = fields.texts("roles", 10, 40);
  if (auto good = fields.done(); !good) return tl::make_unexpected(good.error());
  if (auto done = call.api.people.set_roles(call.caller, call.incident(), person_of(call, 1), roles); !done)
    return tl::make_unexpected(done.error());
  return team_json(call);
}

json::Object event_json(const people::SecurityEvent& one) {
  return {{"seq", one.seq},
          {"at", to_iso8601(one.at)},
          {"kind", one.kind},
          {"person", one.person.empty() ? json::Value(nullptr) : json::Value(one.person)},
          {"name", one.name.empty() ? json::Value(nullptr) : json::Value(one.name)},
          {"source", one.source.empty() ? json::Value(nullptr) : json::Value(one.source)},
          {"incident", one.incident.empty() ? json::Value(nullptr) : json::Value(one.incident)},
          {"detail", one.detail}};
}

Answer security_log(Call& call) {
  const auto after = call.number("after", 0, 0, std::int64_t{1} << 53);
  if (!after) return tl::make_unexpected(after.error());
  const auto limit = call.number("limit", 200, 1, 500);
  if (!limit) return tl::make_unexpected(limit.error());
  const auto events = call.api.people.security_events(*after, *limit + 1);
  if (!events) return tl::make_unexpected(events.error());
  json::Array out;
  for (const auto& one : *events)
    if (out.size() < static_cast<std::size_t>(*limit)) out.push_back(event_json(one));
  const bool more = events->size() > out.size();
  const auto next = more ? json::Value(std::to_string(events->at(out.size() - 1).seq)) : json::Value(nullptr);
  return reply_json(json::Object{{"events", std::move(out)}, {"next", next}});
}

Answer security_log_file(Call& call) {
  net::Response response;
  response.headers = {{"Content-Type", "application/x-ndjson"},
                      {"Cache-Control", "no-store"},
                      {"Content-Disposition", "attachment; filename=\"digue-security-log.ndjson\""}};
  add_security_headers(response);
  response.parts = [&people = call.api.people, after = std::int64_t{0}](std::string& part) mutable {
    const auto events = people.security_events(after, 1000);
    if (!events) throw std::runtime_error(events.error().message);  // the answer is cut, and seen as cut
    for (const auto& one : *events) part += json::canonical(event_json(one)) + "\n";
    if (!events->empty()) after = events->back().seq;
    return events->size() == 1000;
  };
  return response;
}

using people::Right;
constexpr std::array routes{
    Route{"GET", "people", list}.needs(Right::administrate),
    Route{"POST", "people", invite}.needs(Right::administrate).step_up(),
    Route{"GET", "people/sessions", list_sessions}.needs(Right::administrate),
    Route{"DELETE", "people/sessions/{}", end_session}.needs(Right::administrate).step_up(),
    Route{"GET", "people/incidents", incidents}.needs(Right::administrate),
    Route{"POST", "people/{}/reset", reset}.needs(Right::administrate).step_up(),
    Route{"POST", "people/{}/disable", disable}.needs(Right::administrate).step_up(),
    Route{"POST", "people/{}/enable", enable}.needs(Right::administrate).step_up(),
    Route{"PUT", "people/{}/administrator", set_administrator}.needs(Right::administrate).step_up(),
    Route{"DELETE", "people/{}/sessions", end_sessions}.needs(Right::administrate).step_up(),
    Route{"GET", "incidents/{}/people", team_json}.needs(Right::read_situation),
    Route{"PUT", "incidents/{}/people/{}", set_roles}.needs(Right::manage_team).step_up().lasts(),
    Route{"GET", "security-log", security_log}.needs(Right::administrate),
    Route{"GET", "security-log.ndjson", security_log_file}.needs(Right::administrate),
};

}  // namespace

std::span<const Route> people_routes() {
  return routes;
}

}  // namespace digue::api
