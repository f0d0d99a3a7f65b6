#include "api/reply.hpp"

#include "base/messages.hpp"

namespace digue::api {

namespace {

constexpr std::string_view policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'";

struct Meaning {
  int status;
  std::string_view code;
};

Meaning meaning(ErrorCode code) {
  switch (code) {
    case ErrorCode::usage:
    case ErrorCode::bad_input:
      return {422, "bad_input"};
    case ErrorCode::not_found:
      return {404, "not_found"};
    case ErrorCode::conflict:
      return {409, "conflict"};
    case ErrorCode::forbidden:
      return {403, "forbidden"};
    case ErrorCode::limit:
      return {413, "limit"};
    case ErrorCode::cancelled:
      return {409, "cancelled"};
    case ErrorCode::io:
      return {507, "storage"};
    case ErrorCode::internal:
      break;
  }
  return {500, "internal"};
}

json::Value text_or_null(const std::string& text) {
  return text.empty() ? json::Value(nullptr) : json::Value(text);
}

net::Response diagnostic(int status, std::string_view code, const std::string& message, const std::string& where, const std::string& help) {
  return reply_json(
      json::Object{
          {"error",
           json::Object{{"code", std::string(code)}, {"message", message}, {"where", text_or_null(where)}, {"help", text_or_null(help)}}}},
      status);
}

}  // namespace

net::Response reply_json(const json::Value& value, int status) {
  auto response = reply_text(json::canonical(value));
  response.status = status;
  return response;
}

net::Response reply_text(std::string json) {
  net::Response response;
  response.headers = {{"Content-Type", "application/json; charset=utf-8"}, {"Cache-Control", "no-store"}};
  response.body = std::move(json);
  add_security_headers(response);
  return response;
}

json::Value both(const Localized& text) {
  return json::Object{{"fr", text.fr}, {"en", text.en}};
}

net::Response reply_nothing() {
  net::Response response;
  response.status = 204;
  response.headers = {{"Cache-Control", "no-store"}};
  add_security_headers(response);
  return response;
}

net::Response reply_file(std::string bytes, std::string_view type, const std::string& name) {
  net::Response response;
  response.headers = {
      {"Content-Type", std::string(type)}, {"Cache-Control", "no-store"}, {"Content-Disposition", "attachment; filename=\"" + name + "\""}};
  response.body = std::move(bytes);
  add_security_headers(response);
  return response;
}

net::Response reply_paper(std::string html) {
  net::Response response;
  response.headers = {{"Content-Type", "text/html; charset=utf-8"}, {"Cache-Control", "no-store"}};
  response.body = std::move(html);
  add_security_headers(response);
  for (auto& [name, value] : response.headers)
    if (name == "Content-Security-Policy")
      value = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
  return response;
}

net::Response reply_error(const Error& error) {
  const auto [status, code] = meaning(error.code);
  return diagnostic(status, code, error.message, error.where, error.help);
}

net::Response reply_refusal(int status, std::string_view code, const std::string& message, const std::string& help,
                            const std::string& where) {
  return diagnostic(status, code, message, where, help);
}

net::Response reply_stale(const Error& error, json::Value current) {
  auto response = reply_error(error);
  auto body = json::parse(response.body).value_or(json::Object{});
  body.as_object()["current"] = std::move(current);
  response.body = json::canonical(body);
  return response;
}

void add_security_headers(net::Response& response) {
  response.headers.emplace_back("Content-Security-Policy", policy);
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  response.headers.emplace_back("Referrer-Policy", "no-referrer");
  response.headers.emplace_back("Cross-Origin-Opener-Policy", "same-origin");
  response.headers.emplace_back("Cross-Origin-Resource-Policy", "same-origin");
}

}  // namespace digue::api
