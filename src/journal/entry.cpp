#include "journal/entry.hpp"

#include <array>

#include "base/json/value.hpp"
#include "base/messages.hpp"
#include "base/text.hpp"

namespace digue::journal {

namespace {

constexpr std::string_view version = "digue.journal/1";
constexpr std::array<std::string_view, 6> kinds{"fact", "action", "decision", "communication", "call", "system"};
constexpr std::array<std::string_view, 4> precisions{"second", "minute", "hour", "day"};

template <class T, std::size_t N>
std::optional<T> named(const std::array<std::string_view, N>& names, std::string_view name) {
  for (std::size_t i = 0; i < N; ++i)
    if (names[i] == name) return static_cast<T>(i);
  return std::nullopt;
}

json::Object header_json(const Header& header) {
  return json::Object{
      {"about", header.about.empty() ? json::Value(nullptr) : json::Value(header.about)},
      {"event_time", to_iso8601(header.event_time)},
      {"incident", header.incident},
      {"kind", std::string(name(header.kind))},
      {"precision", std::string(name(header.precision))},
      {"recorded", to_iso8601(header.recorded)},
      {"rectifies", header.rectifies ? json::Value(*header.rectifies) : json::Value(nullptr)},
      {"seq", header.seq},
      {"v", std::string(version)},
      {"zone", header.zone},
  };
}

json::Object body_json(const Body& body) {
  json::Array links;
  for (const auto& link : body.links) links.push_back(json::Object{{"id", link.id}, {"kind", link.kind}});
  return json::Object{
      {"accounts", json::array_of(body.accounts)},
      {"author", body.author},
      {"links", std::move(links)},
      {"machines", json::array_of(body.machines)},
      {"reporter", json::or_null(body.reporter)},
      {"text", body.text},
  };
}

tl::unexpected<Error> refused(std::string_view field, std::string_view key, std::size_t limit = 0) {
  return fail(ErrorCode::bad_input, tr(key, {{"field", std::string(field)}, {"limit", std::to_string(limit)}}), std::string(field));
}

Result<void> check_text(std::string_view field, std::string_view text, std::size_t max_bytes, bool required) {
  if (required && trim(text).empty()) return refused(field, "field.missing");
  if (text.size() > max_bytes) return refused(field, "field.too_long", max_bytes);
  if (!is_utf8(text)) return refused(field, "field.not_text");
  return {};
}

Result<void> check_list(std::string_view field, const std::vector<std::string>& texts) {
  if (texts.size() > max_items) return refused(field, "field.too_many", max_items);
  for (const auto& text : texts)
    if (auto good = check_text(field, text, max_item, true); !good) return good;
  return {};
}

std::optional<UtcMicros> instant(const std::string& text) {
  const auto parsed = parse_iso8601(text);
  if (!parsed || parsed->offset_minutes != 0) return std::nullopt;
  return UtcMicros{parsed->civil};
}

tl::unexpected<Error> damaged() {
  return fail(ErrorCode::bad_input, tr("journal.damaged"));
}

}  // namespace

std::string_view name(Kind kind) {
  return kinds[static_cast<std::size_t>(kind)];
}
std::string_view name(Precision precision) {
  return precisions[static_cast<std::size_t>(precision)];
}
std::optional<Kind> kind_named(std::string_view name) {
  return named<Kind>(kinds, name);
}
std::optional<Precision> precision_named(std::string_view name) {
  return named<Precision>(precisions, name);
}

Result<void> check(const Draft& draft) {
  const Body& body = draft.body;
  if (auto good = check_text("text", body.text, max_text, true); !good) return good;
  if (auto good = check_text("author", body.author, max_name, true); !good) return good;
  if (auto good = check_text("reporter", body.reporter.value_or(""), max_name, false); !good) return good;
  if (auto good = check_list("machines", body.machines); !good) return good;
  if (auto good = check_list("accounts", body.accounts); !good) return good;
  if (body.links.size() > max_items) return refused("links", "field.too_many", max_items);
  if (draft.zone.size() > max_name || !Zone::named(draft.zone)) return refused("zone", "journal.unknown_zone");
  return {};
}

Header header_of(const Draft& draft, std::string incident, std::int64_t seq, UtcMicros recorded) {
  return Header{std::move(incident), seq,        recorded,    draft.event_time, draft.zone,
                draft.precision,     draft.kind, draft.about, draft.rectifies};
}

Sha256 body_hash(std::string_view salt, std::string_view body) {
  Sha256Stream stream;
  stream.update(salt);
  stream.update(body);
  return stream.finish();
}

Result<Sha256> leaf_hash(std::string_view header, const Sha256& body_hash) {
  auto value = json::parse(header);
  if (!value || json::canonical(*value) != header) return damaged();
  const json::Object entry{{"body_hash", to_hex(body_hash)}, {"header", std::move(*value)}};
  Sha256Stream stream;
  stream.update(std::string_view("\0", 1));
  stream.update(json::canonical(entry));
  return stream.finish();
}

Sealed seal(const Header& header, const Body& body, std::string salt) {
  Sealed sealed;
  sealed.header = json::canonical(header_json(header));
  sealed.body = json::canonical(body_json(body));
  sealed.salt = std::move(salt);
  sealed.body_hash = body_hash(sealed.salt, sealed.body);
  sealed.leaf = leaf_hash(sealed.header, sealed.body_hash).value();
  return sealed;
}

Result<Header> parse_header(std::string_view text) {
  const auto value = json::parse(text);
  if (!value) return damaged();
  json::Fields fields(*value);
  Header header;
  constexpr std::int64_t exact = std::int64_t{1} << 53;
  const bool known = fields.text("v", max_name) == version;
  header.incident = fields.text("incident", max_name);
  header.seq = fields.integer("seq", 1, exact);
  header.zone = fields.text("zone", max_name);
  header.about = fields.text_or("about", max_name, "");
  header.rectifies = fields.optional_integer("rectifies", 1, exact);
  const auto recorded = instant(fields.text("recorded", max_name));
  const auto event_time = instant(fields.text("event_time", max_name));
  const auto kind = kind_named(fields.text("kind", max_name));
  const auto precision = precision_named(fields.text("precision", max_name));
  if (!fields.done() || !known || !recorded || !event_time || !kind || !precision) return damaged();
  header.recorded = *recorded;
  header.event_time = *event_time;
  header.kind = *kind;
  header.precision = *precision;
  return header;
}

Result<Body> parse_body(std::string_view text) {
  const auto value = json::parse(text);
  if (!value) return damaged();
  json::Fields fields(*value);
  Body body;
  body.author = fields.text("author", max_name);
  body.reporter = fields.optional_text("reporter", max_name);
  body.text = fields.text("text", max_text);
  body.machines = fields.texts("machines", max_items, max_item);
  body.accounts = fields.texts("accounts", max_items, max_item);
  if (!fields.done()) return damaged();
  if (const auto* links = value->as_object().if_contains("links"); links != nullptr && links->is_array()) {
    for (const auto& item : links->get_array()) {
      json::Fields link(item);
      body.links.push_back({link.text("kind", max_name), link.text("id", max_name)});
      if (!link.done()) return damaged();
    }
  }
  return body;
}

}  // namespace digue::journal
