#pragma once

#include <string>
#include <string_view>

#include "base/messages.hpp"

namespace digue {

class YamlFields;

/// One text in both languages of the product.
struct Localized {
  std::string fr;
  std::string en;
};

/// A message of the catalogues in both languages.
Localized says(std::string_view key, MessageValues values = {});

/// The mapping {fr, en} at `key`; a language missing, or the same text twice, is a complaint of `fields`.
Localized read_localized(YamlFields& fields, std::string_view key);

}  // namespace digue
