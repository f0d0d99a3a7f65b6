#pragma once

#include <string>
#include <string_view>

namespace digue {

class YamlFields;

/// One text in both languages of the product.
struct Localized {
  std::string fr;
  std::string en;
};

/// The mapping {fr, en} at `key`; a language missing, or the same text twice, is a complaint of `fields`.
Localized read_localized(YamlFields& fields, std::string_view key);

}  // namespace digue
