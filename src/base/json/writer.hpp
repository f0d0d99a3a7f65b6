#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace digue {

/// Appends JSON to a string, members in the order of the calls. Texts that are not UTF-8 are repaired with U+FFFD.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  JsonWriter& open_object();
  JsonWriter& close_object();
  JsonWriter& open_array();
  JsonWriter& close_array();
  JsonWriter& key(std::string_view name);
  JsonWriter& text(std::string_view value);
  JsonWriter& number(std::int64_t value);
  /// At most three decimals.
  JsonWriter& number(double value);
  JsonWriter& boolean(bool value);
  JsonWriter& null();
  /// JSON made elsewhere.
  JsonWriter& raw(std::string_view json);

  /// null when empty.
  JsonWriter& text_or_null(std::string_view value) { return value.empty() ? null() : text(value); }

 private:
  void separate();
  std::string& out_;
  bool comma_ = false;
};

}  // namespace digue
