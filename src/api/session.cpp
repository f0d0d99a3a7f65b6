#include <algorithm>
#include <array>

#include "api/api.hpp"
#include "api/reply.hpp"
#include "base/text.hpp"

namespace digue::api {

namespace {

constexpr std::size_t max_name = 100;

std::string session_cookie(const Api& api, std::string_view value, std::string_view more) {
  return api.cookie_name() + "=" + std::string(value) + "; HttpOnly; SameSite=Strict; Path=/" + std::string(more);
}

Answer sign_in(Call& call) {
  json::Fields fields(call.body);
  const auto token = fields.text("token", 200);
  const std::string name(trim(fields.text("name", max_name)));
  if (auto good = fields.done(); !good) return tl::make_unexpected(good.error());
  if (std::any_of(name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }))
    return fail(ErrorCode::bad_input, tr("field.not_text", {{"field", "name"}}), "name");
  const auto secret = call.api.access.sign_in(token, name);
  if (!secret) return reply_refusal(403, "bad_token", tr("api.bad_token"), tr("api.bad_token_help"));
  auto response = reply_json(json::Object{{"name", name}});
  response.headers.emplace_back("Set-Cookie", session_cookie(call.api, *secret, ""));
  return response;
}

Answer show(Call& call) {
  return reply_json(json::Object{
      {"name", call.caller.name},
      {"version", DIGUE_VERSION},
      {"zone", call.api.context.settings.zone},
      {"content_problem", call.api.context.settings.content_problem ? json::Value(to_text(*call.api.context.settings.content_problem))
                                                                    : json::Value(nullptr)}});
}

Answer sign_out(Call& call) {
  call.api.end_session(cookie(call.request, call.api.cookie_name()));
  auto response = reply_nothing();
  response.headers.emplace_back("Set-Cookie", session_cookie(call.api, "", "; Max-Age=0"));
  return response;
}

Answer new_link(Call& call) {
  const auto token = call.api.access.new_token();
  return reply_json(json::Object{{"link", call.api.sign_in_link(token)}, {"expires", to_iso8601(token.expires)}}, 201);
}

constexpr std::array routes{
    Route{"POST", "session", sign_in, true},
    Route{"GET", "session", show},
    Route{"DELETE", "session", sign_out},
    Route{"POST", "session/links", new_link},
};

}  // namespace

std::span<const Route> session_routes() {
  return routes;
}

}  // namespace digue::api
