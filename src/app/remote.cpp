#include "app/remote.hpp"

#include <exception>
#include <iostream>
#include <memory>

#include "app/serve.hpp"
#include "base/byte_source.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "net/client.hpp"
#include "net/http.hpp"
#include "store/data_directory.hpp"

namespace digue::app {

namespace {

constexpr std::string_view json_type = "application/json";

/// The headers of a command's request: who asks, in which language.
std::vector<std::pair<std::string, std::string>> headers_of(const std::string& author) {
  std::string encoded;
  for (const char c : author) {
    static constexpr char digits[] = "0123456789ABCDEF";
    const auto byte = static_cast<unsigned char>(c);
    encoded.append("%") += {digits[byte >> 4], digits[byte & 15]};
  }
  return {{"x-digue-author", std::move(encoded)}, {"accept-language", current_language() == Language::en ? "en" : "fr"}};
}

/// The file that an upload sends; nothing for other requests.
struct Body {
  std::unique_ptr<FileSource> file;
  std::uint64_t size = 0;
};

Result<Body> body_of(const cli::Ask& ask) {
  Body body;
  if (ask.file.empty()) return body;
  const auto opened = File::open(ask.file);
  if (!opened) return tl::make_unexpected(opened.error());
  const auto size = opened->size();
  if (!size) return tl::make_unexpected(size.error());
  auto file = FileSource::open(ask.file);
  if (!file) return tl::make_unexpected(file.error());
  body.file = std::move(*file);
  body.size = *size;
  return body;
}

/// Collects a JSON answer, hands anything else on.
class Answer {
 public:
  explicit Answer(const std::function<void(std::string_view)>& sink) : sink_(sink) {}
  void type(std::string_view type) { reply.json = type.starts_with(json_type); }
  void take(std::string_view part) { reply.json || reply.status >= 400 ? static_cast<void>(reply.body += part) : sink_(part); }
  cli::Reply reply;

 private:
  const std::function<void(std::string_view)>& sink_;
};

Result<cli::Reply> through_socket(const std::string& socket, const std::string& author, const cli::Ask& ask,
                                  const std::function<void(std::string_view)>& sink) {
  auto body = body_of(ask);
  if (!body) return tl::make_unexpected(body.error());
  net::ClientRequest request{ask.method, "/api/v1/" + ask.target, headers_of(author), body->size, {}};
  std::size_t sent = 0;
  if (body->file) {
    request.body = [&](char* to, std::size_t size) { return body->file->read(to, size); };
  } else if (!ask.body.empty()) {
    request.size = ask.body.size();
    request.body = [&](char* to, std::size_t size) -> Result<std::size_t> {
      const auto part = ask.body.copy(to, size, sent);
      sent += part;
      return part;
    };
  }
  Answer answer(sink);
  const auto reply = net::ask_local(
      socket, request,
      [&](const net::ClientReply& head) {
        answer.reply.status = head.status;
        answer.type(head.type);
      },
      [&](std::string_view part) { answer.take(part); });
  if (!reply) return tl::make_unexpected(reply.error());
  return std::move(answer.reply);
}

Result<cli::Reply> in_process(net::Handler& handler, const std::string& author, const cli::Ask& ask,
                              const std::function<void(std::string_view)>& sink) {
  auto body = body_of(ask);
  if (!body) return tl::make_unexpected(body.error());
  net::Request request;
  request.method = ask.method;
  request.headers = headers_of(author);
  request.local = true;
  request.body = ask.body;
  request.has_body = !ask.body.empty() || body->size > 0;
  if (!net::split_target("/api/v1/" + ask.target, request)) return fail(ErrorCode::bad_input, "bad request target", ask.target);
  auto plan = handler.plan(request);
  net::Response response;
  if (plan.refusal) {
    response = std::move(*plan.refusal);
  } else if (plan.body == net::Plan::Body::streamed) {
    auto upload = handler.receive(request, response);
    std::string part(256 * 1024, '\0');
    while (upload) {
      const auto got = body->file ? body->file->read(part.data(), part.size()) : Result<std::size_t>(0);
      if (!got) return tl::make_unexpected(got.error());
      auto refused = *got > 0 ? upload->write(std::string_view(part).substr(0, *got)) : std::optional(upload->finish());
      if (!refused) continue;
      response = std::move(*refused);
      upload.reset();
    }
  } else {
    response = handler.handle(request);
  }
  Answer answer(sink);
  answer.reply.status = response.status;
  for (const auto& [name, value] : response.headers)
    if (iequals(name, "content-type")) answer.type(value);
  answer.take(response.fixed.empty() ? std::string_view(response.body) : response.fixed);
  try {
    for (bool more = static_cast<bool>(response.parts); more;) {
      std::string bytes;
      more = response.parts(bytes);
      answer.take(bytes);
    }
  } catch (const std::exception& problem) {
    return fail(ErrorCode::io, problem.what());
  }
  return std::move(answer.reply);
}

}  // namespace

int remote(const cli::RemoteTarget& target, const cli::RemoteArguments& arguments, service::Analyser& analyser) {
  const auto data = target.data_directory.empty() ? store::default_data_directory() : Result<std::string>(target.data_directory);
  if (!data) {
    std::cerr << "digue: " << terminal(to_text(data.error())) << '\n';
    return 2;
  }
  // A short question finds out whether a workbench runs there.
  const std::string socket = *data + "/" + local_socket;
  const auto ignore = [](std::string_view) {};
  if (through_socket(socket, target.author, {"GET", "session", {}, {}}, ignore))
    return cli::run_remote(
        arguments, [&](const cli::Ask& ask, const auto& sink) { return through_socket(socket, target.author, ask, sink); }, std::cout,
        std::cerr);
  ServeOptions options;
  options.data = *data;
  options.database = target.database;
  options.language = current_language();
  options.instead = [&](net::Handler& handler) {
    return cli::run_remote(
        arguments, [&](const cli::Ask& ask, const auto& sink) { return in_process(handler, target.author, ask, sink); }, std::cout,
        std::cerr);
  };
  return serve(options, analyser, std::cout, std::cerr);
}

}  // namespace digue::app
