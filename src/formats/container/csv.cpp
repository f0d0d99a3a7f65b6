#include <algorithm>
#include <array>
#include <cstring>

#include "base/arena.hpp"
#include "formats/container/cutters.hpp"

namespace digue::formats {

namespace {

class Csv final : public Cutter {
 public:
  std::size_t cut(std::string_view text, bool last, std::vector<Span>& spans) override {
    std::size_t start = 0;
    bool quoted = false;
    for (std::size_t at = 0; at < text.size();) {
      if (quoted) {
        const auto* quote = static_cast<const char*>(std::memchr(text.data() + at, '"', text.size() - at));
        if (quote == nullptr) break;
        at = static_cast<std::size_t>(quote - text.data()) + 1;
        quoted = false;
        continue;
      }
      const char c = text[at++];
      if (c == '"') {
        quoted = true;
      } else if (c == '\n') {
        add(text, start, at - 1, spans);
        start = at;
      }
    }
    if (!last || start == text.size()) return start;
    if (quoted) {  // a quote opened somewhere behind `start` never closes: lose that line, not the rest
      const std::size_t skipped = give_up(text.substr(start), spans);
      spans.back().offset += start;
      return start + skipped;
    }
    add(text, start, text.size(), spans);
    return text.size();
  }

  std::size_t limit() const override { return 4u << 20; }

  std::size_t give_up(std::string_view text, std::vector<Span>& spans) override {
    const std::size_t end = std::min(text.find('\n'), text.size());
    spans.push_back({0, end, "quote that is never closed"});
    return std::min(end + 1, text.size());
  }

 private:
  static void add(std::string_view text, std::size_t start, std::size_t end, std::vector<Span>& spans) {
    while (end > start && (text[end - 1] == '\r' || text[end - 1] == '\0')) --end;
    if (end > start) spans.push_back({start, end - start, nullptr});
  }
};

}  // namespace

std::unique_ptr<Cutter> make_csv() {
  return std::make_unique<Csv>();
}

bool CsvRow::split(std::string_view row) {
  places_.clear();
  cells_.clear();
  storage_.resize(row.size() + Arena::padding);
  char* out = storage_.data();
  std::size_t at = 0;
  while (true) {
    const auto start = static_cast<std::size_t>(out - storage_.data());
    std::size_t first = at;
    while (first < row.size() && row[first] == ' ') ++first;
    if (first < row.size() && row[first] == '"') {
      at = first + 1;
      while (true) {
        const auto quote = row.find('"', at);
        if (quote == std::string_view::npos) return false;
        out = std::copy(row.begin() + static_cast<std::ptrdiff_t>(at), row.begin() + static_cast<std::ptrdiff_t>(quote), out);
        at = quote + 1;
        if (at >= row.size() || row[at] != '"') break;
        *out++ = '"';
        ++at;
      }
      while (at < row.size() && row[at] == ' ') ++at;
      if (at < row.size() && row[at] != delimiter_) return false;
    } else {
      const auto end = std::min(row.find(delimiter_, at), row.size());
      out = std::copy(row.begin() + static_cast<std::ptrdiff_t>(at), row.begin() + static_cast<std::ptrdiff_t>(end), out);
      at = end;
    }
    places_.emplace_back(start, static_cast<std::size_t>(out - storage_.data()) - start);
    if (at >= row.size()) break;
    ++at;
  }
  for (const auto& [start, length] : places_) cells_.push_back(std::string_view(storage_).substr(start, length));
  return true;
}

char csv_delimiter(std::string_view header) {
  char best = ',';
  std::ptrdiff_t most = 0;
  for (const char candidate : std::array{',', ';', '\t', '|'}) {
    const auto count = std::count(header.begin(), header.end(), candidate);
    if (count > most) {
      most = count;
      best = candidate;
    }
  }
  return best;
}

}  // namespace digue::formats
