#include <algorithm>
#include <array>

#include "base/json/value.hpp"
#include "base/text.hpp"
#include "cli/remote.hpp"

namespace digue::cli {

namespace {

constexpr std::size_t widest_cell = 48;

/// A scalar as text; lists of scalars are joined; what is deeper is left to --json.
std::string scalar(const json::Value& value) {
  if (value.is_null()) return "-";
  if (const auto* text = value.if_string()) return text->empty() ? "-" : terminal(std::string_view(*text));
  if (value.is_bool()) return value.as_bool() ? "yes" : "no";
  if (const auto* list = value.if_array()) {
    std::string out;
    for (const auto& one : *list) {
      if (one.is_structured()) return "(" + std::to_string(list->size()) + ")";
      out += (out.empty() ? "" : ", ") + scalar(one);
    }
    return out.empty() ? "-" : out;
  }
  return value.is_object() ? "{...}" : json::canonical(value);
}

/// Columns of the screen that UTF-8 text takes, near enough: one a character.
std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string cut(std::string text) {
  if (width(text) <= widest_cell) return text;
  std::size_t at = 0;
  for (std::size_t columns = 0; columns + 1 < widest_cell; ++columns) do
      ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80);
  return text.substr(0, at) + "…";
}

void columns(const json::Array& list, std::string& out) {
  std::vector<std::string> names;
  for (const auto& [name, value] : list.front().as_object())
    if (!value.is_object()) names.emplace_back(name);
  // Answers come with their members in alphabetical order: what a person looks for first is put in front.
  static constexpr std::array<std::string_view, 9> first{"reference", "seq",   "id",   "event_time", "action",
                                                         "target",    "title", "name", "state"};
  std::stable_sort(names.begin(), names.end(), [](const std::string& a, const std::string& b) {
    return std::find(first.begin(), first.end(), a) - first.begin() < std::find(first.begin(), first.end(), b) - first.begin();
  });
  std::vector<std::vector<std::string>> rows{names};
  for (const auto& item : list) {
    auto& row = rows.emplace_back();
    for (const auto& name : names) {
      const auto* value = item.is_object() ? item.as_object().if_contains(name) : nullptr;
      row.push_back(value == nullptr ? "-" : cut(scalar(*value)));
    }
  }
  std::vector<std::size_t> widths(names.size(), 0);
  for (const auto& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) line += row[i] + std::string(widths[i] - width(row[i]) + 2, ' ');
    out += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
}

void render(const json::Value& value, std::size_t indent, std::string& out) {
  const std::string space(indent, ' ');
  if (const auto* list = value.if_array()) {
    if (!list->empty() && list->front().is_object() && indent == 0) return columns(*list, out);
    for (const auto& one : *list) {
      if (!one.is_structured()) {
        out += space + "- " + scalar(one) + "\n";
        continue;
      }
      out += space + "-\n";
      render(one, indent + 2, out);
    }
  } else if (const auto* object = value.if_object()) {
    for (const auto& [name, inner] : *object) {
      const bool deep = inner.is_object() || (inner.is_array() && std::any_of(inner.as_array().begin(), inner.as_array().end(),
                                                                              [](const auto& one) { return one.is_structured(); }));
      out += space + std::string(name) + ":" + (deep ? "\n" : " " + scalar(inner) + "\n");
      if (deep) render(inner, indent + 2, out);
    }
  } else {
    out += space + scalar(value) + "\n";
  }
}

}  // namespace

std::string readable(const json::Value& value) {
  std::string out;
  // A page of lines is its lines.
  if (const auto* object = value.if_object())
    for (const char* name : {"entries", "events"})
      if (const auto* lines = object->if_contains(name); lines != nullptr && lines->is_array()) return readable(*lines);
  render(value, 0, out);
  return out;
}

}  // namespace digue::cli
