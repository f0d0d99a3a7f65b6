#include "formats/container/syslog.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "formats/container/syslog_parts.hpp"

namespace digue::formats {

namespace {

constexpr std::size_t max_hosts = 64;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

void skip_blanks(std::string_view& text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
}

/// The text without byte-order mark, line end and leading blanks.
std::string_view bare(std::string_view raw) {
  if (raw.starts_with("\xef\xbb\xbf")) raw.remove_prefix(3);
  while (!raw.empty() && (raw.back() == '\r' || raw.back() == '\n')) raw.remove_suffix(1);
  while (!raw.empty() && (raw.front() == ' ' || raw.front() == '\t')) raw.remove_prefix(1);
  return raw;
}

/// Takes "<PRI>" (0..191); false when none is there.
bool take_priority(std::string_view& text) {
  if (text.empty() || text.front() != '<') return false;
  std::size_t at = 1;
  while (at < text.size() && at < 5 && is_digit(text[at])) ++at;
  if (at == 1 || at >= text.size() || text[at] != '>') return false;
  text.remove_prefix(at + 1);
  return true;
}

std::string_view take_word(std::string_view& text) {
  const auto end = std::min(text.find(' '), text.size());
  const auto word = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return word;
}

std::string_view unless_nil(std::string_view word) {
  return word == "-" ? std::string_view{} : word;
}

/// Moves behind RFC 5424's structured data: "-" or elements in brackets, in whose values quotes, backslashes and brackets are escaped.
bool skip_structured_data(std::string_view& text) {
  if (text.starts_with('-')) {
    text.remove_prefix(1);
  } else {
    if (!text.starts_with('[')) return false;
    std::size_t at = 0;
    while (at < text.size() && text[at] == '[') {
      bool quoted = false;
      for (++at; at < text.size() && (quoted || text[at] != ']'); ++at) {
        if (text[at] == '\\' && quoted)
          ++at;
        else if (text[at] == '"')
          quoted = !quoted;
      }
      if (at >= text.size()) return false;
      ++at;
    }
    text.remove_prefix(at);
  }
  return text.empty() || text.front() == ' ';
}

/// RFC 5424 behind "<PRI>1 ".
std::string_view split_5424(std::string_view text, Line& out, Stamp& stamp) {
  if (text.starts_with("- ")) return "RFC 5424 line without a time";
  if (!take_stamp(text, stamp) || !text.starts_with(' ')) return "RFC 5424 line whose time cannot be read";
  text.remove_prefix(1);
  out.host = unless_nil(take_word(text));
  out.program = unless_nil(take_word(text));
  take_word(text);  // process id
  take_word(text);  // message id
  if (!skip_structured_data(text)) return "RFC 5424 line with damaged structured data";
  skip_blanks(text);
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  out.message = text;
  return {};
}

/// Takes "stdout F " and the like of the Kubernetes container runtime interface.
bool take_cri(std::string_view& text) {
  if (!text.starts_with(" stdout ") && !text.starts_with(" stderr ")) return false;
  if (text.size() < 10 || (text[8] != 'F' && text[8] != 'P') || text[9] != ' ') return false;
  text.remove_prefix(10);
  return true;
}

/// The textual transports. Returns why the line fits none, empty when it does.
std::string_view split(std::string_view text, Line& out, Stamp& stamp) {
  if (take_priority(text) && text.starts_with("1 ")) return split_5424(text.substr(2), out, stamp);
  if (!take_stamp(text, stamp)) return "no time at the start of the line";
  if (stamp.basis == TimeBasis::utc && take_cri(text)) {
    split_output(text, out);
    return {};
  }
  if (!text.empty() && text.front() != ' ' && text.front() != ':') return "no blank behind the time";
  split_names(text, out);
  return {};
}

bool is_continuation(std::string_view raw) {
  return raw.starts_with('\t') || raw.starts_with(' ');
}

/// What journalctl writes between records.
bool is_remark(std::string_view text) {
  return text.starts_with("-- ") && (text.ends_with(" --") || text.ends_with("."));
}

}  // namespace

Cut LineCutter::fail(std::string_view reason) {
  reason_ = reason;
  return Cut::malformed;
}

Cut LineCutter::cut(std::string_view raw, const Place& place, Line& out) {
  const std::string_view text = bare(raw);
  out = Line{};
  out.place = place;
  if (text.empty() || is_remark(text)) return Cut::nothing;
  if (text.front() == '{') return cut_object(text, out);
  Stamp stamp;
  if (const auto wrong = split(text, out, stamp); !wrong.empty()) {
    if (is_continuation(raw) && !recent_.empty()) return Cut::nothing;
    return fail(wrong);
  }
  out.time = stamp.time;
  out.basis = stamp.basis;
  out.offset = stamp.offset;
  if (stamp.month != 0) {
    wraps_ += year_turn(month_, stamp.month);
    month_ = stamp.month;
    out.year_wraps = static_cast<std::uint16_t>(std::clamp(wraps_, 0, 65535));
  }
  return finish(out, true);
}

/// Folds repeats; `keep` when the line's texts outlive this call.
Cut LineCutter::finish(Line& out, bool keep) {
  // rsyslog names the repeated text: "message repeated 3 times: [ text]".
  if (out.message.starts_with("message repeated ")) {
    std::string_view rest = out.message.substr(17);
    std::uint32_t count = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), count);
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    if (error == std::errc{} && count > 0 && rest.starts_with(" times: [") && rest.ends_with(']')) {
      out.repeats = count;
      out.message = rest.substr(9, rest.size() - 10);
      while (out.message.starts_with(' ')) out.message.remove_prefix(1);
    }
  } else if (const auto count = repeat_count(out.message); count > 0) {
    const Last* last = out.host.empty() && !recent_.empty() ? &recent_[latest_] : nullptr;
    for (const auto& one : recent_)
      if (!out.host.empty() && one.host == out.host) last = &one;
    if (last == nullptr) return fail("repeats a line that does not stand before it");
    out.host = last->host;
    out.program = last->program;
    out.message = last->message;
    out.repeats = count;
    return Cut::line;
  }
  if (keep) remember(out);
  return Cut::line;
}

void LineCutter::remember(const Line& line) {
  for (std::size_t i = 0; i < recent_.size(); ++i)
    if (recent_[i].host == line.host) {
      recent_[i].program = line.program;
      recent_[i].message = line.message;
      latest_ = i;
      return;
    }
  if (recent_.size() < max_hosts) {
    latest_ = recent_.size();
    recent_.push_back({line.host, line.program, line.message});
    return;
  }
  latest_ = replace_++ % max_hosts;
  recent_[latest_] = {line.host, line.program, line.message};
}

int LineCutter::month_of(std::string_view raw) {
  auto text = bare(raw);
  if (text.empty() || text.front() == '{') return 0;
  take_priority(text);
  Stamp stamp;
  return take_stamp(text, stamp) ? stamp.month : 0;
}

int LineCutter::year_turn(int from_month, int to_month) {
  if (from_month == 0 || to_month == 0) return 0;
  if (from_month - to_month > 6) return 1;
  return to_month - from_month >= 10 ? -1 : 0;
}

bool LineCutter::looks_like(std::string_view first_kilobytes) {
  std::size_t seen = 0;
  std::size_t good = 0;
  while (!first_kilobytes.empty() && seen < 200) {
    const auto end = first_kilobytes.find('\n');
    if (end == std::string_view::npos && seen > 0) break;  // cut off
    const auto raw = first_kilobytes.substr(0, end);
    first_kilobytes.remove_prefix(std::min(raw.size() + 1, first_kilobytes.size()));
    const auto text = bare(raw);
    if (text.empty() || is_remark(text) || (seen > 0 && is_continuation(raw))) continue;
    ++seen;
    if (text.front() == '{') {
      const bool journald = text.find("\"__REALTIME_TIMESTAMP\"") != std::string_view::npos;
      const bool docker = text.starts_with("{\"log\":\"") && text.find("\"time\":\"") != std::string_view::npos;
      if (journald || docker) ++good;
      continue;
    }
    Line line;
    Stamp stamp;
    if (split(text, line, stamp).empty() && (!line.program.empty() || repeat_count(line.message) > 0)) ++good;
  }
  return good > 0 && good * 2 >= seen;
}

}  // namespace digue::formats
