#include "containment/record.hpp"

#include "base/messages.hpp"

namespace digue::containment {

json::Value to_json(const Localized& text) {
  return json::Object{{"fr", text.fr}, {"en", text.en}};
}

Result<Localized> localized_of(const json::Value& value) {
  json::Fields both(value);
  Localized out{both.text_or("fr", std::size_t{1} << 20, ""), both.text_or("en", std::size_t{1} << 20, "")};
  if (auto good = both.done(); !good) return tl::make_unexpected(good.error());
  return out;
}

json::Value time_or_null(const std::optional<UtcMicros>& time) {
  return time ? json::Value(to_iso8601(*time)) : json::Value(nullptr);
}

std::optional<UtcMicros> Record::time(std::string_view key) {
  const auto written = text(key);
  if (written.empty()) return std::nullopt;
  const auto parsed = parse_iso8601(written);
  if (!parsed || parsed->offset_minutes != 0) {
    refuse(key);
    return std::nullopt;
  }
  return UtcMicros{parsed->civil};
}

Localized Record::localized(std::string_view key) {
  const auto* value = find(key);
  auto out = value == nullptr ? Result<Localized>(fail(ErrorCode::bad_input, {})) : localized_of(*value);
  if (!out) refuse(key);
  return out.value_or(Localized{});
}

Undo Record::undo(std::string_view key) {
  const auto found = undo_named(text(key));
  if (!found) refuse(key);
  return found.value_or(Undo{});
}

const json::Value* Record::find(std::string_view key) const {
  if (object_ == nullptr) return nullptr;
  const auto* at = object_->if_contains(boost::json::string_view(key.data(), key.size()));
  return at != nullptr && !at->is_null() ? at : nullptr;
}

const json::Array* Record::array(std::string_view key) {
  const auto* value = find(key);
  if (value == nullptr) return nullptr;
  const auto* list = value->if_array();
  if (list == nullptr || list->size() > max_items) refuse(key);
  return list != nullptr && list->size() <= max_items ? list : nullptr;
}

void Record::refuse(std::string_view key) {
  if (!problem_) problem_ = Error{ErrorCode::bad_input, tr("field.not_a_choice", {{"field", std::string(key)}}), std::string(key), {}};
}

Result<void> Record::done() const {
  if (problem_) return tl::make_unexpected(*problem_);
  return fields_.done();
}

}  // namespace digue::containment
