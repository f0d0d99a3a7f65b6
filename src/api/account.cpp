#include <array>

#include "api/api.hpp"
#include "api/people.hpp"
#include "api/reply.hpp"

namespace digue::api {

namespace {

json::Object set_up_json(const service::People::SetUp& view) {
  return {{"login", view.account.login},
          {"name", view.account.name},
          {"administrator", view.account.administrator},
          {"new_password", view.new_password},
          {"new_factor", view.new_factor},
          {"secret", view.secret.empty() ? json::Value(nullptr) : json::Value(view.secret)},
          {"uri", view.uri.empty() ? json::Value(nullptr) : json::Value(view.uri)}};
}

Answer show_set_up(Call& call) {
  json::Fields fields(call.body);
  const auto token = fields.text("token", 200);
  if (auto good = fields.done(); !good) return tl::make_unexpected(good.error());
  const auto view = call.api.people.show_set_up(token);
  if (!view) return tl::make_unexpected(view.error());
  return reply_json(set_up_json(*view));
}

Answer set_up(Call& call) {
  json::Fields fields(call.body);
  const auto token = fields.text("token", 200);
  const auto password = fields.text("password", people::max_password + 1);
  const auto code = fields.text("code", 100);
  if (auto good = fields.done(); !good) return tl::make_unexpected(good.error());
  return admit(call.api, call.api.people.set_up(token, password, code, call.visitor()));
}

Answer show_account(Call& call) {
  const auto account = call.api.people.account(call.caller);
  if (!account) return tl::make_unexpected(account.error());
  return reply_json(account_json(*account));
}

Answer change_password(Call& call) {
  json::Fields fields(call.body);
  const auto current = fields.text("current", people::max_password);
  const auto password = fields.text("password", people::max_password + 1);
  if (auto good = fields.done(); !good) return tl::make_unexpected(good.error());
  return admit(call.api, call.api.people.change_password(call.caller, current, password, call.visitor()));
}

Answer offer_factor(Call& call) {
  const auto view = call.api.people.offer_factor(call.caller);
  if (!view) return tl::make_unexpected(view.error());
  return reply_json(set_up_json(*view));
}

Answer codes_json(const Result<std::vector<std::string>>& codes) {
  if (!codes) return tl::make_unexpected(codes.error());
  return reply_json(json::Object{{"recovery", json::array_of(*codes)}});
}

Answer change_factor(Call& call) {
  json::Fields fields(call.body);
  const auto code = fields.text("code", 100);
  if (auto good = fields.done(); !good) return tl::make_unexpected(good.error());
  return codes_json(call.api.people.change_factor(call.caller, code));
}

Answer new_codes(Call& call) {
  return codes_json(call.api.people.new_recovery_codes(call.caller));
}

Answer list_sessions(Call& call) {
  return reply_json(sessions_json(call.api.people.sessions(call.caller, false), call.caller));
}

Answer end_session(Call& call) {
  if (auto done = call.api.people.end_session(call.caller, call.ids[0], false); !done) return tl::make_unexpected(done.error());
  return reply_nothing();
}

Answer end_others(Call& call) {
  if (auto done = call.api.people.end_sessions_of(call.caller, call.caller.person); !done) return tl::make_unexpected(done.error());
  return reply_nothing();
}

using people::Right;
constexpr std::array routes{
    Route{"POST", "set-up", show_set_up, true},
    Route{"PUT", "set-up", set_up, true},
    Route{"GET", "account", show_account},
    Route{"PUT", "account/password", change_password}.needs(Right::none),
    Route{"POST", "account/factor", offer_factor}.needs(Right::none).step_up(),
    Route{"PUT", "account/factor", change_factor}.needs(Right::none).step_up(),
    Route{"POST", "account/recovery", new_codes}.needs(Right::none).step_up(),
    Route{"GET", "sessions", list_sessions},
    Route{"DELETE", "sessions", end_others}.needs(Right::none).step_up(),
    Route{"DELETE", "sessions/{}", end_session}.needs(Right::none).step_up(),
};

}  // namespace

std::span<const Route> account_routes() {
  return routes;
}

}  // namespace digue::api
