#include "analysis/output.hpp"

#include <algorithm>
#include <functional>
#include <map>

#include "base/text.hpp"

namespace digue::analysis {

std::string say(const Text& text, Language language) {
  std::map<std::string, std::string, std::less<>> args;
  for (std::size_t i = 0; i < text.args.size(); ++i) args.emplace(std::to_string(i), clip(text.args[i], 300));
  return fill(language, tr_in(language, text.key), [&](std::string_view name) {
    const auto at = args.find(name);
    return at == args.end() ? nullptr : &at->second;
  });
}

std::vector<std::string> notes_of(const Analysis& analysis, const Input& input, Language language) {
  std::vector<std::string> out;
  for (const Text& note : input.notes) out.push_back(say(note, language));
  for (const Text& note : analysis.notes) out.push_back(say(note, language));
  const auto add = [&](const auto* formats_of_kind) {
    const auto at = input.total.tallies.find(formats_of_kind);
    if (at == input.total.tallies.end() || formats_of_kind->notes == nullptr) return;
    for (const Text& note : formats_of_kind->notes(at->second)) out.push_back(say(note, language));
  };
  for (const auto* format : formats::json_formats()) add(format);
  for (const auto* format : formats::csv_formats()) add(format);
  for (const auto* format : formats::line_formats()) add(format);
  if (input.total.records == 0 && input.notes.empty()) out.push_back(say({"note.no_record", {}}, language));
  if (input.decoded) out.push_back(say({"note.decoded", {}}, language));
  if (input.total.other > 0) out.push_back(say({"note.other_lines", {std::to_string(input.total.other)}}, language));
  if (input.total.rejected > 0) {
    std::string detail;
    for (const Reject& reject : input.total.rejects) {
      if (!detail.empty()) detail += "; ";
      detail += say({"note.reject_at", {std::to_string(reject.offset), tr_in(language, reject.reason)}}, language);
    }
    out.push_back(say({"note.rejected", {std::to_string(input.total.rejected), detail}}, language));
  }
  return out;
}

std::vector<std::pair<UtcMicros, UtcMicros>> gaps_of(const Input& input) {
  constexpr std::size_t max_gaps = 50;
  std::vector<std::int64_t> hours;
  for (const auto& [hour, count] : input.hours) hours.push_back(hour);
  std::sort(hours.begin(), hours.end());
  std::vector<std::pair<UtcMicros, UtcMicros>> out;
  if (hours.size() < 12) return out;  // too few to know a rhythm
  // Busy sources are silent for an hour at most; a small mailbox sleeps at night and over the week-end.
  const double density = static_cast<double>(hours.size()) / static_cast<double>(hours.back() - hours.front() + 1);
  const std::int64_t long_silence = density > 0.9 ? 3 : density > 0.5 ? 12 : 72;
  for (std::size_t i = 1; i < hours.size() && out.size() < max_gaps; ++i)
    if (hours[i] - hours[i - 1] > long_silence) out.push_back({{(hours[i - 1] + 1) * micros_per_hour}, {hours[i] * micros_per_hour}});
  return out;
}

Completeness completeness_of(const Input& input, Language language) {
  Completeness out;
  const std::uint64_t records = input.total.records;
  const auto add = [&](const auto* format) {
    const auto at = input.total.tallies.find(format);
    if (at == input.total.tallies.end()) return;
    if constexpr (requires { format->truncation_signs; }) {
      if (format->truncation_signs == nullptr) return;
      for (const Text& sign : format->truncation_signs(at->second, records)) out.truncation_signs.push_back(say(sign, language));
    }
  };
  for (const auto* format : formats::json_formats()) add(format);
  for (const auto* format : formats::csv_formats()) add(format);
  for (const auto& [format, count] : input.total.by_format)
    if (const std::string key = "unseen." + std::string(format); tr_in(language, key) != key) out.unseen.push_back(tr_in(language, key));
  return out;
}

}  // namespace digue::analysis
