#include "service/analyses.hpp"

#include <array>
#include <optional>
#include <stdexcept>

#include "api/api.hpp"
#include "api/jobs.hpp"
#include "api/reply.hpp"
#include "base/ip.hpp"
#include "base/messages.hpp"
#include "base/text.hpp"
#include "service/pins.hpp"
#include "service/story.hpp"

namespace digue::api {

namespace {

constexpr std::string_view html_kind = "html", csv_kind = "csv", ocsf_kind = "ocsf";
constexpr std::string_view html_type = "text/html; charset=utf-8", csv_type = "text/csv; charset=utf-8", ocsf_type = "application/x-ndjson";

Answer start(Call& call) {
  const auto job = call.api.analyses.start(call.caller, call.incident());
  if (!job) return tl::make_unexpected(job.error());
  return reply_json(job_json(*job), 202);
}

enum class Read { whole, head };

Result<incident::StoryVersion> story_of(Call& call, Read what) {
  return store::reading(call.api.context.cases, [&](store::CaseReader& reader) -> Result<incident::StoryVersion> {
    if (const auto known = reader.incident(call.incident()); !known) return tl::make_unexpected(known.error());
    return what == Read::whole ? reader.story(call.incident()) : reader.story_head(call.incident());
  });
}

/// The story in a language; nothing when that version has none (then the one kept with the case stands in).
std::optional<std::string> story_in(Call& call, std::int64_t version, std::string_view language) {
  constexpr std::uint64_t max_bytes = std::uint64_t{64} << 20;
  const auto file = call.api.context.documents.open(call.incident(), version, language);
  if (!file) return std::nullopt;
  const auto size = file->size();
  if (!size || *size == 0 || *size > max_bytes) return std::nullopt;
  std::string text(*size, '\0');
  const auto got = file->read_at(0, text.data(), text.size());
  if (!got || *got != *size || !service::read_story(text)) return std::nullopt;
  return text;
}

Answer story(Call& call) {
  auto found = story_of(call, Read::whole);
  if (!found) return tl::make_unexpected(found.error());
  if (const auto wanted = language_named(call.text("lang")))
    if (auto text = story_in(call, found->version, *wanted == Language::fr ? "fr" : "en")) found->analysis = std::move(*text);
  // Both texts were checked to be JSON of the analysis.
  return reply_text("{\"version\":" + std::to_string(found->version) + ",\"computed\":\"" + to_iso8601(found->computed) +
                    "\",\"analysis\":" + found->analysis + "}");
}

json::Value event_json(const store::EventRow& row) {
  json::Value activity = nullptr;
  if (const auto* number = std::get_if<std::int64_t>(&row.activity)) activity = *number;
  if (const auto* text = std::get_if<std::string>(&row.activity)) activity = *text;
  return json::Object{
      {"time", time_or_null(row.time)},
      {"account", json::or_null(row.account)},
      {"class", row.ocsf_class ? json::Value(*row.ocsf_class) : json::Value(nullptr)},
      {"activity", std::move(activity)},
      {"operation", json::or_null(row.operation)},
      {"outcome", json::or_null(row.outcome)},
      {"ip", json::or_null(row.ip)},
      {"country", json::or_null(row.country)},
      {"device", json::or_null(row.device)},
      {"session", json::or_null(row.session)},
      {"actor", json::or_null(row.actor)},
      {"confidence", row.confidence ? json::Value(*row.confidence) : json::Value(nullptr)},
      {"uid", json::or_null(row.uid)},
      {"input", row.input},
      {"offset", row.offset},
      {"length", row.length},
  };
}

Result<std::optional<UtcMicros>> time_parameter(const Call& call, const char* name) {
  const auto text = call.text(name);
  if (text.empty()) return std::nullopt;
  const auto parsed = parse_iso8601(text);
  if (!parsed || !parsed->offset_minutes) return fail(ErrorCode::bad_input, tr("field.not_a_time", {{"field", name}}), name);
  return UtcMicros{parsed->civil - *parsed->offset_minutes * micros_per_minute};
}

Answer events(Call& call) {
  store::EventQuery query;
  query.account = lower(call.text("account"));
  query.session = call.text("session");
  query.actor = call.text("actor");
  query.text = call.text("q");
  query.after = call.text("after");
  query.ip = call.text("ip");
  if (const auto ip = parse_ip(query.ip)) query.ip = to_text(*ip);
  const auto from = time_parameter(call, "from");
  if (!from) return tl::make_unexpected(from.error());
  const auto to = time_parameter(call, "to");
  if (!to) return tl::make_unexpected(to.error());
  const auto limit = call.number("limit", 100, 1, 500);
  if (!limit) return tl::make_unexpected(limit.error());
  query.from = *from;
  query.to = *to;
  query.limit = *limit;
  const auto found = story_of(call, Read::head);
  if (!found) return tl::make_unexpected(found.error());
  const auto page = call.api.context.events.query(call.incident(), found->version, query);
  if (!page) return tl::make_unexpected(page.error());
  json::Array rows;
  for (const auto& row : page->rows) rows.push_back(event_json(row));
  return reply_json(
      json::Object{{"events", std::move(rows)}, {"next", page->next.empty() ? json::Value(nullptr) : json::Value(page->next)}});
}

/// A file as an answer in parts, to be saved by the browser.
template <const std::string_view& kind, const std::string_view& type>
Answer download(Call& call) {
  const auto found = story_of(call, Read::head);
  if (!found) return tl::make_unexpected(found.error());
  auto file = call.api.context.documents.open(call.incident(), found->version, kind);
  if (!file) return tl::make_unexpected(file.error());
  const std::string name =
      "digue-" + call.incident() + "-v" + std::to_string(found->version) + "." + (kind == ocsf_kind ? "ocsf.ndjson" : std::string(kind));
  net::Response response;
  response.headers = {
      {"Content-Type", std::string(type)}, {"Cache-Control", "no-store"}, {"Content-Disposition", "attachment; filename=\"" + name + "\""}};
  add_security_headers(response);
  response.parts = [file = std::make_shared<File>(std::move(*file)), offset = std::uint64_t{0}](std::string& part) mutable {
    part.resize(256 * 1024);
    const auto got = file->read_at(offset, part.data(), part.size());
    if (!got) throw std::runtime_error(got.error().message);
    part.resize(*got);
    offset += *got;
    return *got == 256 * 1024;
  };
  return response;
}

json::Value pin_json(const incident::Pin& pin) {
  return json::Object{{"id", pin.id},
                      {"kind", pin.kind},
                      {"value", pin.value},
                      {"actor", pin.actor},
                      {"reason", pin.reason},
                      {"by", pin.by},
                      {"created", to_iso8601(pin.created)}};
}

Answer pins(Call& call) {
  const auto all = service::list_pins(call.api.context, call.incident());
  if (!all) return tl::make_unexpected(all.error());
  json::Array out;
  for (const auto& pin : *all) out.push_back(pin_json(pin));
  return reply_json(out);
}

Answer add_pin(Call& call) {
  json::Fields fields(call.body);
  service::NewPin pin{fields.text("kind", 32), fields.text("value", 1024), fields.text("actor", 32), fields.text("reason", 2000)};
  if (auto good = fields.done(); !good) return tl::make_unexpected(good.error());
  const auto added = service::add_pin(call.api.context, call.caller, call.incident(), pin);
  if (!added) return tl::make_unexpected(added.error());
  return reply_json(pin_json(*added), 201);
}

Answer remove_pin(Call& call) {
  json::Fields fields(call.body);
  const auto reason = fields.text("reason", 2000);
  if (auto good = fields.done(); !good) return tl::make_unexpected(good.error());
  if (const auto removed = service::remove_pin(call.api.context, call.caller, call.incident(), call.ids[1], reason); !removed)
    return tl::make_unexpected(removed.error());
  return reply_nothing();
}

constexpr std::array routes{
    Route{"POST", "incidents/{}/analyses", start}.needs(people::Right::add_evidence),
    Route{"GET", "incidents/{}/story", story},
    Route{"GET", "incidents/{}/story.html", download<html_kind, html_type>},
    Route{"GET", "incidents/{}/story.csv", download<csv_kind, csv_type>},
    Route{"GET", "incidents/{}/story.ocsf", download<ocsf_kind, ocsf_type>},
    Route{"GET", "incidents/{}/events", events},
    Route{"GET", "incidents/{}/pins", pins},
    Route{"POST", "incidents/{}/pins", add_pin}.needs(people::Right::pin),
    Route{"DELETE", "incidents/{}/pins/{}", remove_pin}.needs(people::Right::pin),
};

}  // namespace

std::span<const Route> analysis_routes() {
  return routes;
}

}  // namespace digue::api
