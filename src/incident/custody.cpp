#include "incident/custody.hpp"

#include <algorithm>
#include <array>

#include "base/crypto/hash.hpp"
#include "base/json/value.hpp"
#include "base/messages.hpp"
#include "base/text.hpp"

namespace digue::incident {

namespace {

constexpr std::size_t max_field = 4000;

struct Field {
  const char* name;
  std::string Acquisition::* text;
  bool required;
};
constexpr std::array<Field, 8> fields{{{"who", &Acquisition::who, true},
                                       {"source", &Acquisition::source, true},
                                       {"authority", &Acquisition::authority, true},
                                       {"method", &Acquisition::method, true},
                                       {"tool", &Acquisition::tool, true},
                                       {"tool_version", &Acquisition::tool_version, false},
                                       {"query", &Acquisition::query, false},
                                       {"note", &Acquisition::note, false}}};

bool starts_with_header(std::string_view head) {
  static constexpr std::array<std::string_view, 6> names{
      "return-path:", "received:", "delivered-to:", "message-id:", "dkim-signature:", "mime-version:"};
  const auto start = lower(head.substr(0, 32));
  return std::any_of(names.begin(), names.end(), [&](std::string_view name) { return start.starts_with(name); });
}

}  // namespace

std::vector<std::string> missing_fields(const Acquisition& acquisition) {
  std::vector<std::string> out;
  for (const auto& field : fields)
    if (field.required && trim(acquisition.*field.text).empty()) out.emplace_back(field.name);
  return out;
}

std::string acquisition_text(const Acquisition& acquisition) {
  json::Object out{{"at", to_iso8601(acquisition.at)}};
  for (const auto& field : fields) out[field.name] = acquisition.*field.text;
  return json::canonical(out);
}

Result<Acquisition> read_acquisition(std::string_view text) {
  const auto value = json::parse(text);
  if (!value) return tl::make_unexpected(value.error());
  json::Fields members(*value);
  Acquisition out;
  for (const auto& field : fields) out.*field.text = members.text_or(field.name, max_field, "");
  const auto at = parse_iso8601(members.text("at", 64));
  if (auto done = members.done(); !done) return tl::make_unexpected(done.error());
  if (!at || !at->offset_minutes) return fail(ErrorCode::bad_input, tr("field.not_a_time", {{"field", "at"}}), "at");
  out.at = UtcMicros{at->civil - *at->offset_minutes * micros_per_minute};
  return out;
}

std::string custody_hash(const std::string& incident, const CustodyEvent& event, const std::string& previous) {
  return to_hex(sha256(json::canonical(json::Object{{"at", to_iso8601(event.at)},
                                                    {"detail", event.detail},
                                                    {"digest", event.digest},
                                                    {"exhibit", event.exhibit},
                                                    {"incident", incident},
                                                    {"number", event.number},
                                                    {"previous", previous},
                                                    {"purpose", event.purpose},
                                                    {"recipient", event.recipient},
                                                    {"what", event.what},
                                                    {"who", event.who}})));
}

bool holds_mail(std::string_view name, std::string_view head) {
  static constexpr std::array<std::string_view, 8> endings{".eml", ".emlx", ".mbox", ".mbx", ".msg", ".pst", ".ost", ".olm"};
  const auto path = lower(name);
  if (std::any_of(endings.begin(), endings.end(), [&](std::string_view ending) { return path.ends_with(ending); })) return true;
  // A maildir: messages not yet seen, and those whose name ends in flags (":2," and letters).
  const auto in = [&](std::string_view folder) { return path.starts_with(folder.substr(1)) || path.find(folder) != std::string::npos; };
  if (in("/new/") || (in("/cur/") && path.find(":2,") != std::string::npos) || (in("/cur/") && path.find(";2,") != std::string::npos))
    return true;
  return head.starts_with("!BDN") || (head.starts_with("From ") && head.substr(0, 256).find('@') != std::string_view::npos) ||
         starts_with_header(head);
}

bool is_archive(std::string_view head) {
  constexpr std::array<std::pair<std::size_t, std::string_view>, 4> magics{
      {{0, "PK\x03\x04"}, {257, "ustar"}, {0, "7z\xbc\xaf"}, {0, "Rar!"}}};
  return std::any_of(magics.begin(), magics.end(),
                     [&](const auto& one) { return head.size() > one.first && head.substr(one.first).starts_with(one.second); });
}

}  // namespace digue::incident
