#pragma once

#include <simdjson.h>

#include <string_view>

namespace digue {

namespace ondemand = simdjson::ondemand;

/// One reused simdjson On-Demand parser. The only door to simdjson; `ondemand` names its types.
class JsonReader {
 public:
  static constexpr std::size_t padding = simdjson::SIMDJSON_PADDING;
  /// Longest JSON record taken (bytes).
  static constexpr std::size_t max_record = 256u << 20;

  /// Starts on one value. `padding` readable bytes must stand behind `text`. The document lives until the next call.
  simdjson::simdjson_result<ondemand::document> start(std::string_view text) {
    return parser_.iterate(text.data(), text.size(), text.size() + padding);
  }

 private:
  ondemand::parser parser_{max_record};
};

}  // namespace digue
