#include "base/localized.hpp"

#include "base/text.hpp"
#include "base/yaml_fields.hpp"

namespace digue {

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
