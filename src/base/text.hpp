#pragma once

#include <string>
#include <string_view>

namespace digue {

/// ASCII lower case; other bytes are kept.
std::string lower(std::string_view text);
void lower_in_place(std::string& text);
bool iequals(std::string_view a, std::string_view b);
bool icontains(std::string_view text, std::string_view lower_needle);
/// Without blanks, tabs and line ends on both sides.
std::string_view trim(std::string_view text);
bool is_utf8(std::string_view text);
/// Valid UTF-8 is kept; every byte that is not part of it becomes U+FFFD.
std::string to_utf8_lossy(std::string_view text);
/// Windows-1252 -> UTF-8; the five undefined bytes become U+FFFD.
std::string from_windows1252(std::string_view text);
/// The first `bytes` bytes at most, cut at a character's border.
std::string_view clip(std::string_view text, std::size_t bytes);

// One encoder per sink. Each takes text as the attacker wrote it.

/// For HTML text and quoted attributes: & < > " ' encoded, control characters (but tab and line feed) and bidirectional controls as U+FFFD.
std::string html(std::string_view text);
/// One RFC 4180 cell, always quoted; a cell that a spreadsheet would run as a formula (= + - @ tab, CR) gets a leading apostrophe;
/// other control characters are dropped.
std::string csv_cell(std::string_view text);
/// For a terminal: control, escape and bidirectional characters shown as visible escapes (\x1b, \u202e), line ends as \n.
std::string terminal(std::string_view text);
/// Not clickable: http -> hxxp, "." and "@" of addresses and hosts in brackets.
std::string defang(std::string_view text);

}  // namespace digue
