#include "api/api.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

#include "api/reply.hpp"
#include "base/text.hpp"
#include "net/server.hpp"
#include "service/platforms.hpp"
#include "service/retention.hpp"

namespace digue::api {

namespace {

constexpr std::size_t max_json = std::size_t{1} << 20;
constexpr std::int64_t last_instant = 253'402'300'800 * micros_per_second;  // 10000-01-01

bool is_api(const net::Request& request) {
  return request.path.size() >= 2 && request.path[0] == "api" && request.path[1] == "v1";
}

/// The path below /api/v1 against a route's; fills what stands for {}.
bool matches(std::string_view pattern, const net::Request& request, std::vector<std::string>& ids) {
  ids.clear();
  for (std::size_t i = 2; i < request.path.size(); ++i) {
    if (pattern.empty()) return false;
    const auto slash = pattern.find('/');
    const auto part = pattern.substr(0, slash);
    if (part == "{}")
      ids.push_back(request.path[i]);
    else if (part != request.path[i])
      return false;
    pattern = slash == std::string_view::npos ? std::string_view() : pattern.substr(slash + 1);
  }
  return pattern.empty();
}

bool changes(const net::Request& request) {
  return request.method != "GET";
}

auto lists() {
  return std::array{session_routes(),   live_routes(),   account_routes(),  people_routes(),   incident_routes(),      journal_routes(),
                    exhibit_routes(),   task_routes(),   analysis_routes(), playbook_routes(), qualification_routes(), duty_routes(),
                    directory_routes(), guided_routes(), overlay_routes(),  disk_routes(),     job_routes(),           package_routes(),
                    retention_routes(), backup_routes(), moving_routes(),   download_routes(), connector_routes(),     operation_routes()};
}

}  // namespace

Result<std::int64_t> Call::number(std::string_view name, std::int64_t fallback, std::int64_t low, std::int64_t high) const {
  const auto given = request.parameter(name);
  if (!given || given->empty()) return fallback;
  std::int64_t value = 0;
  const auto end = given->data() + given->size();
  const auto [at, problem] = std::from_chars(given->data(), end, value);
  if (problem != std::errc() || at != end || value < low || value > high)
    return fail(ErrorCode::bad_input, tr("field.not_a_number", {{"field", std::string(name)}}), std::string(name));
  return value;
}

void Api::serve_at(const Place& place) {
  hosts_.clear();
  auto names = place.names;
  names.insert(names.end(), {place.address, "localhost"});
  // Browsers leave the port of the scheme out.
  if (place.port == (place.secure ? 443 : 80))
    for (const auto& name : names) hosts_.push_back(lower(name.find(':') == std::string::npos ? name : "[" + name + "]"));
  for (const auto& name : names) hosts_.push_back(net::authority(lower(name), place.port));
  scheme_ = place.secure ? "https://" : "http://";
  origin_ = scheme_ + hosts_.front() + "/";
  // Cookies do not tell ports apart: two workbenches on one machine would sign each other out.
  cookie_name_ = (place.secure ? "__Host-digue-" : "digue-") + std::to_string(place.port);
}

std::string Api::secret_of(const net::Request& request) const {
  return request.local ? std::string() : cookie(request, cookie_name_);
}

std::string Api::session_cookie(const std::string& secret) const {
  return cookie_name_ + "=" + secret + "; HttpOnly; SameSite=Strict; Path=/" + (scheme_ == "https://" ? "; Secure" : "") +
         (secret.empty() ? "; Max-Age=0" : "");
}

people::Right Route::needed() const {
  if (right) return *right;
  const bool reads = method == "GET";
  if (of_incident()) return reads ? people::Right::read_mail : people::Right::work;
  return reads ? people::Right::none : people::Right::edit_directory;
}

std::vector<const Route*> all_routes() {
  std::vector<const Route*> out;
  for (const auto routes : lists())
    for (const auto& route : routes) out.push_back(&route);
  return out;
}

Api::Match Api::match(const net::Request& request) {
  Match match;
  for (const auto routes : lists()) {
    for (const auto& route : routes) {
      std::vector<std::string> ids;
      if (!matches(route.path, request, ids)) continue;
      if (route.method == request.method) return {&route, std::move(ids), false};
      match.other_method = true;
    }
  }
  return match;
}

std::optional<net::Response> Api::check(const net::Request& request, const Match& match) const {
  if (!match.route) {
    if (match.other_method) return reply_refusal(405, "method_not_allowed", tr("api.method"));
    return reply_refusal(404, "not_found", tr("api.no_page"));
  }
  if (changes(request) && !request.local && request.header("x-digue-request") != "1")
    return reply_refusal(403, "forbidden", tr("api.no_header"), tr("api.no_header_help"));
  if (!match.route->open && !who(request))
    return reply_refusal(401, "signed_out", tr("api.signed_out"), tr(people.has_accounts() ? "api.sign_in_help" : "api.signed_out_help"));
  return std::nullopt;
}

std::optional<net::Response> Api::check_rights(const net::Request& request, const Match& match) {
  if (auto refused = check(request, match)) return refused;
  const auto& route = *match.route;
  if (route.open) return std::nullopt;
  const auto caller = who(request, true);
  if (!caller) return reply_refusal(401, "signed_out", tr("api.signed_out"), tr("api.sign_in_help"));
  std::string what = request.method + " /api/v1";
  for (std::size_t i = 2; i < request.path.size(); ++i) what += "/" + request.path[i];
  if (auto allowed = people.allow(*caller, route.needed(), route.of_incident() ? match.ids.front() : std::string(), what); !allowed)
    return reply_error(allowed.error());
  if (route.sensitive && !people.proved_lately(*caller)) return reply_refusal(403, "step_up", tr("api.step_up"), tr("api.step_up_help"));
  if (changes(request) && route.of_incident() && !route.lasting)
    if (auto there = service::still_there(context, match.ids.front()); !there) return reply_error(there.error());
  return std::nullopt;
}

std::optional<net::Response> Api::refusal(const net::Request& request) {
  return check_rights(request, match(request));
}

std::optional<service::Caller> Api::who(const net::Request& request, bool quiet) const {
  if (!request.local) return people.caller_of(secret_of(request), request.source, quiet);
  // Whoever reaches the socket of the data directory could open that directory as well; the name is what they say, as at the page.
  auto caller =
      people.local_caller(std::string(trim(clip(net::percent_decode(request.header("x-digue-author"), false).value_or(""), 200))));
  if (caller.name.empty()) return std::nullopt;
  return caller;
}

service::People::Visitor Call::visitor() const {
  return {request.local ? "local" : request.source, std::string(clip(request.header("user-agent"), 200)), api.secret_of(request)};
}

net::Plan Api::plan(const net::Request& request) {
  const LanguageScope language(language_of(request));
  net::Plan plan;
  plan.limit = max_json;
  const auto host = lower(request.header("host"));
  if (!request.local && std::find(hosts_.begin(), hosts_.end(), host) == hosts_.end()) {
    plan.refusal = reply_refusal(421, "bad_host", tr("api.bad_host"), tr("api.bad_host_help", {{"address", origin_}}));
    return plan;
  }
  const auto origin = request.header("origin");
  const auto site = request.header("sec-fetch-site");
  if (changes(request) && ((!origin.empty() && origin != scheme_ + host) || (!site.empty() && site != "same-origin" && site != "none"))) {
    plan.refusal = reply_refusal(403, "forbidden", tr("api.cross_site"));
    return plan;
  }
  if (!is_api(request)) {
    if (changes(request)) plan.refusal = reply_refusal(405, "method_not_allowed", tr("api.method"));
    return plan;
  }
  const auto found = match(request);
  plan.refusal = check(request, found);
  if (!plan.refusal && found.route->receive != nullptr) plan.body = net::Plan::Body::streamed;
  return plan;
}

Call Api::call_of(const net::Request& request, Match match) {
  return Call{*this, request, who(request, true).value_or(service::Caller{}), std::move(match.ids), nullptr};
}

net::Response Api::handle(const net::Request& request) {
  const LanguageScope language(language_of(request));
  if (!is_api(request)) return assets_.serve(request);
  auto found = match(request);
  if (auto refused = check_rights(request, found)) return *refused;
  const Route& route = *found.route;
  Call call = call_of(request, std::move(found));
  if (!request.body.empty()) {
    auto body = json::parse(request.body, {.bytes = max_json, .depth = 16});
    if (!body) {
      auto refusal = reply_error(body.error());
      refusal.status = 400;
      return refusal;
    }
    call.body = std::move(*body);
  }
  auto answer = route.action(call);
  if (answer) return std::move(*answer);
  if (answer.error().code == ErrorCode::internal) {
    std::fprintf(stderr, "digue: %s\n", terminal(to_text(answer.error())).c_str());
    return refuse(500);
  }
  const auto& error = answer.error();
  if (service::is_locked(error)) return reply_refusal(423, "locked", error.message, error.help);
  return reply_error(error);
}

std::unique_ptr<net::BodySink> Api::receive(const net::Request& request, net::Response& refusal) {
  const LanguageScope language(language_of(request));
  auto found = match(request);
  if (auto refused = check_rights(request, found)) {
    refusal = std::move(*refused);
    return nullptr;
  }
  const Route& route = *found.route;
  Call call = call_of(request, std::move(found));
  auto sink = route.receive(call);
  if (sink) return std::move(*sink);
  refusal = reply_error(sink.error());
  return nullptr;
}

net::Response Api::refuse(int status) {
  switch (status) {
    case 408:
      return reply_refusal(408, "timeout", tr("api.timeout"));
    case 413:
      return reply_refusal(413, "limit", tr("api.too_large", {{"bytes", std::to_string(max_json)}}));
    case 431:
      return reply_refusal(431, "limit", tr("api.head_too_large"));
    case 500:
      return reply_refusal(500, "internal", tr("api.internal"), tr("api.internal_help"));
    case 503:
      return reply_refusal(503, "busy", tr("api.busy"));
    default:
      return reply_refusal(status, "bad_request", tr("api.bad_request"));
  }
}

std::string cookie(const net::Request& request, std::string_view name) {
  for (const auto& [key, value] : request.headers) {
    if (key != "cookie") continue;
    std::string_view rest = value;
    while (!rest.empty()) {
      const auto end = rest.find(';');
      const auto pair = trim(rest.substr(0, end));
      if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=') return std::string(pair.substr(name.size() + 1));
      rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    }
  }
  return {};
}

Language language_of(const net::Request& request) {
  std::string_view rest = request.header("accept-language");
  while (!rest.empty()) {
    const auto end = rest.find(',');
    const auto tag = trim(rest.substr(0, end));
    if (const auto language = language_named(lower(tag.substr(0, tag.find_first_of("-;"))))) return *language;
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  }
  return Language::fr;
}

Result<UtcMicros> instant(const std::string& text, const char* field) {
  const auto parsed = parse_iso8601(text);
  if (!parsed || !parsed->offset_minutes) return fail(ErrorCode::bad_input, tr("field.not_a_time", {{"field", field}}), field);
  const UtcMicros time{parsed->civil - *parsed->offset_minutes * micros_per_minute};
  // What is written again must be readable: years of four digits in UTC, too.
  if (time.value < 0 || time.value >= last_instant) return fail(ErrorCode::bad_input, tr("field.not_a_time", {{"field", field}}), field);
  return time;
}

Result<service::BasedOn> based_on(const Call& call) {
  json::Fields fields(call.body);
  if (!call.body.is_object() || !call.body.get_object().contains("based_on")) return service::BasedOn{};
  const auto text = fields.optional_text("based_on", 64);
  if (auto good = fields.done(); !good) return tl::make_unexpected(good.error());
  if (!text) return service::BasedOn{std::optional<UtcMicros>()};
  const auto time = instant(*text, "based_on");
  if (!time) return tl::make_unexpected(time.error());
  return service::BasedOn{*time};
}

bool is_stale(const Error& error) {
  return error.code == ErrorCode::conflict && error.where == "based_on";
}

json::Value time_or_null(const std::optional<UtcMicros>& time) {
  return time ? json::Value(to_iso8601(*time)) : json::Value(nullptr);
}

}  // namespace digue::api
