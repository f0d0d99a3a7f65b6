#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// How bytes are cut into records. A cutter is fed a buffer that starts at a record's border and says where the records stand;
/// what is damaged becomes a span with a problem and the rest goes on: one truncated record costs one record.
namespace digue::formats {

/// A record inside a buffer; `problem` is null, or why these bytes are no record.
struct Span {
  std::size_t offset = 0;
  std::size_t length = 0;
  const char* problem = nullptr;
};

enum class Container : std::uint8_t {
  json_lines,   ///< one JSON object a line (a lone `[`, `]` or a comma behind the object are passed over)
  json_values,  ///< JSON objects in arrays, one behind the other, pretty-printed, or inside {"value": [...]}
  csv,
  lines,  ///< log lines (syslog and kin)
};

class Cutter {
 public:
  virtual ~Cutter() = default;
  /// Appends the complete records at the front of `buffer` and returns how many bytes they used. `last`: nothing follows the buffer.
  /// 0 with an unchanged `spans` means that more bytes are needed.
  virtual std::size_t cut(std::string_view buffer, bool last, std::vector<Span>& spans) = 0;
  /// Longest record taken (bytes). What is longer is reported as one span with a problem.
  virtual std::size_t limit() const = 0;
  /// Told that the buffer reached the limit without a record's end: how many bytes to give up so that the next record can be found.
  virtual std::size_t give_up(std::string_view buffer, std::vector<Span>& spans) = 0;
};

std::unique_ptr<Cutter> make_cutter(Container container);

/// Cuts one CSV row into cells (RFC 4180; blanks around a quoted cell are passed over).
class CsvRow {
 public:
  explicit CsvRow(char delimiter) : delimiter_(delimiter) {}
  /// False when a quoted cell is not closed or text follows a closing quote. Cells live until the next call; readable bytes
  /// (Arena::padding) stand behind each.
  bool split(std::string_view row);
  const std::vector<std::string_view>& cells() const { return cells_; }

 private:
  char delimiter_;
  std::string storage_;
  std::vector<std::pair<std::size_t, std::size_t>> places_;
  std::vector<std::string_view> cells_;
};

/// The delimiter that cuts the header line into the most cells: comma, semicolon, tab or bar.
char csv_delimiter(std::string_view header_line);

}  // namespace digue::formats
