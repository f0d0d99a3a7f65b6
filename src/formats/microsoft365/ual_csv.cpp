#include <charconv>
#include <cstdint>

#include "base/text.hpp"
#include "formats/microsoft365/culture.hpp"
#include "formats/microsoft365/limits.hpp"
#include "formats/microsoft365/ual.hpp"

/// The audit log as CSV: Purview, the older Security & Compliance export, Search-UnifiedAuditLog | Export-Csv, Graph audit queries, and
/// exports of exports with more columns. AuditData tells everything; the other columns tell about the export.
namespace digue::formats::microsoft365 {

namespace {

enum Column : std::uint8_t { audit_data, creation_date, result_index, result_count, identity, column_count };

/// What is counted over an input.
enum Counter : std::uint8_t {
  rows,
  year_first,
  day_first,
  month_first,
  either_order,
  unmatched,
  unreadable,
  shifted,
  indexed,
  announced,  ///< sum of ResultCount over the rows with ResultIndex 1
  set_starts,
  set_ends,
  bad_index,
  cut_cells,
};

std::vector<int> columns(std::span<const std::string_view> header) {
  static constexpr std::array<std::array<std::string_view, 3>, column_count> names{{{"auditdata", "", ""},
                                                                                    {"creationdate", "createddatetime", "creationtime"},
                                                                                    {"resultindex", "", ""},
                                                                                    {"resultcount", "", ""},
                                                                                    {"recordid", "identity", "id"}}};
  std::vector<int> out(column_count, -1);
  for (std::size_t column = 0; column < column_count; ++column)
    for (const auto wanted : names[column])
      for (std::size_t at = 0; at < header.size() && out[column] < 0 && !wanted.empty(); ++at) {
        std::string_view name = trim(header[at]);
        if (name.starts_with("\xef\xbb\xbf")) name = trim(name.substr(3));
        if (iequals(name, wanted)) out[column] = static_cast<int>(at);
      }
  if (out[audit_data] < 0) return {};
  return out;
}

std::string_view cell_of(std::span<const std::string_view> cells, std::span<const int> where, Column column) {
  const int at = where[column];
  return at >= 0 && static_cast<std::size_t>(at) < cells.size() ? cells[static_cast<std::size_t>(at)] : std::string_view{};
}

std::int64_t number(std::string_view text) {
  text = trim(text);
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

void count_date(std::string_view text, std::int64_t utc, Tally& tally) {
  if (trim(text).empty()) return;
  const DateEvidence evidence = compare_dates(text, utc);
  static constexpr std::array<Counter, 6> counter{unreadable, year_first, day_first, month_first, either_order, unmatched};
  ++tally[counter[static_cast<std::size_t>(evidence.order)]];
  if (evidence.shifted) ++tally[shifted];
}

void count_position(std::string_view index_text, std::string_view count_text, Tally& tally) {
  if (trim(index_text).empty() || trim(count_text).empty()) return;
  const std::int64_t index = number(index_text);
  const std::int64_t count = number(count_text);
  if (index < 1 || count < 1 || index > count) {
    ++tally[bad_index];
    return;
  }
  ++tally[indexed];
  if (index == 1) {
    ++tally[set_starts];
    tally[announced] += static_cast<std::uint64_t>(count);
  }
  if (index == count) ++tally[set_ends];
}

Parsed parse(std::span<const std::string_view> cells, std::span<const int> where, const Place& place, Context& context, Sink& sink) {
  const std::string_view text = trim(cell_of(cells, where, audit_data));
  if (static_cast<std::size_t>(where[audit_data]) >= cells.size()) return {Status::malformed, "a row with too few cells"};
  if (iequals(text, "auditdata")) return {Status::other};  // the header again: exports appended to one another
  if (text.empty()) return {Status::malformed, "AuditData is empty"};
  Record record;
  if (const JsonError error = read_record(text, context, record)) {
    // Excel keeps 32,767 characters of a cell.
    const bool cut = text.size() >= 32'760 && !text.ends_with('}');
    if (cut) ++context.tally[cut_cells];
    if (cut) return {Status::malformed, "AuditData was cut: a spreadsheet keeps 32767 characters of a cell"};
    if (error == simdjson::INCORRECT_TYPE) return {Status::malformed, "AuditData is not a JSON object"};
    return {Status::malformed, reason_of(error)};
  }
  if (record.wrapper_id.empty()) record.wrapper_id = trim(cell_of(cells, where, identity));
  Event event;
  const Parsed parsed = to_event(record, text, place, context, event);
  if (parsed.status != Status::event) return parsed;
  ++context.tally[rows];
  count_date(cell_of(cells, where, creation_date), event.time, context.tally);
  count_position(cell_of(cells, where, result_index), cell_of(cells, where, result_count), context.tally);
  sink.event(event);
  return parsed;
}

std::vector<digue::Text> notes(const Tally& tally) {
  std::vector<digue::Text> out;
  const auto say = [&](Counter counter, const char* key) {
    if (tally[counter] != 0) out.push_back({key, {std::to_string(tally[counter]), std::to_string(tally[rows])}});
  };
  say(year_first, "culture.year_first");
  say(day_first, "culture.day_first");
  say(month_first, "culture.month_first");
  if (tally[day_first] + tally[month_first] == 0) say(either_order, "culture.either_order");
  say(shifted, "culture.local_clock");
  say(unmatched, "culture.unmatched");
  say(unreadable, "culture.unreadable");
  if (tally[day_first] != 0 && tally[month_first] != 0) out.push_back({"culture.two", {}});
  if (!out.empty()) out.push_back({"culture.utc_inside", {}});
  return out;
}

std::vector<digue::Text> truncation_signs(const Tally& tally, std::uint64_t records) {
  std::vector<digue::Text> out = export_limit_signs(records);
  const auto add = [&](const char* key, std::initializer_list<std::uint64_t> numbers) {
    digue::Text& text = out.emplace_back(digue::Text{key, {}});
    for (const std::uint64_t number : numbers) text.args.push_back(std::to_string(number));
  };
  if (tally[announced] > tally[indexed])
    add("cut.fewer_than_announced", {tally[announced], tally[indexed]});
  else if (tally[indexed] != 0 && tally[set_starts] != tally[set_ends])
    add("cut.sets_without_end", {tally[set_starts], tally[set_ends]});
  else if (tally[indexed] != 0 && tally[set_starts] == 0)
    add("cut.middle_of_search", {});
  if (tally[bad_index] != 0) add("cut.failed_search", {tally[bad_index]});
  if (tally[cut_cells] != 0) add("cut.cells", {tally[cut_cells]});
  return out;
}

}  // namespace

}  // namespace digue::formats::microsoft365

namespace digue::formats {

extern const CsvFormat microsoft365_ual_csv;
const CsvFormat microsoft365_ual_csv{"microsoft365.ual_csv", "Microsoft 365 unified audit log (CSV)",
                                     microsoft365::columns,  microsoft365::parse,
                                     microsoft365::notes,    microsoft365::truncation_signs};

}  // namespace digue::formats
