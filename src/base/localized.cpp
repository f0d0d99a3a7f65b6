#include "base/localized.hpp"

#include "base/text.hpp"
#include "base/yaml_fields.hpp"

namespace digue {

Localized says(std::string_view key, MessageValues values) {
  return {tr_in(Language::fr, key, values), tr_in(Language::en, key, values)};
}

Localized read_localized(YamlFields& fields, std::string_view key) {
  const YamlNode* node = fields.required(key);
  if (!node) return {};
  YamlFields languages(fields.problems(), *node, fields.what() + ", " + std::string(key));
  Localized out{languages.text("fr"), languages.text("en")};
  languages.finish();
  if (!out.fr.empty() && trim(out.fr) == trim(out.en))
    fields.problems().complain(node->line, languages.what() + ": the same text in both languages",
                               "Expected a French and an English text.");
  return out;
}

}  // namespace digue
