#include "service/journal.hpp"

#include <array>
#include <atomic>
#include <charconv>
#include <stdexcept>

#include "api/api.hpp"
#include "api/reply.hpp"
#include "base/crypto/timestamp.hpp"
#include "base/encoding.hpp"
#include "base/text.hpp"
#include "service/journal_import.hpp"
#include "service/journal_paper.hpp"
#include "service/other_logs.hpp"
#include "worker/document.hpp"

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
      {"destroyed", !entry.body && !entry.damaged},
      {"damaged", entry.damaged},
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

Result<journal::Filter> filter_of(const Call& call) {
  journal::Filter filter;
  filter.words = call.text("q");
  filter.author = call.text("who");
  filter.account = call.text("account");
  filter.machine = call.text("machine");
  filter.rectified = call.text("rectified") == "true";
  std::string kinds = call.text("kind");
  for (std::string_view rest = kinds; !rest.empty();) {
    const auto end = std::min(rest.find(','), rest.size());
    const auto kind = journal::kind_named(trim(rest.substr(0, end)));
    if (!kind) return fail(ErrorCode::bad_input, tr("field.not_a_choice", {{"field", "kind"}}), "kind");
    filter.kinds.push_back(*kind);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  for (const auto& [name, bound] : {std::pair("from", &filter.from), std::pair("to", &filter.to)}) {
    const auto text = call.text(name);
    if (text.empty()) continue;
    const auto time = instant(text, name);
    if (!time) return tl::make_unexpected(time.error());
    *bound = *time;
  }
  return filter;
}

Answer list(Call& call) {
  const auto filter = filter_of(call);
  if (!filter) return tl::make_unexpected(filter.error());
  const auto after = call.number("after", 0, 0, std::int64_t{1} << 53);
  if (!after) return tl::make_unexpected(after.error());
  const auto limit = call.number("limit", 200, 1, 500);
  if (!limit) return tl::make_unexpected(limit.error());
  const auto page = service::read_journal(call.api.context, call.incident(), *after, *limit, *filter);
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

json::Value keys_json(const std::vector<journal::VerifierKey>& keys) {
  json::Array out;
  for (const auto& key : keys) out.push_back(json::Value(key.text()));
  return out;
}

json::Value protection_json(const service::Protection& found) {
  json::Array copies;
  for (std::size_t i = 0; i < found.copies.size(); ++i) {
    const auto& copy = found.copies[i];
    copies.push_back(json::Object{{"size", copy.size},
                                  {"code", found.copy_codes[i]},
                                  {"how", copy.how},
                                  {"detail", copy.detail},
                                  {"at", to_iso8601(copy.at)},
                                  {"by", copy.by}});
  }
  json::Value last = nullptr;
  if (found.last)
    last = json::Object{{"size", found.last->size}, {"at", to_iso8601(found.last->at)}, {"code", found.code}, {"note", found.last->note}};
  return json::Object{{"size", found.size}, {"signed", std::move(last)}, {"copies", std::move(copies)}, {"keys", keys_json(found.keys)}};
}

Answer protection(Call& call) {
  const auto found = service::journal_protection(call.api.context, call.incident());
  if (!found) return tl::make_unexpected(found.error());
  return reply_json(protection_json(*found));
}

Answer keep(Call& call) {
  json::Fields fields(call.body);
  const auto size = fields.integer("size", 1, std::int64_t{1} << 53);
  const auto how = fields.text("how", 32);
  const auto detail = fields.text_or("detail", 1000, "");
  if (auto good = fields.done(); !good) return tl::make_unexpected(good.error());
  const auto found = service::note_checkpoint_copy(call.api.context, call.caller, call.incident(), size, how, detail);
  if (!found) return tl::make_unexpected(found.error());
  return reply_json(protection_json(*found), 201);
}

net::Response file_reply(std::string_view type, const std::string& name) {
  net::Response response;
  response.headers = {
      {"Content-Type", std::string(type)}, {"Cache-Control", "no-store"}, {"Content-Disposition", "attachment; filename=\"" + name + "\""}};
  add_security_headers(response);
  return response;
}

std::string file_name(const Call& call, std::string_view rest) {
  return "digue-" + call.incident() + "-journal" + std::string(rest);
}

Answer timestamp_request(Call& call) {
  auto found = service::request_timestamp(call.api.context, call.incident());
  if (!found) return tl::make_unexpected(found.error());
  auto response = file_reply("application/timestamp-query", file_name(call, "-" + std::to_string(found->size) + ".tsq"));
  response.body = std::move(found->der);
  return response;
}

Answer timestamp(Call& call) {
  json::Fields fields(call.body);
  const auto size = fields.integer("size", 1, std::int64_t{1} << 53);
  const auto response = from_base64(fields.text("response", 2 * max_timestamp));
  const auto authorities = fields.text("authorities", max_timestamp);
  if (auto good = fields.done(); !good) return tl::make_unexpected(good.error());
  if (!response) return fail(ErrorCode::bad_input, tr("timestamp.damaged", {{"reason", "base64"}}), "response");
  const auto found = service::add_timestamp(call.api.context, call.caller, call.incident(), size, *response, authorities);
  if (!found) return tl::make_unexpected(found.error());
  return reply_json(protection_json(*found), 201);
}

Answer verify(Call& call) {
  const auto found = service::verify_journal(call.api.context, call.incident(), call.text("code"));
  if (!found) return tl::make_unexpected(found.error());
  return reply_json(journal::to_json(*found));
}

Answer proof(Call& call) {
  std::int64_t seq = 0;
  const auto& text = call.ids[1];
  if (const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), seq);
      problem != std::errc() || end != text.data() + text.size() || seq < 1)
    return fail(ErrorCode::not_found, tr("journal.absent"), text);
  auto found = service::line_proof(call.api.context, call.incident(), seq);
  if (!found) return tl::make_unexpected(found.error());
  auto response = file_reply("text/plain; charset=utf-8", file_name(call, "-" + std::to_string(seq) + ".tlog-proof"));
  response.body = std::move(*found);
  return response;
}

Answer checkpoint(Call& call) {
  auto found = service::journal_protection(call.api.context, call.incident());
  if (!found) return tl::make_unexpected(found.error());
  if (!found->last) return fail(ErrorCode::not_found, tr("checkpoint.absent", {{"size", std::to_string(found->size)}}));
  auto response = file_reply("text/plain; charset=utf-8", file_name(call, ".checkpoint"));
  response.body = std::move(found->last->note);
  return response;
}

Answer whole(Call& call) {
  auto opened = service::JournalExport::open(call.api.context, call.incident());
  if (!opened) return tl::make_unexpected(opened.error());
  auto response = file_reply("application/x-ndjson; charset=utf-8", file_name(call, ".ndjson"));
  response.parts = [all = std::make_shared<service::JournalExport>(std::move(*opened))](std::string& part) {
    const auto more = all->next(part);
    if (!more) throw std::runtime_error(more.error().message);
    return *more;
  };
  return response;
}

Language language_of(const Call& call) {
  return language_named(call.text("lang")).value_or(current_language());
}

Result<std::string> paper(const Call& call) {
  const auto filter = filter_of(call);
  if (!filter) return tl::make_unexpected(filter.error());
  return service::journal_paper(call.api.context, call.incident(), *filter, language_of(call));
}

Answer paper_html(Call& call) {
  auto html = paper(call);
  if (!html) return tl::make_unexpected(html.error());
  return reply_paper(std::move(*html));
}

/// The paper that carries its proof: the whole journal, as digue verify reads it.
Answer paper_pdf(Call& call) {
  const auto html = paper(call);
  if (!html) return tl::make_unexpected(html.error());
  auto all = service::JournalExport::open(call.api.context, call.incident());
  if (!all) return tl::make_unexpected(all.error());
  worker::PdfOptions options;
  options.archival = true;
  worker::Attachment proof{file_name(call, ".ndjson"), tr_in(language_of(call), "paper.attached"), "application/x-ndjson", {}};
  for (bool more = true; more && proof.bytes.size() <= worker::max_pdf;) {
    const auto next = all->next(proof.bytes);
    if (!next) return tl::make_unexpected(next.error());
    more = *next;
  }
  options.attachments.push_back(std::move(proof));
  auto pdf = worker::render_pdf(*html, options);
  if (!pdf) return tl::make_unexpected(pdf.error());
  return reply_file(std::move(*pdf), "application/pdf", file_name(call, ".pdf"));
}

Answer lines_csv(Call& call) {
  const auto filter = filter_of(call);
  if (!filter) return tl::make_unexpected(filter.error());
  auto csv = service::journal_csv(call.api.context, call.incident(), *filter, language_of(call));
  if (!csv) return tl::make_unexpected(csv.error());
  return reply_file(std::move(*csv), "text/csv; charset=utf-8", file_name(call, ".csv"));
}

Result<std::string> sheet(const Call& call) {
  return service::journal_sheet(call.api.context, call.ids.empty() ? "" : call.ids[0], language_of(call));
}

Answer sheet_html(Call& call) {
  auto html = sheet(call);
  if (!html) return tl::make_unexpected(html.error());
  return reply_paper(std::move(*html));
}

Answer sheet_pdf(Call& call) {
  const auto html = sheet(call);
  if (!html) return tl::make_unexpected(html.error());
  auto pdf = worker::render_pdf(*html);
  if (!pdf) return tl::make_unexpected(pdf.error());
  return reply_file(std::move(*pdf), "application/pdf", "digue-journal-sheet.pdf");
}

json::Value import_json(const service::ImportResult& result, bool kept) {
  json::Array rows;
  for (const auto& row : result.rows)
    rows.push_back(json::Object{{"line", row.line},
                                {"event_time", time_or_null(row.entry.event_time)},
                                {"precision", std::string(journal::name(row.entry.precision))},
                                {"kind", std::string(journal::name(row.entry.kind))},
                                {"reporter", json::or_null(row.entry.reporter)},
                                {"text", row.entry.text},
                                {"machines", json::array_of(row.entry.machines)},
                                {"accounts", json::array_of(row.entry.accounts)},
                                {"problem", row.problem.empty() ? json::Value(nullptr) : json::Value(row.problem)}});
  return json::Object{{"kept", kept},
                      {"accepted", result.accepted},
                      {"refused", result.refused},
                      {"unknown_columns", json::array_of(result.unknown_columns)},
                      {"rows", std::move(rows)}};
}

/// Without `keep`, what would be done.
Answer import(Call& call) {
  json::Fields fields(call.body);
  service::JournalImport given;
  given.csv = fields.text("csv", service::max_import);
  given.zone = fields.text_or("zone", journal::max_name, "");
  given.reporter = fields.text_or("reporter", journal::max_name, "");
  given.source = fields.text_or("source", 500, "");
  const bool keep = fields.flag_or("keep", false);
  if (auto good = fields.done(); !good) return tl::make_unexpected(good.error());
  const auto result =
      keep ? service::import_journal(call.api.context, call.caller, call.incident(), given) : service::read_import(call.api.context, given);
  if (!result) return tl::make_unexpected(result.error());
  return reply_json(import_json(*result, keep), keep ? 201 : 200);
}

json::Value other_log_json(const service::OtherLog& log) {
  json::Array entries;
  for (const auto& entry : log.entries) entries.push_back(entry_json(entry));
  auto out = journal::to_json(log.audit);
  auto& object = out.as_object();
  object["origin"] = log.audit.head.origin;
  object["machine"] = log.exhibit.name;
  object["exhibit"] = log.exhibit.id;
  object["sha256"] = log.exhibit.sha256;
  object["taken_in"] = to_iso8601(log.exhibit.received);
  object["by"] = log.exhibit.by;
  object["altered"] = log.altered;
  object["entries"] = std::move(entries);
  return out;
}

Answer other_logs(Call& call) {
  const auto logs = service::other_logs(call.api.context, call.incident());
  if (!logs) return tl::make_unexpected(logs.error());
  json::Array out;
  for (const auto& log : *logs) out.push_back(other_log_json(log));
  return reply_json(out);
}

/// Bodies that are held in memory at once.
constexpr int max_other_logs = 4;

class OtherLogSink final : public net::BodySink {
 public:
  static std::atomic<int>& under_way() {
    static std::atomic<int> count{0};
    return count;
  }
  ~OtherLogSink() override { --under_way(); }
  explicit OtherLogSink(const Call& call)
      : context_(call.api.context),
        caller_(call.caller),
        incident_(call.incident()),
        machine_(call.text("machine").empty() ? call.text("name") : call.text("machine")),
        code_(call.text("code")),
        language_(current_language()) {
    ++under_way();
  }
  OtherLogSink(const OtherLogSink&) = delete;
  OtherLogSink& operator=(const OtherLogSink&) = delete;
  std::optional<net::Response> write(std::string_view part) override {
    const LanguageScope language(language_);
    if (bytes_.size() + part.size() > service::max_other_log)
      return reply_refusal(413, "limit", tr("api.too_large", {{"bytes", std::to_string(service::max_other_log)}}));
    bytes_ += part;
    return std::nullopt;
  }
  net::Response finish() override {
    const LanguageScope language(language_);
    const auto log = service::take_other_log(context_, caller_, incident_, machine_, bytes_, code_);
    return log ? reply_json(other_log_json(*log), 201) : reply_error(log.error());
  }

 private:
  const service::Context& context_;
  service::Caller caller_;
  std::string incident_, machine_, code_, bytes_;
  Language language_;
};

Result<std::unique_ptr<net::BodySink>> take_other_log(Call& call) {
  if (OtherLogSink::under_way() >= max_other_logs) return fail(ErrorCode::conflict, tr("api.busy"));
  return std::make_unique<OtherLogSink>(call);
}

constexpr std::array routes{
    Route{"GET", "incidents/{}/journal", list}.needs(people::Right::read_journal),
    Route{"POST", "incidents/{}/journal", append}.needs(people::Right::write_journal),
    Route{"GET", "incidents/{}/journal/protection", protection}.needs(people::Right::read_journal),
    Route{"POST", "incidents/{}/journal/copies", keep}.needs(people::Right::write_journal).lasts(),
    Route{"GET", "incidents/{}/journal/timestamp-request", timestamp_request}.needs(people::Right::read_journal),
    Route{"POST", "incidents/{}/journal/timestamps", timestamp}.needs(people::Right::write_journal).lasts(),
    Route{"GET", "incidents/{}/journal/verify", verify}.needs(people::Right::read_journal),
    Route{"GET", "incidents/{}/journal/checkpoint", checkpoint}.needs(people::Right::read_journal),
    Route{"GET", "incidents/{}/journal/{}/proof", proof}.needs(people::Right::read_journal),
    Route{"GET", "incidents/{}/journal.ndjson", whole}.needs(people::Right::read_journal),
    Route{"GET", "incidents/{}/journal.html", paper_html}.needs(people::Right::read_journal),
    Route{"GET", "incidents/{}/journal.pdf", paper_pdf}.needs(people::Right::read_journal),
    Route{"GET", "incidents/{}/journal.csv", lines_csv}.needs(people::Right::read_journal),
    Route{"GET", "incidents/{}/journal-sheet.html", sheet_html}.needs(people::Right::read_journal),
    Route{"GET", "incidents/{}/journal-sheet.pdf", sheet_pdf}.needs(people::Right::read_journal),
    Route{"GET", "journal-sheet.html", sheet_html},
    Route{"GET", "journal-sheet.pdf", sheet_pdf},
    Route{"GET", "incidents/{}/journal/logs", other_logs}.needs(people::Right::read_journal),
    Route{"POST", "incidents/{}/journal/logs", nullptr, false, take_other_log}.needs(people::Right::add_evidence),
    Route{"POST", "incidents/{}/journal/import", import}.needs(people::Right::write_journal),
};

}  // namespace

std::span<const Route> journal_routes() {
  return routes;
}

}  // namespace digue::api
