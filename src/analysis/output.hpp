#pragma once

#include <string>

#include "analysis/analysis.hpp"
#include "base/messages.hpp"

/// The story in the shapes people and programs want. Everything is text from the evidence: each shape has its own encoder.
namespace digue::analysis {

/// The object of docs/schemas/analysis.schema.json; sentences in `language`.
std::string to_json(const Analysis& analysis, Language language);

/// One line of --events, without the line end.
void append_event(const EventOut& event, std::string& out);
/// The same as an OCSF 1.8.0 event.
void append_ocsf(const EventOut& event, std::string& out);
/// The same as a CSV line; `csv_header` stands above.
void append_csv(const EventOut& event, std::string& out);
std::string csv_header();

/// A self-contained page: accounts, sessions, findings, indicators, completeness. Nothing in it is clickable or loaded.
std::string to_html(const Analysis& analysis, Language language);

/// A screen of text for the terminal.
std::string to_summary(const Analysis& analysis, Language language);

/// A sentence of the analysis in a language.
std::string say(const Text& text, Language language);

/// Rejected records and other facts of an input, as sentences.
std::vector<std::string> notes_of(const Analysis& analysis, const Input& input, Language language);

/// Silences of an input that are long for its usual rhythm, as [from, to] hours in UTC microseconds.
std::vector<std::pair<UtcMicros, UtcMicros>> gaps_of(const Input& input);

struct Completeness {
  std::vector<std::string> truncation_signs, unseen;
};
Completeness completeness_of(const Input& input, Language language);

}  // namespace digue::analysis
