#include <algorithm>
#include <array>
#include <cstring>

#include "formats/container/cutter.hpp"
#include "formats/container/cutters.hpp"

namespace digue::formats {

namespace {

bool blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/// Keys of an object that only wraps an array of records: Graph pages, Event Hub and blob exports, Google, ALFA.
bool is_wrapper_key(std::string_view key) {
  static constexpr std::array<std::string_view, 6> keys{"value", "records", "Records", "items", "activities", "events"};
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

enum class Scan { complete, incomplete, broken };

/// End of the string that starts with the quote at `at`. A raw line feed inside means that the string was cut.
Scan scan_string(std::string_view text, std::size_t at, std::size_t& end) {
  for (++at; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '"') {
      end = at + 1;
      return Scan::complete;
    }
    if (c == '\\')
      ++at;
    else if (c == '\n')
      return Scan::broken;
  }
  return Scan::incomplete;
}

/// End of the value at `at`. Brackets must nest and values be separated; the rest of the grammar is the parser's.
Scan scan_value(std::string_view text, std::size_t at, std::size_t& end) {
  std::array<char, 128> open{};
  std::size_t depth = 0;
  char before = ',';
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (blank(c)) continue;
    const bool starts = c == '{' || c == '[' || c == '"';
    if (starts && before != ',' && before != ':' && before != '{' && before != '[') return Scan::broken;
    if (c == '"') {
      if (const Scan scan = scan_string(text, at, end); scan != Scan::complete) return scan;
      at = end - 1;
      if (depth == 0) return Scan::complete;
    } else if (c == '{' || c == '[') {
      if (depth == open.size()) return Scan::broken;
      open[depth++] = c;
    } else if (c == '}' || c == ']') {
      if (depth == 0 || open[depth - 1] != (c == '}' ? '{' : '[')) return Scan::broken;
      if (--depth == 0) {
        end = at + 1;
        return Scan::complete;
      }
    } else if (depth == 0 && c == ',') {
      end = at;
      return Scan::complete;
    }
    before = c;
  }
  return Scan::incomplete;
}

class JsonValues final : public Cutter {
 public:
  std::size_t cut(std::string_view text, bool last, std::vector<Span>& spans) override {
    std::size_t at = 0;
    while (at < text.size()) {
      const char c = text[at];
      if (blank(c) || c == ',' || c == '\0') {
        ++at;
        continue;
      }
      const bool in_wrapper = !stack_.empty() && stack_.back() == '{';
      if ((c == ']' && !stack_.empty() && stack_.back() == '[') || (c == '}' && in_wrapper)) {
        stack_.pop_back();
        ++at;
        continue;
      }
      const std::size_t next = in_wrapper ? member(text, at) : value(text, at, last, spans);
      if (next == at) {
        if (!last) break;
        if (in_wrapper) {  // the end of the file inside the wrapper's own members: nothing of a record is lost
          stack_.clear();
          return text.size();
        }
        at = resume(text, at, last, spans, "record cut off at the end of the file");
      } else {
        at = next;
      }
    }
    return at;
  }

  std::size_t limit() const override { return 32u << 20; }

  std::size_t give_up(std::string_view text, std::vector<Span>& spans) override {
    return resume(text, 0, true, spans, "record longer than 32 MiB, or never closed");
  }

 private:
  /// One element at record level; returns `at` when it is not complete.
  std::size_t value(std::string_view text, std::size_t at, bool last, std::vector<Span>& spans) {
    const char c = text[at];
    if (c == '[' && stack_.size() < 4) {
      stack_.push_back('[');
      return at + 1;
    }
    if (c == '{' && stack_.size() < 3)
      if (const std::size_t inside = wrapper(text, at); inside != 0) return inside;
    if (c != '{' && c != '"' && c != '[' && std::strchr("-0123456789tfn", c) == nullptr) return resume(text, at, last, spans, "not JSON");
    std::size_t end = 0;
    switch (scan_value(text, at, end)) {
      case Scan::complete:
        spans.push_back({at, end - at, c == '{' ? nullptr : "not a JSON object"});
        return end;
      case Scan::broken:
        return resume(text, at, last, spans, "damaged JSON: cut string or brackets that do not match");
      case Scan::incomplete:
        break;
    }
    // A bare number or word at the end of the file is complete without any delimiter.
    if (last && c != '{' && c != '[' && c != '"') {
      spans.push_back({at, text.size() - at, "not a JSON object"});
      return text.size();
    }
    return at;
  }

  /// When the object at `at` wraps an array of records: the position behind that array's bracket; else 0.
  std::size_t wrapper(std::string_view text, std::size_t at) {
    const std::size_t stop = std::min(text.size(), at + 64 * 1024);
    std::size_t i = at + 1;
    while (true) {
      while (i < stop && (blank(text[i]) || text[i] == ',')) ++i;
      if (i >= stop || text[i] != '"') return 0;
      const Member m = read_member(text.substr(0, stop), i);
      if (m.end == i) return 0;
      if (m.array_of_records) {
        stack_.push_back('{');
        stack_.push_back('[');
        return m.end;
      }
      i = m.end;
    }
  }

  struct Member {
    std::size_t end;  ///< behind the member, or behind the bracket of an array of records
    bool array_of_records;
  };

  /// The member `"key": value` at `at`; end == at when it is not complete or no member.
  static Member read_member(std::string_view text, std::size_t at) {
    std::size_t end = 0;
    if (scan_string(text, at, end) != Scan::complete) return {at, false};
    const std::string_view key = text.substr(at + 1, end - at - 2);
    while (end < text.size() && blank(text[end])) ++end;
    if (end >= text.size() || text[end] != ':') return {at, false};
    for (++end; end < text.size() && blank(text[end]);) ++end;
    if (end >= text.size()) return {at, false};
    if (text[end] == '[' && is_wrapper_key(key)) {
      std::size_t first = end + 1;
      while (first < text.size() && blank(text[first])) ++first;
      if (first < text.size() && (text[first] == '{' || text[first] == ']')) return {end + 1, true};
      if (first >= text.size()) return {at, false};
    }
    std::size_t i = end;
    const char c = text[i];
    if (c == '{' || c == '[' || c == '"') return scan_value(text, i, end) == Scan::complete ? Member{end, false} : Member{at, false};
    while (i < text.size() && text[i] != ',' && text[i] != '}' && !blank(text[i])) ++i;
    return i < text.size() ? Member{i, false} : Member{at, false};
  }

  /// Inside a wrapper object, behind its records: the next member, or `at` when it is not complete.
  std::size_t member(std::string_view text, std::size_t at) {
    if (text[at] != '"') return at + 1;
    const Member m = read_member(text, at);
    if (m.end != at && m.array_of_records) stack_.push_back('[');
    return m.end;
  }

  /// Rejects what starts at `at` and goes on at the next line that starts an object.
  /// Without such a line and with more bytes to come it stays at `at`.
  static std::size_t resume(std::string_view text, std::size_t at, bool last, std::vector<Span>& spans, const char* problem) {
    std::size_t line = at;
    while ((line = text.find('\n', line)) != std::string_view::npos) {
      ++line;
      std::size_t i = line;
      while (i < text.size() && (blank(text[i]) || text[i] == ',')) ++i;
      if (i < text.size() && (text[i] == '{' || text[i] == '[')) {
        spans.push_back({at, line - at, problem});
        return i;
      }
      line = std::max(line, i);
    }
    if (!last) return at;
    spans.push_back({at, text.size() - at, problem});
    return text.size();
  }

  std::string stack_;  ///< open brackets above the records
};

}  // namespace

std::unique_ptr<Cutter> make_json_values() {
  return std::make_unique<JsonValues>();
}

}  // namespace digue::formats
