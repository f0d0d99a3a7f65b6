#include <charconv>

#include "base/json/reader.hpp"
#include "base/time.hpp"
#include "formats/container/syslog.hpp"
#include "formats/container/syslog_parts.hpp"

namespace digue::formats {

namespace {

/// MESSAGE: text; an array of byte values when the text is not UTF-8; null when journald left it out for its size.
bool read_message(ondemand::value value, std::string& text) {
  text.clear();
  ondemand::json_type type{};
  if (value.type().get(type) != simdjson::SUCCESS) return false;
  if (type == ondemand::json_type::string) {
    std::string_view view;
    if (value.get_string().get(view) != simdjson::SUCCESS) return false;
    text = view;
    return true;
  }
  if (type != ondemand::json_type::array) return false;
  ondemand::array bytes;
  if (value.get_array().get(bytes) != simdjson::SUCCESS) return false;
  for (auto element : bytes) {
    std::uint64_t byte = 0;
    if (element.get_uint64().get(byte) != simdjson::SUCCESS || byte > 255) return false;
    text += static_cast<char>(byte);
  }
  return true;
}

std::string_view string_of(ondemand::value value) {
  std::string_view text;
  ondemand::json_type type{};
  // A field that a record carries several times is an array: its first text counts.
  if (value.type().get(type) == simdjson::SUCCESS && type == ondemand::json_type::array) {
    ondemand::array array;
    if (value.get_array().get(array) != simdjson::SUCCESS) return {};
    for (auto element : array) return element.get_string().get(text) == simdjson::SUCCESS ? text : std::string_view{};
    return {};
  }
  return value.get_string().get(text) == simdjson::SUCCESS ? text : std::string_view{};
}

}  // namespace

Cut LineCutter::cut_object(std::string_view raw, Line& out) {
  ondemand::document document;
  ondemand::object object;
  if (json_.start(raw).get(document) != simdjson::SUCCESS || document.get_object().get(object) != simdjson::SUCCESS)
    return fail("damaged JSON object");
  std::string_view realtime, time, identifier, command, host;
  bool message = false;
  bool output = false;
  for (auto entry : object) {
    ondemand::field field;
    std::string_view key;
    if (std::move(entry).get(field) != simdjson::SUCCESS || field.unescaped_key().get(key) != simdjson::SUCCESS)
      return fail("damaged JSON object");
    if (key == "MESSAGE")
      message = read_message(field.value(), text_);
    else if (key == "__REALTIME_TIMESTAMP")
      realtime = string_of(field.value());
    else if (key == "SYSLOG_IDENTIFIER")
      identifier = string_of(field.value());
    else if (key == "_COMM")
      command = string_of(field.value());
    else if (key == "_HOSTNAME")
      host = string_of(field.value());
    else if (key == "log")
      output = read_message(field.value(), text_);
    else if (key == "time")
      time = string_of(field.value());
  }
  if (!realtime.empty()) {
    const auto [end, error] = std::from_chars(realtime.data(), realtime.data() + realtime.size(), out.time);
    if (error != std::errc{} || end != realtime.data() + realtime.size() || out.time < 0)
      return fail("journald record with a damaged time");
    if (!message) return fail("journald record without its message");
    out.basis = TimeBasis::utc;
    out.host = host;
    out.program = identifier.empty() ? command : identifier;
    out.message = text_;
    while (!out.message.empty() && out.message.back() == '\n') out.message.remove_suffix(1);
    return finish(out, false);
  }
  if (output && !time.empty()) {
    Stamp stamp;
    if (!take_stamp(time, stamp) || !time.empty() || stamp.month != 0) return fail("docker record with a damaged time");
    split_output(text_, out);
    out.time = stamp.time;
    out.basis = stamp.basis;
    return out.message.empty() && out.program.empty() ? Cut::nothing : finish(out, false);
  }
  return fail("JSON object of no log transport");
}

}  // namespace digue::formats
