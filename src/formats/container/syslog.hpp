#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "formats/container/log_time.hpp"
#include "formats/format.hpp"

namespace digue::formats {

enum class Cut : std::uint8_t {
  line,       ///< `out` is filled
  nothing,    ///< an empty line, a journal's own remark, the continuation of the record before: no record of its own
  malformed,  ///< fits no transport; `reason()` says why
};

/// Cuts text log lines from their transport, each line recognised on its own: RFC 3164 with or without PRI and host, RFC 5424, rsyslog's
/// ISO file format, Dovecot's own file, multilog (TAI64N), `journalctl -o json`, docker's json-file, Kubernetes CRI. One cutter per block
/// of lines, in their order.
class LineCutter {
 public:
  /// `year_wraps` and `month`: turns of the year counted before this block, and the last month seen before it (0: none).
  explicit LineCutter(JsonReader& json, int year_wraps = 0, int month = 0) : json_(json), wraps_(year_wraps), month_(month) {}

  /// One line without its end. `raw` stays readable, with JsonReader::padding bytes behind it, as long as the cutter is used; what `out`
  /// points at lives until the next call. A repeat line (`last message repeated N times`) gives the last line of its host again, with
  /// `repeats` = N and its own time and place.
  Cut cut(std::string_view raw, const Place& place, Line& out);

  /// Why the last call answered `malformed`: a literal.
  std::string_view reason() const { return reason_; }

  /// Month (1..12) of a line whose time names no year; 0 for any other line. With `year_turn`, a reader counts turns over blocks.
  static int month_of(std::string_view raw);
  /// What the year changes by from one line's month to the next one's: +1 when the month falls by more than six, -1 when it rises by ten
  /// or more (a late line of December behind one of January), else 0. 0 when either month is 0.
  static int year_turn(int from_month, int to_month);
  /// True when most lines of an input's beginning fit a transport and name a program.
  static bool looks_like(std::string_view first_kilobytes);

 private:
  struct Last {
    std::string_view host, program, message;
  };

  Cut fail(std::string_view reason);
  Cut cut_object(std::string_view raw, Line& out);
  Cut finish(Line& out, bool keep);
  void remember(const Line& line);

  JsonReader& json_;
  int wraps_;
  int month_;
  std::string_view reason_;
  std::string text_;  ///< decoded message of a JSON line
  std::vector<Last> recent_;
  std::size_t latest_ = 0;   ///< index in recent_
  std::size_t replace_ = 0;  ///< next one given up when too many hosts write into one log
};

}  // namespace digue::formats
