#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

/// JSON values of settings, interfaces and stored records. Logs are read with JsonReader instead.
namespace digue::json {

using Value = boost::json::value;
using Object = boost::json::object;
using Array = boost::json::array;

struct Bounds {
  std::size_t bytes = std::size_t{1} << 20;
  std::size_t depth = 32;
};

/// One JSON text (RFC 8259) within the bounds. Numbers are read exactly, whole ones beyond 64 bits as the nearest double; invalid UTF-8,
/// lone surrogates, a member named twice (RFC 7493), numbers beyond double, and anything behind the value are refused. Errors: bad_input,
/// limit.
Result<Value> parse(std::string_view text, Bounds bounds = {});

/// RFC 8785 (JCS): the one text that stands for the value. Integers beyond 2^53 come out as the nearest double, as there.
std::string canonical(const Value& value);

Array array_of(const std::vector<std::string>& texts);
/// The text as a JSON string; nothing as null.
Value or_null(const std::optional<std::string>& text);

/// Reads the members of one object, each within its bounds. The first problem is kept and told by done(); later reads give defaults.
class Fields {
 public:
  explicit Fields(const Value& value);

  bool has(std::string_view key) const;
  /// A text that must be there and hold more than blanks.
  std::string text(std::string_view key, std::size_t max_bytes);
  /// Absent or null: the fallback.
  std::string text_or(std::string_view key, std::size_t max_bytes, std::string_view fallback);
  std::optional<std::string> optional_text(std::string_view key, std::size_t max_bytes);
  std::optional<std::int64_t> optional_integer(std::string_view key, std::int64_t low, std::int64_t high);
  std::int64_t integer(std::string_view key, std::int64_t low, std::int64_t high);
  std::optional<double> optional_number(std::string_view key, double low, double high);
  bool flag_or(std::string_view key, bool fallback);
  /// Absent or null: empty.
  std::vector<std::string> texts(std::string_view key, std::size_t max_items, std::size_t max_bytes);

  Result<void> done() const;

 private:
  const Value* find(std::string_view key);
  void refuse(std::string_view key, std::string_view message_key, std::size_t limit = 0);

  const Object* object_ = nullptr;
  std::optional<Error> problem_;
};

}  // namespace digue::json
