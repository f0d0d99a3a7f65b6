#include "service/exhibits.hpp"

#include <array>

#include "api/api.hpp"
#include "api/reply.hpp"
#include "service/analyses.hpp"

namespace digue::api {

namespace {

json::Value number_or_null(const std::optional<std::int64_t>& number) {
  return number ? json::Value(*number) : json::Value(nullptr);
}

json::Value exhibit_json(const incident::Exhibit& exhibit) {
  return json::Object{
      {"id", exhibit.id},
      {"name", exhibit.name},
      {"bytes", exhibit.bytes},
      {"sha256", exhibit.sha256},
      {"received", to_iso8601(exhibit.received)},
      {"by", exhibit.by},
      {"method", exhibit.method},
      {"format", json::or_null(exhibit.format)},
      {"records", number_or_null(exhibit.records)},
      {"rejected", number_or_null(exhibit.rejected)},
      {"state", exhibit.state},
  };
}

Answer list(Call& call) {
  const auto exhibits = service::list_exhibits(call.api.context, call.incident());
  if (!exhibits) return tl::make_unexpected(exhibits.error());
  json::Array out;
  for (const auto& exhibit : *exhibits) out.push_back(exhibit_json(exhibit));
  return reply_json(out);
}

Answer custody(Call& call) {
  const auto events = service::list_custody(call.api.context, call.incident());
  if (!events) return tl::make_unexpected(events.error());
  json::Array out;
  for (const auto& event : *events)
    out.push_back(json::Object{
        {"exhibit", event.exhibit}, {"at", to_iso8601(event.at)}, {"who", event.who}, {"what", event.what}, {"detail", event.detail}});
  return reply_json(out);
}

class Sink final : public net::BodySink {
 public:
  Sink(std::unique_ptr<service::Upload> upload, Language language) : upload_(std::move(upload)), language_(language) {}
  std::optional<net::Response> write(std::string_view part) override {
    const LanguageScope language(language_);
    if (const auto written = upload_->write(part); !written) return reply_error(written.error());
    return std::nullopt;
  }
  net::Response finish() override {
    const LanguageScope language(language_);
    const auto exhibit = upload_->finish();
    return exhibit ? reply_json(exhibit_json(*exhibit), 201) : reply_error(exhibit.error());
  }

 private:
  std::unique_ptr<service::Upload> upload_;
  Language language_;
};

Result<std::unique_ptr<net::BodySink>> receive(Call& call) {
  auto upload = service::receive_exhibit(call.api.context, call.caller, call.incident(), call.text("name"));
  if (!upload) return tl::make_unexpected(upload.error());
  return std::make_unique<Sink>(std::move(*upload), current_language());
}

Answer record(Call& call) {
  constexpr std::int64_t far = std::int64_t{1} << 53;
  const auto input = call.number("input", -1, 0, far);
  const auto offset = call.number("offset", -1, 0, far);
  const auto length = call.number("length", -1, 1, service::max_record_view);
  for (const auto* one : {&input, &offset, &length})
    if (!*one) return tl::make_unexpected(one->error());
  for (const auto& [name, value] : {std::pair("input", *input), std::pair("offset", *offset), std::pair("length", *length)})
    if (value < 0) return fail(ErrorCode::bad_input, tr("field.missing", {{"field", name}}), name);
  const auto view =
      service::view_record(call.api.context, call.api.analyses.analyser(), call.caller, call.incident(), *input, *offset, *length);
  if (!view) return tl::make_unexpected(view.error());
  return reply_json(json::Object{{"input", *input},
                                 {"path", view->path},
                                 {"offset", *offset},
                                 {"length", *length},
                                 {"text", view->text},
                                 {"truncated", view->truncated},
                                 {"before", view->before},
                                 {"after", view->after}});
}

constexpr std::array routes{
    Route{"GET", "incidents/{}/exhibits", list},
    Route{"POST", "incidents/{}/exhibits", nullptr, false, receive}.needs(people::Right::add_evidence),
    Route{"GET", "incidents/{}/custody", custody},
    Route{"GET", "incidents/{}/record", record},
};

}  // namespace

std::span<const Route> exhibit_routes() {
  return routes;
}

}  // namespace digue::api
