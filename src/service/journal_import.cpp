#include "service/journal_import.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/searchable.hpp"
#include "base/text.hpp"
#include "formats/container/cutter.hpp"
#include "service/notes.hpp"

namespace digue::service {

namespace {

enum class Column { none, time, day, clock, author, kind, text, machines, accounts };

struct ColumnName {
  std::string_view name;  ///< searchable()
  Column column;
};
constexpr std::array column_names{
    ColumnName{"event_time", Column::time},   ColumnName{"date et heure", Column::time},  ColumnName{"date and time", Column::time},
    ColumnName{"horodatage", Column::time},   ColumnName{"timestamp", Column::time},      ColumnName{"date", Column::day},
    ColumnName{"jour", Column::day},          ColumnName{"heure", Column::clock},         ColumnName{"time", Column::clock},
    ColumnName{"author", Column::author},     ColumnName{"auteur", Column::author},       ColumnName{"qui", Column::author},
    ColumnName{"reporter", Column::author},   ColumnName{"rapporte par", Column::author}, ColumnName{"who", Column::author},
    ColumnName{"kind", Column::kind},         ColumnName{"nature", Column::kind},         ColumnName{"text", Column::text},
    ColumnName{"texte", Column::text},        ColumnName{"description", Column::text},    ColumnName{"quoi", Column::text},
    ColumnName{"what", Column::text},         ColumnName{"machines", Column::machines},   ColumnName{"machine", Column::machines},
    ColumnName{"accounts", Column::accounts}, ColumnName{"comptes", Column::accounts},    ColumnName{"compte", Column::accounts},
};

struct KindName {
  std::string_view name;  ///< searchable()
  journal::Kind kind;
};
constexpr std::array kind_names{
    KindName{"fait", journal::Kind::fact},
    KindName{"decision", journal::Kind::decision},
    KindName{"communication", journal::Kind::communication},
    KindName{"appel", journal::Kind::call},
};

std::vector<std::string> list_of(std::string_view cell) {
  std::vector<std::string> out;
  while (!cell.empty()) {
    const auto end = std::min(cell.find_first_of(",;\n"), cell.size());
    if (const auto one = trim(cell.substr(0, end)); !one.empty()) out.emplace_back(one);
    cell.remove_prefix(std::min(end + 1, cell.size()));
  }
  return out;
}

/// Numbers between marks: "29/11/2026" and "22h40" are {29, 11, 2026} and {22, 40}.
std::optional<std::vector<int>> numbers(std::string_view text, std::string_view marks) {
  std::vector<int> out;
  for (;;) {
    int value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc() || value < 0) return std::nullopt;
    out.push_back(value);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (text.empty()) return out;
    if (marks.find(text.front()) == std::string_view::npos) return std::nullopt;
    text.remove_prefix(1);
    if (text.empty()) return out;  // "22h"
  }
}

struct ReadTime {
  UtcMicros at;
  journal::Precision precision = journal::Precision::second;
};

/// ISO 8601, or the French way: "29/11/2026 22:40", "29/11/2026 22h40"; without a time of day, the day.
std::optional<ReadTime> time_of(std::string_view text, const Zone& zone) {
  text = trim(text);
  if (const auto iso = parse_iso8601(text))
    return ReadTime{iso->offset_minutes ? UtcMicros{iso->civil - *iso->offset_minutes * micros_per_minute} : zone.to_utc(iso->civil),
                    journal::Precision::second};
  const auto space = text.find_first_of(" T");
  const auto day = numbers(text.substr(0, space), "/.-");
  if (!day || day->size() != 3) return std::nullopt;
  Civil civil;
  const bool iso_order = (*day)[0] > 31;
  civil.year = (*day)[iso_order ? 0 : 2];
  civil.month = (*day)[1];
  civil.day = (*day)[iso_order ? 2 : 0];
  ReadTime out;
  if (space == std::string_view::npos || trim(text.substr(space)).empty()) {
    out.precision = journal::Precision::day;
  } else {
    const auto clock = numbers(trim(text.substr(space + 1)), ":hH");
    if (!clock || clock->size() > 3) return std::nullopt;
    civil.hour = (*clock)[0];
    if (clock->size() > 1) civil.minute = (*clock)[1];
    if (clock->size() > 2) civil.second = (*clock)[2];
    out.precision = clock->size() > 2   ? journal::Precision::second
                    : clock->size() > 1 ? journal::Precision::minute
                                        : journal::Precision::hour;
  }
  if (!is_valid(civil) || civil.year < 1970) return std::nullopt;
  out.at = zone.to_utc(civil_micros(civil));
  return out;
}

std::optional<journal::Kind> kind_of(std::string_view cell) {
  const auto asked = searchable(trim(cell));
  if (asked.empty()) return journal::Kind::fact;
  for (const auto& [name, kind] : kind_names)
    if (name == asked) return kind;
  const auto kind = journal::kind_named(asked);
  // Lines of the workbench that wrote an export are facts here.
  return kind == journal::Kind::system ? journal::Kind::fact : kind;
}

struct Columns {
  std::vector<Column> of;
  std::vector<std::string> unknown;
  bool has(Column column) const { return std::find(of.begin(), of.end(), column) != of.end(); }
};

Columns columns_of(const std::vector<std::string_view>& cells) {
  Columns out;
  for (const auto cell : cells) {
    const auto name = searchable(trim(cell));
    const auto at = std::find_if(column_names.begin(), column_names.end(), [&](const auto& one) { return one.name == name; });
    out.of.push_back(at == column_names.end() ? Column::none : at->column);
    if (at == column_names.end() && !name.empty()) out.unknown.emplace_back(clip(trim(cell), 200));
  }
  return out;
}

ImportRow row_of(const std::vector<std::string_view>& cells, const Columns& columns, const JournalImport& given, const Zone& zone) {
  ImportRow row;
  std::string time;
  std::string clock;
  std::string kind;
  for (std::size_t i = 0; i < cells.size() && i < columns.of.size(); ++i) {
    const auto cell = trim(cells[i]);
    switch (columns.of[i]) {
      case Column::time:
      case Column::day:
        time = cell;
        break;
      case Column::clock:
        clock = cell;
        break;
      case Column::author:
        if (!cell.empty()) row.entry.reporter = std::string(cell);
        break;
      case Column::kind:
        kind = cell;
        break;
      case Column::text:
        row.entry.text = cell;
        break;
      case Column::machines:
        row.entry.machines = list_of(cell);
        break;
      case Column::accounts:
        row.entry.accounts = list_of(cell);
        break;
      case Column::none:
        break;
    }
  }
  if (!clock.empty()) time += " " + clock;
  if (!row.entry.reporter && !given.reporter.empty()) row.entry.reporter = given.reporter;
  row.entry.zone = zone.name();
  const auto at = time_of(time, zone);
  const auto read_kind = kind_of(kind);
  if (!at) {
    row.problem = tr("import.time", {{"value", std::string(clip(time, 100))}});
  } else if (!read_kind) {
    row.problem = tr("import.kind", {{"value", std::string(clip(kind, 100))}});
  } else {
    row.entry.event_time = at->at;
    row.entry.precision = at->precision;
    row.entry.kind = *read_kind;
  }
  return row;
}

journal::Draft draft_of(const Caller& caller, const NewLine& line) {
  journal::Draft draft;
  draft.event_time = line.event_time.value_or(UtcMicros{});
  draft.zone = line.zone.value_or("");
  draft.precision = line.precision;
  draft.kind = line.kind;
  draft.about = "journal.imported";
  draft.body = {caller.name, line.reporter, line.text, line.machines, line.accounts, {}};
  return draft;
}

}  // namespace

Result<ImportResult> read_import(const Context& context, const JournalImport& given) {
  if (given.csv.size() > max_import)
    return fail(ErrorCode::bad_input, tr("field.too_long", {{"field", "csv"}, {"limit", std::to_string(max_import)}}), "csv");
  const auto zone = Zone::named(given.zone.empty() ? context.settings.zone : given.zone);
  if (!zone) return fail(ErrorCode::bad_input, tr("journal.unknown_zone"), "zone");
  std::string text = to_utf8_lossy(given.csv);
  if (text.starts_with("\xef\xbb\xbf")) text.erase(0, 3);
  std::vector<formats::Span> spans;
  formats::make_cutter(formats::Container::csv)->cut(text, true, spans);
  if (spans.empty()) return fail(ErrorCode::bad_input, tr("import.empty"), "csv", tr("import.help"));
  if (spans.size() > max_imported_lines + 1)
    return fail(ErrorCode::bad_input, tr("field.too_many", {{"field", "csv"}, {"limit", std::to_string(max_imported_lines)}}), "csv");
  const auto record = [&](const formats::Span& span) { return std::string_view(text).substr(span.offset, span.length); };
  formats::CsvRow cutter(formats::csv_delimiter(record(spans.front())));
  const bool head = spans.front().problem == nullptr && cutter.split(record(spans.front()));
  const auto columns = head ? columns_of(cutter.cells()) : Columns{};
  if (!columns.has(Column::text) || !(columns.has(Column::time) || columns.has(Column::day)))
    return fail(ErrorCode::bad_input, tr("import.columns"), "csv", tr("import.help"));
  ImportResult out;
  out.unknown_columns = columns.unknown;
  const Caller nobody{"-"};
  for (std::size_t i = 1; i < spans.size(); ++i) {
    ImportRow row;
    if (spans[i].problem == nullptr && cutter.split(record(spans[i])))
      row = row_of(cutter.cells(), columns, given, *zone);
    else
      row.problem = tr("import.row");
    row.line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(spans[i].offset), '\n');
    if (row.problem.empty())
      if (const auto good = journal::check(draft_of(nobody, row.entry)); !good) row.problem = to_text(good.error());
    ++(row.problem.empty() ? out.accepted : out.refused);
    out.rows.push_back(std::move(row));
  }
  return out;
}

Result<ImportResult> import_journal(const Context& context, const Caller& caller, const std::string& incident, const JournalImport& given) {
  auto read = read_import(context, given);
  if (!read) return read;
  const auto written = context.cases.write([&](store::CaseWriter& writer) -> Result<void> {
    if (const auto known = writer.incident(incident); !known) return tl::make_unexpected(known.error());
    for (const auto& row : read->rows)
      if (row.problem.empty())
        if (const auto entry = writer.append(incident, draft_of(caller, row.entry), now()); !entry)
          return tl::make_unexpected(entry.error());
    Note note{"journal.import",
              say(context, "note.import",
                  {{"accepted", std::to_string(read->accepted)},
                   {"refused", std::to_string(read->refused)},
                   {"source", given.source.empty() ? "-" : std::string(clip(given.source, 500))}}),
              {},
              {}};
    const auto line = write_note(writer, context, caller, incident, std::move(note));
    if (!line) return tl::make_unexpected(line.error());
    return {};
  });
  if (!written) return tl::make_unexpected(written.error());
  context.notify("journal", incident);
  return read;
}

}  // namespace digue::service
