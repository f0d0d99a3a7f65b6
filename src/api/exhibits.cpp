#include "service/exhibits.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "api/api.hpp"
#include "api/reply.hpp"
#include "base/text.hpp"
#include "service/analyses.hpp"
#include "service/custody.hpp"
#include "service/reading.hpp"

namespace digue::api {

namespace {

constexpr std::size_t max_field = 4000;
constexpr std::size_t max_parents = 100;

json::Value number_or_null(const std::optional<std::int64_t>& number) {
  return number ? json::Value(*number) : json::Value(nullptr);
}

json::Object acquisition_json(const incident::Acquisition& record) {
  auto out = json::parse(incident::acquisition_text(record)).value().get_object();
  out["missing"] = json::array_of(incident::missing_fields(record));
  return out;
}

json::Object exhibit_json(const incident::Exhibit& exhibit, const incident::Acquisition& record) {
  return json::Object{
      {"id", exhibit.id},
      {"name", exhibit.name},
      {"bytes", exhibit.bytes},
      {"sha256", exhibit.sha256},
      {"sha512", exhibit.sha512},
      {"received", to_iso8601(exhibit.received)},
      {"by", exhibit.by},
      {"method", exhibit.method},
      {"format", json::or_null(exhibit.format)},
      {"records", number_or_null(exhibit.records)},
      {"rejected", number_or_null(exhibit.rejected)},
      {"state", exhibit.state},
      {"content", exhibit.content},
      {"parents", json::array_of(exhibit.parents)},
      {"transformation", exhibit.transformation},
      {"verified", time_or_null(exhibit.verified)},
      {"acquisition", acquisition_json(record)},
      {"destroyed", nullptr},
  };
}

/// The last record of each exhibit.
std::map<std::string, incident::Acquisition> last_records(const std::vector<incident::AcquisitionVersion>& versions) {
  std::map<std::string, incident::Acquisition> out;
  for (const auto& version : versions) out[version.exhibit] = version.record;
  return out;
}

Answer list(Call& call) {
  const auto exhibits = service::list_exhibits(call.api.context, call.incident());
  if (!exhibits) return tl::make_unexpected(exhibits.error());
  const auto versions = service::list_acquisitions(call.api.context, call.incident());
  if (!versions) return tl::make_unexpected(versions.error());
  auto records = last_records(*versions);
  std::map<std::string, json::Value> destroyed;
  if (std::any_of(exhibits->begin(), exhibits->end(), [](const auto& one) { return one.state == "destroyed"; })) {
    const auto events = service::list_custody(call.api.context, call.incident());
    if (!events) return tl::make_unexpected(events.error());
    for (const auto& event : *events)
      if (event.what == "destroyed")
        destroyed[event.exhibit] = json::Object{{"at", to_iso8601(event.at)}, {"by", event.who}, {"reason", event.purpose}};
  }
  json::Array out;
  for (const auto& exhibit : *exhibits) {
    auto one = exhibit_json(exhibit, records[exhibit.id]);
    if (const auto at = destroyed.find(exhibit.id); at != destroyed.end()) one["destroyed"] = at->second;
    out.push_back(std::move(one));
  }
  return reply_json(out);
}

json::Value custody_json(const incident::CustodyEvent& event) {
  return json::Object{{"number", event.number}, {"exhibit", event.exhibit}, {"at", to_iso8601(event.at)}, {"who", event.who},
                      {"what", event.what},     {"detail", event.detail},   {"purpose", event.purpose},   {"recipient", event.recipient},
                      {"digest", event.digest}, {"hash", event.hash}};
}

Answer custody(Call& call) {
  const auto events = service::list_custody(call.api.context, call.incident());
  if (!events) return tl::make_unexpected(events.error());
  const auto exhibit = call.text("exhibit");
  json::Array out;
  for (const auto& event : *events)
    if (exhibit.empty() || event.exhibit == exhibit) out.push_back(custody_json(event));
  return reply_json(out);
}

Answer hand_over(Call& call) {
  json::Fields fields(call.body);
  service::Handover given;
  given.what = fields.text("what", 32);
  given.recipient = fields.text("recipient", max_field);
  given.how = fields.text("how", max_field);
  given.purpose = fields.text("purpose", max_field);
  if (auto done = fields.done(); !done) return tl::make_unexpected(done.error());
  const auto event = service::record_handover(call.api.context, call.caller, call.incident(), call.ids[1], given);
  if (!event) return tl::make_unexpected(event.error());
  return reply_json(custody_json(*event), 201);
}

Answer acquisitions(Call& call) {
  const auto versions = service::list_acquisitions(call.api.context, call.incident());
  if (!versions) return tl::make_unexpected(versions.error());
  json::Array out;
  for (const auto& version : *versions) {
    if (version.exhibit != call.ids[1]) continue;
    auto one = acquisition_json(version.record);
    one["recorded"] = to_iso8601(version.recorded);
    one["by"] = version.by;
    one["reason"] = version.reason;
    out.push_back(std::move(one));
  }
  if (out.empty()) return fail(ErrorCode::not_found, tr("exhibit.absent"), call.ids[1]);
  return reply_json(out);
}

Answer correct(Call& call) {
  json::Fields fields(call.body);
  incident::Acquisition record;
  record.who = fields.text("who", max_field);
  record.source = fields.text("source", max_field);
  record.authority = fields.text("authority", max_field);
  record.method = fields.text("method", max_field);
  record.tool = fields.text("tool", max_field);
  record.tool_version = fields.text_or("tool_version", max_field, "");
  record.query = fields.text_or("query", max_field, "");
  record.note = fields.text_or("note", max_field, "");
  const auto reason = fields.text("reason", max_field);
  const auto at = fields.text("at", 64);
  if (auto done = fields.done(); !done) return tl::make_unexpected(done.error());
  const auto time = instant(at, "at");
  if (!time) return tl::make_unexpected(time.error());
  record.at = *time;
  const auto version = service::correct_acquisition(call.api.context, call.caller, call.incident(), call.ids[1], record, reason);
  if (!version) return tl::make_unexpected(version.error());
  return acquisitions(call);
}

Answer reading(Call& call) {
  json::Fields fields(call.body);
  const auto purpose = fields.text("purpose", max_field);
  if (auto done = fields.done(); !done) return tl::make_unexpected(done.error());
  const auto until = service::give_reason(call.api.context, call.caller, call.incident(), call.ids[1], purpose);
  if (!until) return tl::make_unexpected(until.error());
  return reply_json(json::Object{{"until", to_iso8601(*until)}}, 201);
}

class Sink final : public net::BodySink {
 public:
  Sink(const Call& call, std::unique_ptr<service::Upload> upload)
      : context_(call.api.context), incident_(call.incident()), upload_(std::move(upload)), language_(current_language()) {}
  std::optional<net::Response> write(std::string_view part) override {
    const LanguageScope language(language_);
    if (const auto written = upload_->write(part); !written) return reply_error(written.error());
    return std::nullopt;
  }
  net::Response finish() override {
    const LanguageScope language(language_);
    const auto exhibit = upload_->finish();
    if (!exhibit) return reply_error(exhibit.error());
    // What it was told, with what it filled in.
    const auto versions = service::list_acquisitions(context_, incident_);
    return reply_json(exhibit_json(*exhibit, versions ? last_records(*versions)[exhibit->id] : incident::Acquisition()), 201);
  }

 private:
  const service::Context& context_;
  std::string incident_;
  std::unique_ptr<service::Upload> upload_;
  Language language_;
};

Result<std::unique_ptr<net::BodySink>> receive(Call& call) {
  service::Arrival arrival;
  auto& record = arrival.acquisition;
  for (const auto& [name, field] :
       {std::pair("acquired_by", &record.who), std::pair("source", &record.source), std::pair("authority", &record.authority),
        std::pair("method", &record.method), std::pair("tool", &record.tool), std::pair("tool_version", &record.tool_version),
        std::pair("query", &record.query), std::pair("note", &record.note), std::pair("transformation", &arrival.transformation),
        std::pair("content", &arrival.content)}) {
    *field = call.text(name);
    if (field->size() > max_field)
      return fail(ErrorCode::bad_input, tr("field.too_long", {{"field", name}, {"limit", std::to_string(max_field)}}), name);
    if (!is_utf8(*field)) return fail(ErrorCode::bad_input, tr("field.not_text", {{"field", name}}), name);
  }
  if (const auto at = call.text("acquired"); !at.empty()) {
    const auto time = instant(at, "acquired");
    if (!time) return tl::make_unexpected(time.error());
    record.at = *time;
  }
  for (const auto& [name, value] : call.request.query)
    if (name == "parent" && arrival.parents.size() < max_parents) arrival.parents.push_back(value);
  auto upload = service::receive_exhibit(call.api.context, call.caller, call.incident(), call.text("name"), std::move(arrival));
  if (!upload) return tl::make_unexpected(upload.error());
  return std::make_unique<Sink>(call, std::move(*upload));
}

/// A refusal to show, with its own code when a reason would open it; `exhibit` is whom to give it for.
Answer unseen(const Error& error, const std::string& exhibit) {
  if (error.code != ErrorCode::conflict || error.where != service::reason_place) return tl::make_unexpected(error);
  return reply_refusal(428, "reason_needed", error.message, error.help, exhibit);
}

constexpr std::int64_t far = std::int64_t{1} << 53;

Answer text(Call& call) {
  const auto wanted = call.text("part");
  if (!wanted.empty() && wanted != "headers" && wanted != "whole")
    return fail(ErrorCode::bad_input, tr("field.not_a_choice", {{"field", "part"}}), "part");
  const auto offset = call.number("offset", 0, 0, far);
  const auto length = call.number("length", 64 * 1024, 1, service::max_record_view);
  for (const auto* one : {&offset, &length})
    if (!*one) return tl::make_unexpected(one->error());
  const auto part = wanted == "headers" ? service::Part::headers : service::Part::whole;
  const auto view = service::view_exhibit(call.api.context, call.caller, call.incident(), call.ids[1], part, *offset, *length);
  if (!view) return unseen(view.error(), call.ids[1]);
  return reply_json(json::Object{{"path", view->path}, {"offset", *offset}, {"text", view->text}, {"truncated", view->truncated}});
}

Answer record(Call& call) {
  const auto input = call.number("input", -1, 0, far);
  const auto offset = call.number("offset", -1, 0, far);
  const auto length = call.number("length", -1, 1, service::max_record_view);
  for (const auto* one : {&input, &offset, &length})
    if (!*one) return tl::make_unexpected(one->error());
  for (const auto& [name, value] : {std::pair("input", *input), std::pair("offset", *offset), std::pair("length", *length)})
    if (value < 0) return fail(ErrorCode::bad_input, tr("field.missing", {{"field", name}}), name);
  const auto view =
      service::view_record(call.api.context, call.api.analyses.analyser(), call.caller, call.incident(), *input, *offset, *length);
  if (!view) return unseen(view.error(), service::exhibit_of_input(call.api.context, call.incident(), *input));
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
    Route{"POST", "incidents/{}/exhibits/{}/custody", hand_over}.needs(people::Right::add_evidence),
    Route{"GET", "incidents/{}/exhibits/{}/acquisition", acquisitions},
    Route{"POST", "incidents/{}/exhibits/{}/acquisition", correct}.needs(people::Right::add_evidence),
    Route{"POST", "incidents/{}/exhibits/{}/reading", reading}.needs(people::Right::read_mail),
    Route{"GET", "incidents/{}/exhibits/{}/text", text},
    Route{"GET", "incidents/{}/record", record},
};

}  // namespace

std::span<const Route> exhibit_routes() {
  return routes;
}

}  // namespace digue::api
