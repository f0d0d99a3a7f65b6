#include "service/journal.hpp"

#include <array>

#include "api/api.hpp"
#include "api/reply.hpp"

namespace digue::api {

namespace {

json::Value entry_json(const store::Entry& entry) {
  const auto& header = entry.header;
  json::Object out{
      {"seq", header.seq},
      {"event_time", to_iso8601(header.event_time)},
      {"recorded", to_iso8601(header.recorded)},
      {"zone", header.zone},
      {"precision", std::string(journal::name(header.precision))},
      {"kind", std::string(journal::name(header.kind))},
      {"about", header.about.empty() ? json::Value(nullptr) : json::Value(header.about)},
      {"rectifies", header.rectifies ? json::Value(*header.rectifies) : json::Value(nullptr)},
      {"rectified_by", entry.rectified_by ? json::Value(*entry.rectified_by) : json::Value(nullptr)},
      {"hash", to_hex(entry.leaf)},
      {"destroyed", !entry.body},
  };
  const journal::Body body = entry.body.value_or(journal::Body{});
  out["author"] = body.author;
  out["reporter"] = json::or_null(body.reporter);
  out["text"] = body.text;
  out["machines"] = json::array_of(body.machines);
  out["accounts"] = json::array_of(body.accounts);
  json::Array links;
  for (const auto& link : body.links) links.push_back(json::Object{{"kind", link.kind}, {"id", link.id}});
  out["links"] = std::move(links);
  return out;
}

Answer list(Call& call) {
  const auto after = call.number("after", 0, 0, std::int64_t{1} << 53);
  if (!after) return tl::make_unexpected(after.error());
  const auto limit = call.number("limit", 200, 1, 500);
  if (!limit) return tl::make_unexpected(limit.error());
  const auto page = service::read_journal(call.api.context, call.incident(), *after, *limit, call.text("q"));
  if (!page) return tl::make_unexpected(page.error());
  json::Array entries;
  for (const auto& entry : page->entries) entries.push_back(entry_json(entry));
  const json::Value next = page->more ? json::Value(std::to_string(page->entries.back().header.seq)) : json::Value(nullptr);
  return reply_json(json::Object{{"entries", std::move(entries)}, {"next", next}, {"size", page->size}});
}

Answer append(Call& call) {
  json::Fields fields(call.body);
  service::NewLine line;
  const auto event_time = fields.optional_text("event_time", 64);
  line.zone = fields.optional_text("zone", journal::max_name);
  if (line.zone && line.zone->empty()) line.zone.reset();
  const auto precision = journal::precision_named(fields.text_or("precision", 16, "second"));
  const auto kind = journal::kind_named(fields.text_or("kind", 32, "fact"));
  line.reporter = fields.optional_text("reporter", journal::max_name);
  if (line.reporter && line.reporter->empty()) line.reporter.reset();
  line.text = fields.text("text", journal::max_text);
  line.machines = fields.texts("machines", journal::max_items, journal::max_item);
  line.accounts = fields.texts("accounts", journal::max_items, journal::max_item);
  line.rectifies = fields.optional_integer("rectifies", 1, std::int64_t{1} << 53);
  if (auto good = fields.done(); !good) return tl::make_unexpected(good.error());
  // The workbench alone writes system lines.
  if (!kind || *kind == journal::Kind::system) return fail(ErrorCode::bad_input, tr("field.not_a_choice", {{"field", "kind"}}), "kind");
  if (!precision) return fail(ErrorCode::bad_input, tr("field.not_a_choice", {{"field", "precision"}}), "precision");
  line.kind = *kind;
  line.precision = *precision;
  if (event_time && !event_time->empty()) {
    const auto time = instant(*event_time, "event_time");
    if (!time) return tl::make_unexpected(time.error());
    line.event_time = *time;
  }
  const auto entry = service::write_line(call.api.context, call.caller, call.incident(), line);
  if (!entry) return tl::make_unexpected(entry.error());
  return reply_json(entry_json(*entry), 201);
}

constexpr std::array routes{
    Route{"GET", "incidents/{}/journal", list},
    Route{"POST", "incidents/{}/journal", append},
};

}  // namespace

std::span<const Route> journal_routes() {
  return routes;
}

}  // namespace digue::api
