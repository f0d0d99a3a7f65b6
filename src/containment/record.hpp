#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "base/json/value.hpp"
#include "base/localized.hpp"
#include "base/time.hpp"
#include "containment/capability.hpp"

/// How plans and operations are written as JSON. For this folder.
namespace digue::containment {

/// Enumerators counted from 0, by the names of machine output.
template <class Value, std::size_t count>
std::optional<Value> value_of(const std::array<std::string_view, count>& names, std::string_view text) {
  for (std::size_t i = 0; i < count; ++i)
    if (names[i] == text) return static_cast<Value>(i);
  return std::nullopt;
}

json::Value to_json(const Localized& text);
Result<Localized> localized_of(const json::Value& value);
json::Value time_or_null(const std::optional<UtcMicros>& time);

/// Reads what to_json() wrote; the first problem is kept, as json::Fields does.
class Record {
 public:
  explicit Record(const json::Value& value) : fields_(value), object_(value.if_object()) {}

  std::string text(std::string_view key) { return fields_.text_or(key, max_text, ""); }
  std::int64_t integer(std::string_view key) { return fields_.integer(key, 0, INT64_MAX); }
  bool flag(std::string_view key) { return fields_.flag_or(key, false); }
  std::vector<std::string> texts(std::string_view key) { return fields_.texts(key, max_items, max_text); }
  std::optional<UtcMicros> time(std::string_view key);
  Localized localized(std::string_view key);
  template <class Value, std::size_t count>
  Value choice(std::string_view key, const std::array<std::string_view, count>& names) {
    const auto found = value_of<Value>(names, text(key));
    if (!found) refuse(key);
    return found.value_or(Value{});
  }
  Undo undo(std::string_view key);
  /// What `read` makes of each element, while it is well.
  template <class Read>
  auto each(std::string_view key, Read read) {
    std::vector<typename std::invoke_result_t<Read, const json::Value&>::value_type> out;
    if (const auto* list = array(key))
      for (const auto& one : *list) {
        auto value = read(one);
        if (!value) {
          if (!problem_) problem_ = value.error();
          break;
        }
        out.push_back(std::move(*value));
      }
    return out;
  }
  /// Null when absent.
  const json::Value* find(std::string_view key) const;
  Result<void> done() const;

 private:
  static constexpr std::size_t max_text = std::size_t{1} << 20;
  static constexpr std::size_t max_items = 10'000;
  const json::Array* array(std::string_view key);
  void refuse(std::string_view key);

  json::Fields fields_;
  const json::Object* object_;
  std::optional<Error> problem_;
};

}  // namespace digue::containment
