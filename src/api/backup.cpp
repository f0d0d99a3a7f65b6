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
  if (auto done = fields.done(); !done) return tl::make_unexpected(done.error());
  auto backup = service::start_backup(call.api.context, call.caller, std::move(seal));
  if (!backup) return tl::make_unexpected(backup.error());
  return reply_stream(std::move(*backup));
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

net::Response reply_stream(service::Outgoing out) {
  net::Response response;
  response.headers = {{"Content-Type", "application/octet-stream"},
                      {"Cache-Control", "no-store"},
                      {"Content-Disposition", "attachment; filename=\"" + out.name + "\""}};
  response.parts = [bytes = std::move(out.bytes)](std::string& part) {
    const auto more = bytes->next(part);
    // The stream ends without its end, which the client sees; the terminal's own process says why.
    if (!more) throw std::runtime_error(to_text(more.error()));
    return *more;
  };
  add_security_headers(response);
  return response;
}

std::span<const Route> backup_routes() {
  return routes;
}

}  // namespace digue::api
