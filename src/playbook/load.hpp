#pragma once

#include <span>
#include <string>

#include "base/result.hpp"
#include "playbook/playbook.hpp"

namespace digue::playbook {

/// One content file as the caller read it; the name is only used in errors.
struct SourceFile {
  std::string name;
  std::string text;
};

/// Builds the playbook from its files, in any order: one playbook.yaml (schema digue.playbook/1) and one file per measure
/// (digue.measure/1). Refused, with file and line: malformed or unknown fields, official titles or numbers that differ from the card, an
/// action or a language missing, a text that two actions share or that is the same in both languages, references to what does not exist,
/// requirements that wait for each other.
Result<Playbook> load_playbook(std::span<const SourceFile> files);

}  // namespace digue::playbook
