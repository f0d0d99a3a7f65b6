#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json/value.hpp"

/// Reading a stored analysis (docs/schemas/analysis.schema.json): what is not as expected is absent.
namespace digue::service {

inline const json::Value* member(const json::Object& object, std::string_view key) {
  return object.if_contains(boost::json::string_view(key.data(), key.size()));
}

inline std::string text_of(const json::Object& object, std::string_view key) {
  const auto* found = member(object, key);
  return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string();
}

inline std::vector<std::string> texts_of(const json::Object& object, std::string_view key) {
  std::vector<std::string> out;
  if (const auto* found = member(object, key); found != nullptr && found->is_array())
    for (const auto& one : found->get_array())
      if (one.is_string()) out.emplace_back(one.get_string());
  return out;
}

/// `use` is called with each object of the list.
template <class Use>
void each_of(const json::Object& root, std::string_view key, Use use) {
  const auto* list = member(root, key);
  if (list == nullptr || !list->is_array()) return;
  for (const auto& one : list->get_array())
    if (const auto* object = one.if_object()) use(*object);
}

}  // namespace digue::service
