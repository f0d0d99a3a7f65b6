#include "service/backup.hpp"

#include <array>
#include <stdexcept>

#include "api/api.hpp"
#include "api/backup.hpp"
#include "api/reply.hpp"

namespace digue::api {

namespace {

Answer make(Call& call) {
  json::Fields fields(call.body);
  auto seal = seal_of(fields);
  const bool link = fields.flag_or("link", false);
  if (auto done = fields.done(); !done) return tl::make_unexpected(done.error());
  auto backup = service::start_backup(call.api.context, call.caller, std::move(seal));
  if (!backup) return tl::make_unexpected(backup.error());
  return reply_archive(call, std::move(*backup), link, {people::Right::administrate, {}});
}

constexpr std::array routes{
    Route{"POST", "backup", make}.needs(people::Right::administrate).step_up(),
};

}  // namespace

SealFor seal_of(json::Fields& fields) {
  SealFor seal;
  seal.passphrase = fields.text_or("passphrase", 1024, "");
  seal.public_key = fields.text_or("public_key", 256, "");
  return seal;
}

net::Response reply_stream(const std::string& name, std::function<Result<bool>(std::string& part)> next) {
  net::Response response;
  response.headers = {{"Content-Type", "application/octet-stream"},
                      {"Cache-Control", "no-store"},
                      {"Content-Disposition", "attachment; filename=\"" + name + "\""}};
  response.parts = [next = std::move(next)](std::string& part) {
    const auto more = next(part);
    // The stream ends without its end, which the client sees; the terminal's own process says why.
    if (!more) throw std::runtime_error(to_text(more.error()));
    return *more;
  };
  add_security_headers(response);
  return response;
}

net::Response reply_archive(Call& call, service::Outgoing out, bool link, Downloads::Needs needs) {
  if (link) return reply_json(call.api.downloads.add(std::move(out), call.caller.session, std::move(needs)), 201);
  return reply_stream(out.name, [bytes = out.bytes](std::string& part) { return bytes->next(part); });
}

std::span<const Route> backup_routes() {
  return routes;
}

}  // namespace digue::api
