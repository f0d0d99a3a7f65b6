#pragma once

#include <string>
#include <string_view>
#include <vector>

/// The text of a map of Rspamd: one key a line, behind it a value or a comment. Keys know no case.
namespace digue::rspamd {

inline constexpr std::string_view absent = "absent";  ///< the state of a key without a line

/// An address that is one key, and no pattern, of every kind of map: lower case.
bool is_sender(std::string_view text);
/// What Rspamd's own rules make of a sender before any map is asked: without "+tag", Gmail without dots.
std::string as_rspamd_reads(std::string_view address);

/// A key as a line begins with it: in quotes where it would end too early. It holds no quote.
std::string written(std::string_view key);
/// The key of a line, lower case; empty: it has none.
std::string key_of_line(std::string_view line);
/// The lines of a key, as they are, without their ends.
std::vector<std::string> lines_of(std::string_view text, std::string_view key);
/// One text for them: a digest when they are no short readable text; "absent" when there are none.
std::string state_of(const std::vector<std::string>& lines);

/// The text with one more line. It comes first: behind a line with an open quote or slash, Rspamd would not see it.
std::string with_line(std::string_view text, std::string_view line);
/// The text without the first such line, else as it is; all that remains is as before with_line(). Never empty: Rspamd takes no empty map.
std::string without_line(std::string_view text, std::string_view line);

}  // namespace digue::rspamd
