#include "connect/dovecot/doveadm.hpp"

#include "base/encoding.hpp"
#include "base/text.hpp"

namespace digue::dovecot {

namespace {

constexpr std::string_view tag = "digue";

std::string body_of(std::string_view command, const json::Object& parameters) {
  return json::canonical(json::Array{json::Array{json::Value(command), parameters, json::Value(tag)}});
}

tl::unexpected<Error> unreadable(const std::string& url) {
  return fail(ErrorCode::io, tr("dovecot.unreadable"), url, tr("http.cut.help"));
}

}  // namespace

std::string text_of(const json::Value& row, std::string_view member) {
  const auto* object = row.if_object();
  const auto* value = object == nullptr ? nullptr : object->if_contains(member);
  const auto* text = value == nullptr ? nullptr : value->if_string();
  return text == nullptr ? std::string() : std::string(*text);
}

Result<std::string> Doveadm::ask(const std::string& method, const std::string& body) const {
  HttpRequest request{method, setup_.url, {{"Authorization", "X-Dovecot-API " + base64(setup_.api_key)}}, body};
  if (!body.empty()) request.headers.emplace_back("Content-Type", "application/json");
  auto answer = ask_http(request, setup_.http);
  if (!answer) return tl::make_unexpected(answer.error());
  if (answer->status == 401 || answer->status == 403)
    return fail(ErrorCode::forbidden, tr("dovecot.key"), setup_.url, tr("dovecot.key.help"));
  if (answer->status != 200)
    return fail(ErrorCode::io, tr("dovecot.status", {{"status", std::to_string(answer->status)}}), setup_.url, tr("dovecot.status.help"));
  return std::move(answer->body);
}

Result<Doveadm::Reply> Doveadm::call(std::string_view command, const json::Object& parameters) const {
  const auto answer = ask("POST", body_of(command, parameters));
  if (!answer) return tl::make_unexpected(answer.error());
  const auto parsed = json::parse(*answer, {setup_.http.bytes, 32});
  const auto* list = parsed ? parsed->if_array() : nullptr;
  const auto* one = list == nullptr || list->size() != 1 ? nullptr : list->front().if_array();
  if (one == nullptr || one->size() != 3 || !(*one)[0].is_string() || (*one)[2] != json::Value(tag)) return unreadable(setup_.url);
  const std::string_view kind = (*one)[0].get_string();
  if (kind == "doveadmResponse") return Reply{0, (*one)[1]};
  const auto* error = kind == "error" ? (*one)[1].if_object() : nullptr;
  if (error == nullptr) return unreadable(setup_.url);
  const auto type = text_of(*error, "type");
  if (type == "unknownMethod")
    return fail(ErrorCode::bad_input, tr("dovecot.unknown_method", {{"command", std::string(command)}}), setup_.url,
                tr("dovecot.unknown_method.help"));
  const auto* code = error->if_contains("exitCode");
  if (type != "exitCode" || code == nullptr || !code->is_int64() || code->get_int64() <= 0 || code->get_int64() > 255)
    return unreadable(setup_.url);
  return Reply{static_cast<int>(code->get_int64()), {}};
}

Error Doveadm::error_of(int exit, std::string_view command, const json::Object& parameters) {
  const auto about = text_of(parameters, "user");
  switch (exit) {
    case 67:
      return {ErrorCode::not_found, tr("dovecot.no_account"), about, tr("dovecot.no_account.help")};
    case 68:
      return {ErrorCode::not_found, tr("dovecot.nothing", {{"command", std::string(command)}}), about, {}};
    case 77:
      return {ErrorCode::forbidden, tr("dovecot.denied", {{"command", std::string(command)}}), about, {}};
    default:
      return {ErrorCode::io, tr("dovecot.exit", {{"command", std::string(command)}, {"exit", std::to_string(exit)}}), about,
              tr(exit == 75 ? "dovecot.temporary" : "dovecot.exit.help")};
  }
}

Result<json::Array> Doveadm::rows(std::string_view command, const json::Object& parameters) const {
  auto reply = call(command, parameters);
  if (!reply) return tl::make_unexpected(reply.error());
  if (reply->exit != 0) return tl::make_unexpected(error_of(reply->exit, command, parameters));
  auto* list = reply->value.if_array();
  if (list == nullptr) return unreadable(setup_.url);
  for (const auto& row : *list)
    if (!row.is_object()) return unreadable(setup_.url);
  return std::move(*list);
}

Result<std::set<std::string, std::less<>>> Doveadm::commands() const {
  const auto answer = ask("GET", {});
  if (!answer) return tl::make_unexpected(answer.error());
  const auto parsed = json::parse(*answer, {setup_.http.bytes, 32});
  const auto* list = parsed ? parsed->if_array() : nullptr;
  if (list == nullptr) return unreadable(setup_.url);
  std::set<std::string, std::less<>> out;
  for (const auto& one : *list) out.insert(text_of(one, "command"));
  return out;
}

Result<std::string> Doveadm::account(const std::string& name) const {
  if (auto good = check_account(name); !good) return tl::make_unexpected(good.error());
  const json::Object parameters{{"userMask", json::Array{json::Value(name)}}};
  const auto reply = call("user", parameters);
  if (!reply) return tl::make_unexpected(reply.error());
  if (reply->exit != 0) return tl::make_unexpected(error_of(reply->exit, "user", {{"user", name}}));
  const auto* users = reply->value.if_object();
  const auto* user = users == nullptr ? nullptr : users->if_contains(name);
  if (user == nullptr) return unreadable(setup_.url);
  const auto kept = text_of(*user, "user");
  if (kept.empty()) return name;
  if (auto good = check_account(kept); !good) return tl::make_unexpected(good.error());
  return kept;
}

std::string Doveadm::request(std::string_view command, const json::Object& parameters) const {
  return "POST " + setup_.url + " " + to_utf8_lossy(body_of(command, parameters));
}

}  // namespace digue::dovecot
