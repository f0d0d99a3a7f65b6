#include "base/json/value.hpp"
#include "base/messages.hpp"
#include "base/text.hpp"

namespace digue::json {

Fields::Fields(const Value& value) : object_(value.if_object()) {
  if (object_ == nullptr) problem_ = Error{ErrorCode::bad_input, tr("json.not_an_object"), {}, {}};
}

bool Fields::has(std::string_view key) const {
  if (object_ == nullptr) return false;
  const Value* at = object_->if_contains(boost::json::string_view(key.data(), key.size()));
  return at != nullptr && !at->is_null();
}

const Value* Fields::find(std::string_view key) {
  return has(key) ? object_->if_contains(boost::json::string_view(key.data(), key.size())) : nullptr;
}

void Fields::refuse(std::string_view key, std::string_view message_key, std::size_t limit) {
  if (!problem_)
    problem_ =
        Error{ErrorCode::bad_input, tr(message_key, {{"field", std::string(key)}, {"limit", std::to_string(limit)}}), std::string(key), {}};
}

std::optional<std::string> Fields::optional_text(std::string_view key, std::size_t max_bytes) {
  const Value* at = find(key);
  if (at == nullptr) return std::nullopt;
  const auto* text = at->if_string();
  if (text == nullptr) {
    refuse(key, "field.not_text");
  } else if (text->size() > max_bytes) {
    refuse(key, "field.too_long", max_bytes);
  } else {
    return std::string(text->data(), text->size());
  }
  return std::nullopt;
}

std::string Fields::text(std::string_view key, std::size_t max_bytes) {
  auto value = optional_text(key, max_bytes).value_or("");
  if (trim(value).empty()) refuse(key, "field.missing");
  return value;
}

std::string Fields::text_or(std::string_view key, std::size_t max_bytes, std::string_view fallback) {
  return optional_text(key, max_bytes).value_or(std::string(fallback));
}

std::optional<std::int64_t> Fields::optional_integer(std::string_view key, std::int64_t low, std::int64_t high) {
  const Value* at = find(key);
  if (at == nullptr) return std::nullopt;
  const auto* number = at->if_int64();
  if (number == nullptr || *number < low || *number > high) {
    refuse(key, "field.not_a_number");
    return std::nullopt;
  }
  return *number;
}

std::int64_t Fields::integer(std::string_view key, std::int64_t low, std::int64_t high) {
  const auto value = optional_integer(key, low, high);
  if (!value) refuse(key, "field.missing");
  return value.value_or(low);
}

std::optional<double> Fields::optional_number(std::string_view key, double low, double high) {
  const Value* at = find(key);
  if (at == nullptr) return std::nullopt;
  boost::json::error_code problem;
  const double number = at->is_number() ? at->to_number<double>(problem) : low - 1;
  if (!(number >= low && number <= high)) {
    refuse(key, "field.not_a_number");
    return std::nullopt;
  }
  return number;
}

bool Fields::flag_or(std::string_view key, bool fallback) {
  const Value* at = find(key);
  if (at == nullptr) return fallback;
  const bool* flag = at->if_bool();
  if (flag == nullptr) refuse(key, "field.not_a_flag");
  return flag != nullptr ? *flag : fallback;
}

std::vector<std::string> Fields::texts(std::string_view key, std::size_t max_items, std::size_t max_bytes) {
  const Value* at = find(key);
  if (at == nullptr) return {};
  const auto* list = at->if_array();
  if (list == nullptr) {
    refuse(key, "field.not_a_list");
    return {};
  }
  if (list->size() > max_items) {
    refuse(key, "field.too_many", max_items);
    return {};
  }
  std::vector<std::string> out;
  for (const auto& item : *list) {
    const auto* text = item.if_string();
    if (text == nullptr || text->size() > max_bytes) {
      refuse(key, text == nullptr ? "field.not_text" : "field.too_long", max_bytes);
      return {};
    }
    out.emplace_back(text->data(), text->size());
  }
  return out;
}

Result<void> Fields::done() const {
  if (problem_) return tl::make_unexpected(*problem_);
  return {};
}

}  // namespace digue::json
