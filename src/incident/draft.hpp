#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace digue::incident {

/// Values for the placeholders of a draft, by name. Those that are missing or empty are marked to be filled in.
using DraftValues = std::map<std::string, std::string, std::less<>>;

/// The first {placeholder} of a template that does not exist; nothing when all do.
std::optional<std::string> unknown_placeholder(std::string_view text);
/// All placeholders, for a diagnostic.
std::string placeholder_list();

/// A template with its values, as plain text for a form or a mail. Values are hostile: they are put in once (braces inside them stay as
/// they are), on one line, without control or bidirectional characters, at most 2000 bytes each. `blank` stands where a value is missing.
std::string fill_draft(std::string_view text, const DraftValues& values, std::string_view blank);

}  // namespace digue::incident
