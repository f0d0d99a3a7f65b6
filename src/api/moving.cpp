#include "service/moving.hpp"

#include <array>

#include "api/api.hpp"
#include "api/backup.hpp"
#include "api/reply.hpp"

namespace digue::api {

namespace {

Answer export_one(Call& call) {
  json::Fields fields(call.body);
  const auto to = fields.text("to", 500);
  auto seal = seal_of(fields);
  const bool link = fields.flag_or("link", false);
  if (auto done = fields.done(); !done) return tl::make_unexpected(done.error());
  auto out = service::export_incident(call.api.context, call.caller, call.incident(), to, std::move(seal));
  if (!out) return tl::make_unexpected(out.error());
  return reply_archive(call, std::move(*out), link, {people::Right::export_evidence, call.incident()});
}

class Sink final : public net::BodySink {
 public:
  Sink(Api& api, std::unique_ptr<service::IncidentImport> import) : api_(api), import_(std::move(import)), language_(current_language()) {}
  std::optional<net::Response> write(std::string_view part) override {
    const LanguageScope language(language_);
    if (const auto written = import_->write(part); !written) return reply_error(written.error());
    return std::nullopt;
  }
  net::Response finish() override {
    const LanguageScope language(language_);
    const auto taken = import_->finish();
    if (!taken) return reply_error(taken.error());
    if (auto read = api_.people.refresh(); !read) return reply_error(read.error());
    return reply_json(json::Object{{"id", taken->incident.id},
                                   {"reference", taken->incident.reference},
                                   {"title", taken->incident.title},
                                   {"reference_before", taken->reference},
                                   {"lines", taken->lines},
                                   {"exhibits", taken->exhibits}},
                      201);
  }

 private:
  Api& api_;
  std::unique_ptr<service::IncidentImport> import_;
  Language language_;
};

Result<std::unique_ptr<net::BodySink>> receive(Call& call) {
  OpenWith key;
  const auto phrase = net::percent_decode(call.request.header("x-digue-passphrase"), false);
  if (!phrase) return fail(ErrorCode::bad_input, tr("field.not_text", {{"field", "X-Digue-Passphrase"}}), "X-Digue-Passphrase");
  key.passphrase = *phrase;
  auto import = service::IncidentImport::open(call.api.context, call.caller, std::move(key));
  if (!import) return tl::make_unexpected(import.error());
  return std::make_unique<Sink>(call.api, std::move(*import));
}

constexpr std::array routes{
    Route{"POST", "incidents/{}/export", export_one}.needs(people::Right::export_evidence).step_up().lasts(),
    Route{"POST", "incidents/import", nullptr, false, receive}.needs(people::Right::administrate).step_up(),
};

}  // namespace

std::span<const Route> moving_routes() {
  return routes;
}

}  // namespace digue::api
