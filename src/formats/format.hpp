#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.hpp"
#include "model/event.hpp"
#include "model/text.hpp"

namespace digue {
class JsonReader;  // its library is heavy to compile, and most of what includes this reads no JSON
}

/// The contract between containers (how bytes are cut into records) and formats (what a record means).
/// Adding a format is one .cpp that defines one of the tables below, and one line in formats.def.
namespace digue::formats {

enum class Status : std::uint8_t {
  event,      ///< understood; its event (or fragment) went to the sink
  other,      ///< well-formed, of no interest here (another program's line, a counter): accepted, nothing emitted
  not_mine,   ///< this format does not know the record; the next one is asked
  malformed,  ///< damaged: rejected and counted, with the reason
};

struct Parsed {
  Status status = Status::event;
  std::string_view reason = {};  ///< for malformed: a literal in English without the record's own text, a key of the message catalogues
};

/// Where formats deliver. `fragment` is for records that mean something only together (a mail's lines in Postfix): their `id`
/// is that of the record as for events; the joiner named by the format's table gets those of one `join_key` together.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual void event(const Event& event) = 0;
  virtual void fragment(std::string_view join_key, const Event& event) = 0;
};

/// Counters of one input that a format fills while parsing and explains afterwards (culture of dates, export limits ...).
/// Their meaning is the format's own; they are summed over blocks.
using Tally = std::array<std::uint64_t, 16>;

struct Context {
  Arena& arena;      ///< texts made for one record; emptied before each record
  JsonReader& json;  ///< reused simdjson parser
  Tally& tally;
};

/// A record of a JSON container (NDJSON, arrays, concatenated values, pretty-printed objects): one object's text.
/// At least `JsonReader::padding` readable bytes stand behind `text`.
struct JsonFormat {
  std::string_view id;  ///< "microsoft365.ual"
  std::string_view title;
  Parsed (*parse)(std::string_view text, const Place& place, Context& context, Sink& sink);
  /// What the counters of a whole input tell (may be null).
  std::vector<Text> (*notes)(const Tally& tally) = nullptr;
  /// Signs that the export was cut short (may be null).
  std::vector<Text> (*truncation_signs)(const Tally& tally, std::uint64_t records) = nullptr;
};

/// A row of a CSV container. Cells are unquoted; cell texts have JsonReader::padding readable bytes behind them.
struct CsvFormat {
  std::string_view id;
  std::string_view title;
  /// Column positions this format needs, in its own order, -1 for an absent optional one; empty when the header is not this format's.
  /// Names are compared without surrounding blanks and byte-order mark.
  std::vector<int> (*columns)(std::span<const std::string_view> header);
  Parsed (*parse)(std::span<const std::string_view> cells, std::span<const int> columns, const Place& place, Context& context, Sink& sink);
  std::vector<Text> (*notes)(const Tally& tally) = nullptr;
  std::vector<Text> (*truncation_signs)(const Tally& tally, std::uint64_t records) = nullptr;
};

/// One log line, already cut from its transport (RFC 3164, RFC 5424, ISO, journald, Dovecot's own file).
struct Line {
  std::int64_t time = 0;
  TimeBasis basis = TimeBasis::utc;
  int offset = 0;  ///< minutes east of Greenwich that the time was written with; 0 also where it was written in UTC
  std::uint16_t year_wraps = 0;
  std::uint32_t repeats = 1;
  std::string_view host;     ///< empty when the transport names none
  std::string_view program;  ///< "postfix/smtpd", "dovecot"; Dovecot's own file: "dovecot"
  std::string_view message;  ///< behind "program[pid]: "
  Place place;
};

struct LineFormat {
  std::string_view id;
  std::string_view title;
  bool (*claims)(std::string_view program);
  Parsed (*parse)(const Line& line, Context& context, Sink& sink);
  /// Joins the fragments of one key, sorted by (time, place), duplicates removed, into events (may be null). Events of one record each
  /// keep that record's id and place.
  void (*join)(std::span<const Event> fragments, Arena& arena, Sink& sink) = nullptr;
  std::vector<Text> (*notes)(const Tally& tally) = nullptr;
};

/// Copies what a line's transport told about time, place and repeats into the event, and gives it the identity of
/// (host, time as written, program, message).
void from_line(const Line& line, Event& event);

std::span<const JsonFormat* const> json_formats();
std::span<const CsvFormat* const> csv_formats();
std::span<const LineFormat* const> line_formats();

}  // namespace digue::formats
