#include "journal/export.hpp"

#include "base/crypto/digest.hpp"
#include "base/encoding.hpp"
#include "base/json/value.hpp"
#include "base/messages.hpp"

namespace digue::journal {

namespace {

constexpr json::Bounds bounds{.bytes = max_export_line, .depth = 8};

std::optional<Sha256> hash_of(std::string_view text) {
  const auto bytes = from_hex(text);
  return bytes ? sha256_of_bytes(*bytes) : std::nullopt;
}

/// The text as JSON where it is what JCS gives, else as it stands: an export carries damage on, and does not mend it.
json::Value value_of(const std::string& text) {
  auto value = json::parse(text, bounds);
  return value && json::canonical(*value) == text ? std::move(*value) : json::Value(text);
}

std::optional<std::string> text_of(const json::Value* value) {
  if (value == nullptr || value->is_null()) return std::nullopt;
  return value->is_string() ? std::string(value->get_string()) : json::canonical(*value);
}

/// Nothing when the text is no line of an export.
std::optional<StoredLine> line_of(const json::Value& value) {
  json::Fields fields(value);
  StoredLine line;
  const auto body_hash = hash_of(fields.text("body_hash", 64));
  const auto leaf = hash_of(fields.text("leaf", 64));
  const auto salt = fields.optional_text("salt", 2 * salt_size);
  if (!fields.done() || !body_hash || !leaf) return std::nullopt;
  const auto& object = value.get_object();
  const auto header = text_of(object.if_contains("header"));
  if (!header) return std::nullopt;
  if (salt) {
    line.salt = from_hex(*salt);
    if (!line.salt) return std::nullopt;
  }
  line.header = *header;
  line.body = text_of(object.if_contains("body"));
  line.body_hash = *body_hash;
  line.leaf = *leaf;
  return line;
}

}  // namespace

std::string export_head(std::string_view incident, const std::vector<VerifierKey>& keys) {
  json::Array names;
  for (const auto& key : keys) names.push_back(json::Value(key.text()));
  return json::canonical(json::Object{{"incident", std::string(incident)}, {"keys", std::move(names)}, {"v", std::string(export_version)}});
}

std::string export_line(const StoredLine& line) {
  return json::canonical(json::Object{{"body", line.body ? value_of(*line.body) : json::Value(nullptr)},
                                      {"body_hash", to_hex(line.body_hash)},
                                      {"header", value_of(line.header)},
                                      {"leaf", to_hex(line.leaf)},
                                      {"salt", line.salt ? json::Value(hex(*line.salt)) : json::Value(nullptr)}});
}

std::string export_checkpoint(std::string_view note) {
  return json::canonical(json::Object{{"checkpoint", std::string(note)}});
}

Result<void> ExportReader::start(const json::Value& value) {
  json::Fields fields(value);
  const bool known = fields.text("v", max_name) == export_version;
  auto incident = fields.text("incident", max_name);
  const auto names = fields.texts("keys", max_items, 1024);
  if (!fields.done() || !known) return fail(ErrorCode::bad_input, tr("journal.no_export"), "1");
  if (keys_.empty())
    for (const auto& name : names) {
      auto key = VerifierKey::parse(name);
      if (!key) return fail(ErrorCode::bad_input, tr("journal.no_export"), "1");
      keys_.push_back(std::move(*key));
    }
  auditor_.emplace(std::move(incident), keys_, code_);
  return {};
}

Result<std::optional<StoredLine>> ExportReader::take(std::string_view text) {
  const auto value = json::parse(text, bounds);
  if (!auditor_) {
    const auto started = value ? start(*value) : fail(ErrorCode::bad_input, tr("journal.no_export"), "1");
    if (!started) return tl::make_unexpected(started.error());
    return std::nullopt;
  }
  if (text.starts_with(R"({"checkpoint")")) {
    auditor_->checkpoint(value ? json::Fields(*value).text_or("checkpoint", max_note, "") : "");
    return std::nullopt;
  }
  auto line = value ? line_of(*value) : std::nullopt;
  if (line)
    auditor_->line(*line);
  else
    auditor_->unreadable_line();
  return line;
}

Result<Audit> ExportReader::finish() const {
  if (!auditor_) return fail(ErrorCode::bad_input, tr("journal.no_export"));
  return auditor_->finish();
}

}  // namespace digue::journal
