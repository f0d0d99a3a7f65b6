#include <algorithm>
#include <array>

#include "api/api.hpp"
#include "api/reply.hpp"
#include "base/text.hpp"

namespace digue::api {

namespace {

constexpr std::size_t max_name = 100;

/// Before sign-in: how one gets in here.
Answer access(Call& call) {
  return reply_json(json::Object{{"accounts", call.api.people.has_accounts()}});
}

Answer sign_in(Call& call) {
  json::Fields fields(call.body);
  if (fields.has("token")) {
    const auto token = fields.text("token", 200);
    const std::string name(trim(fields.text("name", max_name)));
    if (auto good = fields.done(); !good) return tl::make_unexpected(good.error());
    if (std::any_of(name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }))
      return fail(ErrorCode::bad_input, tr("field.not_text", {{"field", "name"}}), "name");
    const auto outcome = call.api.people.sign_in_by_link(token, name, call.visitor());
    if (outcome && outcome->kind == service::People::Outcome::Kind::refused)
      return reply_refusal(403, "bad_token", tr("api.bad_token"), tr("api.bad_token_help"));
    return admit(call.api, outcome, {{"name", name}});
  }
  const auto login = fields.text("login", 200);
  const auto password = fields.text("password", people::max_password);
  const auto code = fields.text("code", 100);
  if (auto good = fields.done(); !good) return tl::make_unexpected(good.error());
  return admit(call.api, call.api.people.sign_in(login, password, code, call.visitor()));
}

Answer show(Call& call) {
  const auto& problem = call.api.context.settings.content_problem;
  json::Object out{
      {"name", call.caller.name},
      {"version", DIGUE_VERSION},
      {"zone", call.api.context.settings.zone},
      {"content_problem", problem ? json::Value(to_text(*problem)) : json::Value(nullptr)},
      {"accounts", call.api.people.has_accounts()},
      {"person", call.caller.person.empty() ? json::Value(nullptr) : json::Value(call.caller.person)},
  };
  json::Array rights;
  for (const auto right : call.api.people.rights(call.caller, "")) rights.emplace_back(people::name(right));
  out["rights"] = std::move(rights);
  return reply_json(out);
}

Answer sign_out(Call& call) {
  if (auto done = call.api.people.sign_out(call.caller, call.api.secret_of(call.request)); !done) return tl::make_unexpected(done.error());
  auto response = reply_nothing();
  response.headers.emplace_back("Set-Cookie", call.api.session_cookie(""));
  return response;
}

Answer prove(Call& call) {
  json::Fields fields(call.body);
  const auto password = fields.text_or("password", people::max_password, "");
  const auto code = fields.text_or("code", 100, "");
  if (auto good = fields.done(); !good) return tl::make_unexpected(good.error());
  return admit(call.api, call.api.people.prove(call.caller, password, code, call.visitor()));
}

/// The router asked for the proof: whoever comes here has it.
Answer proved(Call&) {
  return reply_nothing();
}

Answer new_link(Call& call) {
  if (call.api.people.has_accounts()) return fail(ErrorCode::conflict, tr("people.accounts_needed"), {}, tr("people.accounts_needed_help"));
  const auto token = call.api.sessions.new_token();
  return reply_json(json::Object{{"link", call.api.link("signin", token.text)}, {"expires", to_iso8601(token.expires)}}, 201);
}

using people::Right;
constexpr std::array routes{
    Route{"GET", "access", access, true},
    Route{"POST", "session", sign_in, true},
    Route{"GET", "session", show},
    Route{"DELETE", "session", sign_out}.needs(Right::none),
    Route{"POST", "session/proof", prove}.needs(Right::none),
    Route{"GET", "session/proof", proved}.needs(Right::none).step_up(),
    Route{"POST", "session/links", new_link}.needs(Right::none),
};

}  // namespace

Answer admit(const Api& api, const Result<service::People::Outcome>& outcome, json::Object body) {
  using Kind = service::People::Outcome::Kind;
  if (!outcome) return tl::make_unexpected(outcome.error());
  if (outcome->kind == Kind::refused) return reply_refusal(403, "refused", tr("people.refused"), tr("people.refused_help"));
  if (outcome->kind == Kind::wait) return reply_wait(outcome->wait, tr("people.wait_help"));
  if (!outcome->recovery.empty()) body["recovery"] = json::array_of(outcome->recovery);
  auto response = reply_json(body);
  response.headers.emplace_back("Set-Cookie", api.session_cookie(outcome->secret));
  return response;
}

net::Response reply_wait(std::int64_t wait, const std::string& help) {
  const auto seconds = std::to_string((wait + micros_per_second - 1) / micros_per_second);
  auto response = reply_refusal(429, "wait", tr("people.wait", {{"seconds", seconds}}), help);
  response.headers.emplace_back("Retry-After", seconds);
  return response;
}

std::span<const Route> session_routes() {
  return routes;
}

}  // namespace digue::api
