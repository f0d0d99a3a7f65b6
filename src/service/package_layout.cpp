#include "service/package_layout.hpp"

#include "base/json/value.hpp"
#include "base/messages.hpp"
#include "exchange/bagit.hpp"

namespace digue::service::layout {

namespace {

constexpr json::Bounds bounds{.bytes = std::size_t{4} << 20, .depth = 8};
constexpr std::size_t max_text = std::size_t{1} << 20;

}  // namespace

std::string exhibit_path(const incident::Exhibit& exhibit) {
  return std::string(exhibit_folder) + exhibit.id + "/" + bagit::safe_name(exhibit.name);
}

std::string custody_line(const incident::CustodyEvent& event) {
  return json::canonical(json::Object{{"number", event.number},
                                      {"exhibit", event.exhibit},
                                      {"at", to_iso8601(event.at)},
                                      {"who", event.who},
                                      {"what", event.what},
                                      {"detail", event.detail},
                                      {"purpose", event.purpose},
                                      {"recipient", event.recipient},
                                      {"digest", event.digest},
                                      {"hash", event.hash}});
}

Result<incident::CustodyEvent> read_custody(std::string_view line) {
  const auto value = json::parse(line, bounds);
  if (!value) return tl::make_unexpected(value.error());
  json::Fields fields(*value);
  incident::CustodyEvent event;
  event.number = fields.integer("number", 1, std::int64_t{1} << 53);
  event.exhibit = fields.text("exhibit", 64);
  const auto at = parse_iso8601(fields.text("at", 64));
  event.who = fields.text_or("who", max_text, "");
  event.what = fields.text("what", 64);
  event.detail = fields.text_or("detail", max_text, "");
  event.purpose = fields.text_or("purpose", max_text, "");
  event.recipient = fields.text_or("recipient", max_text, "");
  event.digest = fields.text_or("digest", 64, "");
  event.hash = fields.text("hash", 64);
  if (auto done = fields.done(); !done) return tl::make_unexpected(done.error());
  if (!at || at->offset_minutes != 0) return fail(ErrorCode::bad_input, tr("field.not_a_time", {{"field", "at"}}), "at");
  event.at = UtcMicros{at->civil};
  return event;
}

std::string exhibit_line(const incident::Exhibit& exhibit, const std::vector<incident::AcquisitionVersion>& versions,
                         const std::string& file) {
  json::Array records;
  for (const auto& version : versions) {
    if (version.exhibit != exhibit.id) continue;
    auto record = json::parse(incident::acquisition_text(version.record)).value().get_object();
    records.push_back(json::Object{
        {"record", std::move(record)}, {"recorded", to_iso8601(version.recorded)}, {"by", version.by}, {"reason", version.reason}});
  }
  return json::canonical(json::Object{{"id", exhibit.id},
                                      {"name", exhibit.name},
                                      {"bytes", exhibit.bytes},
                                      {"sha256", exhibit.sha256},
                                      {"sha512", exhibit.sha512},
                                      {"received", to_iso8601(exhibit.received)},
                                      {"by", exhibit.by},
                                      {"method", exhibit.method},
                                      {"format", json::or_null(exhibit.format)},
                                      {"content", exhibit.content},
                                      {"state", exhibit.state},
                                      {"parents", json::array_of(exhibit.parents)},
                                      {"transformation", exhibit.transformation},
                                      {"file", file},
                                      {"acquisition", std::move(records)}});
}

Result<TakenOut> read_exhibit(std::string_view line) {
  const auto value = json::parse(line, bounds);
  if (!value) return tl::make_unexpected(value.error());
  json::Fields fields(*value);
  TakenOut out;
  out.id = fields.text("id", 64);
  out.name = fields.text("name", 64 * 1024);
  out.sha256 = fields.text("sha256", 64);
  out.file = fields.text_or("file", 4096, "");
  out.destroyed = fields.text_or("state", 64, "") == "destroyed";
  out.bytes = fields.integer("bytes", 0, std::int64_t{1} << 53);
  if (auto done = fields.done(); !done) return tl::make_unexpected(done.error());
  const auto* records = value->as_object().if_contains("acquisition");
  if (records == nullptr || !records->is_array()) return fail(ErrorCode::bad_input, tr("field.missing", {{"field", "acquisition"}}));
  for (const auto& one : records->get_array()) {
    const auto* record = one.is_object() ? one.get_object().if_contains("record") : nullptr;
    if (record == nullptr) return fail(ErrorCode::bad_input, tr("field.missing", {{"field", "record"}}));
    auto read = incident::read_acquisition(json::canonical(*record));
    if (!read) return tl::make_unexpected(read.error());
    out.records.push_back(std::move(*read));
  }
  return out;
}

}  // namespace digue::service::layout
