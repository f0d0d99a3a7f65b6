#include "connect/rspamd/controller.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace digue::rspamd {

namespace {

constexpr std::size_t max_map = std::size_t{16} << 20, max_json = std::size_t{4} << 20;
constexpr std::size_t max_named = 20;

tl::unexpected<Error> odd(const std::string& path) {
  return fail(ErrorCode::io, tr("rspamd.odd", {{"path", path}}), {}, tr("rspamd.odd.help"));
}

/// What the answer says of an error, as Rspamd does: {"error": "..."}.
std::string why_of(const HttpAnswer& answer) {
  const auto value = json::parse(answer.body, {std::size_t{64} << 10, 8});
  std::string text;
  if (value && value->is_object()) {
    json::Fields fields(*value);
    text = fields.text_or("error", 2'000, "");
  }
  return std::to_string(answer.status) + (text.empty() ? "" : " " + std::string(clip(text, 300)));
}

Result<json::Value> json_of(const Result<HttpAnswer>& answer, const std::string& path) {
  if (!answer) return tl::make_unexpected(answer.error());
  auto value = json::parse(answer->body, {max_json, 32});
  if (!value) return odd(path);
  return std::move(*value);
}

}  // namespace

Result<HttpAnswer> Controller::ask(const std::string& method, const std::string& path, const Map* map, const std::string& body) const {
  HttpRequest request{method, setup_.url + path, {{"Password", setup_.password}}, body};
  if (map != nullptr) request.headers.emplace_back("Map", std::to_string(map->id));
  auto http = setup_.http;
  http.bytes = map != nullptr ? max_map : max_json;
  auto answer = ask_http(request, http);
  if (!answer) {
    if (answer.error().code != ErrorCode::limit) return answer;
    if (map == nullptr) return odd(path);
    return fail(ErrorCode::bad_input, tr("rspamd.large", {{"map", map->uri}, {"limit", std::to_string(max_map >> 20)}}));
  }
  if (answer->status == 200) return answer;
  const auto why = why_of(*answer);
  if (answer->status == 401 || answer->status == 403)
    return fail(ErrorCode::forbidden, tr("rspamd.password", {{"why", why}}), {}, tr("rspamd.password.help"));
  // Rspamd 3.4 says it by 404.
  if (path == "/savemap" && why.find("Cannot open map") != std::string::npos)
    return fail(ErrorCode::forbidden, tr("rspamd.not_written", {{"map", map->uri}, {"why", why}}), {}, tr("rspamd.not_written.help"));
  return fail(ErrorCode::io, tr("rspamd.refused", {{"path", path}, {"why", why}}), {}, tr("rspamd.odd.help"));
}

Result<bool> Controller::is_read_only() const {
  const auto value = json_of(ask("GET", "/auth", nullptr), "/auth");
  if (!value) return tl::make_unexpected(value.error());
  if (!value->is_object() || !value->get_object().contains("read_only")) return odd("/auth");
  json::Fields fields(*value);
  const bool out = fields.flag_or("read_only", true);
  return fields.done() ? Result<bool>(out) : odd("/auth");
}

Result<Map> Controller::find(const std::string& name) const {
  const auto value = json_of(ask("GET", "/maps", nullptr), "/maps");
  if (!value) return tl::make_unexpected(value.error());
  if (!value->is_array()) return odd("/maps");
  std::string known;
  std::size_t named = 0;
  for (const auto& one : value->get_array()) {
    json::Fields fields(one);
    Map map;
    map.id = static_cast<std::uint32_t>(fields.integer("map", 0, UINT32_MAX));
    map.uri = fields.text_or("uri", 4096, "");
    map.editable = fields.flag_or("editable", false);
    if (!fields.done()) return odd("/maps");
    if (map.uri == name || std::to_string(map.id) == name) return map;
    if (++named <= max_named) known += (known.empty() ? "" : ", ") + map.uri;
  }
  return fail(ErrorCode::bad_input, tr("rspamd.no_map", {{"map", name}}), name, tr("rspamd.no_map.help", {{"known", known}}));
}

Result<std::string> Controller::read(const Map& map) const {
  auto answer = ask("GET", "/getmap", &map);
  if (!answer) return tl::make_unexpected(answer.error());
  // A page of a proxy, or an answer whose end nothing tells, would be saved as the map.
  const bool whole =
      answer->header("content-length") == std::to_string(answer->body.size()) || iequals(answer->header("transfer-encoding"), "chunked");
  if (!whole || !lower(answer->header("content-type")).starts_with("text/plain")) return odd("/getmap");
  return std::move(answer->body);
}

Result<void> Controller::save(const Map& map, const std::string& text) const {
  if (text.size() > max_map)
    return fail(ErrorCode::bad_input, tr("rspamd.large", {{"map", map.uri}, {"limit", std::to_string(max_map >> 20)}}));
  const auto value = json_of(ask("POST", "/savemap", &map, text), "/savemap");
  if (!value) return tl::make_unexpected(value.error());
  if (!value->is_object()) return odd("/savemap");
  json::Fields fields(*value);
  const bool done = fields.flag_or("success", false);
  if (!fields.done() || !done) return odd("/savemap");
  return {};
}

Result<Verdict> Controller::judge(const Sample& mail, const std::string& mark) const {
  const auto& sender = mail.sender;
  const std::string path = "/checkv2", recipient = "postmaster@" + (setup_.domains.empty() ? "localhost" : setup_.domains.front());
  // 192.0.2.1 (RFC 5737) is nobody's: Rspamd leaves out much for addresses of its own network.
  const HttpRequest request{"POST",
                            setup_.check_url + path,
                            {{"From", sender}, {"Rcpt", recipient}, {"IP", "192.0.2.1"}, {"Queue-Id", "digue"}},
                            "From: <" + sender + ">\r\nTo: <" + recipient + ">\r\nSubject: Digue " + mark + "\r\nMessage-ID: <digue@" +
                                sender.substr(sender.find('@') + 1) + ">\r\nMIME-Version: 1.0\r\n" + mail.content};
  auto http = setup_.http;
  http.bytes = max_json;
  // Another program, another key: its certificate is checked all the same.
  http.trust.pin.clear();
  const auto answer = ask_http(request, http);
  if (answer && answer->status != 200)
    return fail(ErrorCode::io, tr("rspamd.refused", {{"path", path}, {"why", why_of(*answer)}}), {}, tr("rspamd.odd.help"));
  const auto value = json_of(answer, path);
  if (!value) return tl::make_unexpected(value.error());
  if (!value->is_object()) return odd(path);
  json::Fields fields(*value);
  Verdict out{fields.text("action", 100), {}};
  const auto* symbols = value->get_object().if_contains("symbols");
  if (!fields.done() || symbols == nullptr || !symbols->is_object()) return odd(path);
  for (const auto& [name, symbol] : symbols->get_object()) {
    const auto* options = symbol.is_object() ? symbol.get_object().if_contains("options") : nullptr;
    if (options == nullptr || !options->is_array()) continue;
    const auto& all = options->get_array();
    if (std::any_of(all.begin(), all.end(),
                    [&](const auto& one) { return one.is_string() && lower(std::string_view(one.get_string())) == mail.key; }))
      out.symbols.emplace_back(name);
  }
  return out;
}

}  // namespace digue::rspamd
