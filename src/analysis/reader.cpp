#include "analysis/reader.hpp"

#include <algorithm>
#include <cstring>

#include "analysis/content.hpp"
#include "base/archive/archive.hpp"
#include "base/text.hpp"
#include "formats/container/syslog.hpp"

namespace digue::analysis {

namespace {

using formats::Container;
using formats::LineCutter;

constexpr std::size_t block_size = 4u << 20;
constexpr std::size_t head_size = 64 * 1024;
constexpr std::size_t max_members = 20'000;
constexpr std::uint64_t max_member_bytes = std::uint64_t{64} << 30;

bool starts_object(std::string_view line) {
  return line.starts_with('{');
}

/// One object a line, or values that need bracket matching?
Container json_kind(std::string_view head) {
  std::size_t objects = 0;
  for (std::size_t at = 0; at < head.size() && objects < 3;) {
    const auto end = std::min(head.find('\n', at), head.size());
    std::string_view line = trim(head.substr(at, end - at));
    at = end + 1;
    if (line.empty() || line == "[" || line == "]" || line == ",") continue;
    while (line.ends_with(',')) line.remove_suffix(1);
    if (end == head.size() && head.size() == head_size)
      return objects > 0 || starts_object(line) ? Container::json_lines : Container::json_values;
    if (!starts_object(line) || !line.ends_with('}')) return Container::json_values;
    // A page of records on one line is one line but not one record.
    const auto cutter = formats::make_cutter(Container::json_values);
    std::vector<formats::Span> spans;
    cutter->cut(line, true, spans);
    if (spans.size() != 1 || spans[0].problem != nullptr || spans[0].length != line.size()) return Container::json_values;
    ++objects;
  }
  return Container::json_lines;
}

bool is_binary(std::string_view head) {
  const auto odd = std::count_if(head.begin(), head.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == 0 || (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r' && byte != 0x1b);
  });
  return odd * 20 > static_cast<std::ptrdiff_t>(head.size());
}

/// Sets what the first bytes tell about the input. `skip`: bytes before the first record (a CSV header and what stands above it).
void recognise(std::string_view head, Input& input, std::size_t& skip) {
  skip = 0;
  std::string_view body = head;
  while (!body.empty() && std::string_view(" \t\r\n").find(body.front()) != std::string_view::npos) body.remove_prefix(1);
  if (body.starts_with('{') || body.starts_with('[')) {
    input.container = LineCutter::looks_like(body) ? Container::lines : json_kind(body);
    return;
  }
  for (int line = 0; line < 3; ++line) {  // Excel's "sep=;" and PowerShell's "#TYPE ..." stand above the header
    const auto end = head.find('\n', skip);
    std::string_view header = trim(head.substr(skip, end == std::string_view::npos ? end : end - skip));
    if (header.starts_with("sep=") || header.starts_with("#TYPE")) {
      if (end == std::string_view::npos) break;
      skip = end + 1;
      continue;
    }
    const char delimiter = formats::csv_delimiter(header);
    formats::CsvRow row(delimiter);
    if (!row.split(header)) break;
    for (const auto* format : formats::csv_formats())
      if (auto columns = format->columns(row.cells()); !columns.empty()) {
        input.container = Container::csv;
        input.csv = format;
        input.delimiter = delimiter;
        input.columns = std::move(columns);
        skip = end == std::string_view::npos ? head.size() : end + 1;
        return;
      }
    break;
  }
  skip = 0;
  input.container = Container::lines;
}

class Reader {
 public:
  Reader(Inputs& inputs, BlockQueue& queue, ReadControl& control) : inputs_(inputs), queue_(queue), control_(control) {}

  void source(const SourceFile& source, std::uint32_t index) {
    source_ = index;
    Result<std::unique_ptr<FileSource>> opened =
        source.fd >= 0 ? Result<std::unique_ptr<FileSource>>(std::make_unique<FileSource>(source.fd)) : FileSource::open(source.path);
    if (!opened) {
      note(inputs_.add(source.name, source_), {"note.unreadable", {opened.error().message}});
      return;
    }
    FileSource& file = **opened;
    auto head = read_head(file, 512);
    if (!head) {
      note(inputs_.add(source.name, source_), {"note.unreadable", {head.error().message}});
      return;
    }
    file.rewind();
    if (is_packed(*head))
      packed(source, file);
    else
      content(inputs_.add(source.name, source_), file, false, true);
  }

 private:
  void note(std::uint32_t input, Text text) { inputs_[input].notes.push_back(std::move(text)); }

  void packed(const SourceFile& source, FileSource& file) {
    auto archive = ArchiveReader::open(file.fd());
    std::size_t members = 0;
    std::uint32_t latest = 0;
    bool any = false;
    const auto broken = [&](const Error& error) {
      note(any ? latest : inputs_.add(source.name, source_), {"note.archive_damaged", {error.message}});
    };
    if (!archive) return broken(archive.error());
    while (!control_.cancelled) {
      const auto next = archive->next();
      if (!next) return broken(next.error());
      if (!*next) break;
      latest = inputs_.add(archive->member().empty() ? source.name : source.name + "!" + archive->member(), source_);
      any = true;
      if (++members > max_members) return note(latest, {"note.archive_members", {std::to_string(max_members)}});
      content(latest, archive->content(), true, false);
    }
    if (!any) note(inputs_.add(source.name, source_), {"note.archive_empty", {}});
  }

  void content(std::uint32_t index, ByteSource& source, bool decoded, bool counts_progress) {
    Input& input = inputs_[index];
    input.decoded = decoded;
    auto head = read_head(source, head_size);
    if (!head) return note(index, {"note.unreadable", {head.error().message}});
    if (head->empty()) return note(index, {"note.empty", {}});
    if (counts_progress) control_.bytes_done += head->size();
    if (is_utf16(*head)) {
      input.decoded = true;
      input.notes.push_back({"note.utf16", {}});
      Rejoined raw(head->substr(2), source);
      Utf16Source utf8(raw, head->front() == '\xfe');
      auto decoded_head = read_head(utf8, head_size);
      if (!decoded_head) return note(index, {"note.unreadable", {decoded_head.error().message}});
      Rejoined text(*decoded_head, utf8);
      return records(index, *decoded_head, text, 0, counts_progress);
    }
    const std::size_t bom = head->starts_with("\xef\xbb\xbf") ? 3 : 0;
    if (is_binary(*head)) return note(index, {"note.binary", {}});
    Rejoined text(head->substr(bom), source);
    records(index, head->substr(bom), text, bom, counts_progress);
  }

  /// `base`: bytes of the exhibit before the first one of `source`.
  void records(std::uint32_t index, std::string_view head, ByteSource& source, std::uint64_t base, bool counts_progress) {
    Input& input = inputs_[index];
    std::size_t skip = 0;
    recognise(head, input, skip);
    const auto cutter = formats::make_cutter(input.container);
    const bool lines = input.container == Container::lines;
    std::size_t capacity = block_size;
    std::size_t used = 0;
    auto bytes = buffer(capacity);
    bool last = false;
    std::uint64_t total = 0;
    int wraps = 0;
    int month = 0;
    std::string before;
    while (!control_.cancelled) {
      while (!last && used < capacity) {
        const auto got = source.read(bytes.get() + used, capacity - used);
        if (!got) {
          note(index, {"note.archive_damaged", {got.error().message}});
          last = true;
        } else if (*got == 0) {
          last = true;
        } else {
          used += *got;
          total += *got;
          if (counts_progress) control_.bytes_done += *got;
          if (total > max_member_bytes) {
            note(index, {"note.too_big", {}});
            last = true;
          }
        }
      }
      std::string_view view(bytes.get(), used);
      if (skip > 0) {
        const std::size_t drop = std::min(skip, used);
        std::memmove(bytes.get(), bytes.get() + drop, used - drop);
        used -= drop;
        base += drop;
        skip -= drop;
        view = {bytes.get(), used};
        if (!last && used < capacity) continue;
      }
      Block block;
      std::size_t cut = cutter->cut(view, last, block.spans);
      if (cut == 0 && block.spans.empty() && !last) {
        if (capacity < cutter->limit()) {
          capacity *= 2;
          auto larger = buffer(capacity);
          std::memcpy(larger.get(), bytes.get(), used);
          bytes = std::move(larger);
          continue;
        }
        cut = cutter->give_up(view, block.spans);
      }
      if (cut == 0 && last) break;
      block.input = index;
      block.offset = base;
      block.size = cut;
      block.year_wraps = wraps;
      block.month = month;
      block.before = before;
      if (lines) {
        count_years(view, block.spans, wraps, month);
        if (!block.spans.empty())
          before = view.substr(block.spans.back().offset, std::min<std::size_t>(block.spans.back().length, 64 * 1024));
      }
      // The rest moves to a new buffer; the block keeps the old one.
      const std::size_t rest = used - cut;
      const std::size_t next_capacity = rest + block_size / 2 > block_size ? std::max(capacity, rest) : block_size;
      auto next = buffer(next_capacity);
      std::memcpy(next.get(), bytes.get() + cut, rest);
      std::memset(bytes.get() + used, 0, padding);
      block.bytes = std::move(bytes);
      bytes = std::move(next);
      capacity = next_capacity;
      used = rest;
      base += cut;
      if (!queue_.push(std::move(block))) return;
      if (last && used == 0) break;
    }
  }

  static void count_years(std::string_view view, const std::vector<formats::Span>& spans, int& wraps, int& month) {
    std::uint32_t same = 0;
    for (const auto& span : spans) {
      // Lines of one month begin alike: only a change of the first three letters is looked at.
      std::uint32_t start = 0;
      if (span.length >= 4) std::memcpy(&start, view.data() + span.offset, 4);
      start &= 0x00ffffff;
      if (start == same) continue;
      same = start;
      const int here = LineCutter::month_of(view.substr(span.offset, span.length));
      if (here == 0) continue;
      wraps += LineCutter::year_turn(month, here);
      month = here;
    }
  }

  static constexpr std::size_t padding = 64;
  static std::unique_ptr<char[]> buffer(std::size_t capacity) { return std::make_unique_for_overwrite<char[]>(capacity + padding); }

  Inputs& inputs_;
  BlockQueue& queue_;
  ReadControl& control_;
  std::uint32_t source_ = 0;
};

}  // namespace

bool BlockQueue::push(Block block) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return blocks_.size() < capacity_ || closed_; });
  if (closed_) return false;
  blocks_.push_back(std::move(block));
  changed_.notify_all();
  return true;
}

bool BlockQueue::pop(Block& block) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return !blocks_.empty() || closed_; });
  if (blocks_.empty()) return false;
  block = std::move(blocks_.front());
  blocks_.pop_front();
  changed_.notify_all();
  return true;
}

void BlockQueue::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

Result<void> read_all(const std::vector<SourceFile>& sources, Inputs& inputs, BlockQueue& queue, ReadControl& control) {
  Reader reader(inputs, queue, control);
  for (std::uint32_t i = 0; i < sources.size(); ++i) {
    if (control.cancelled) return fail(ErrorCode::cancelled, "cancelled");
    reader.source(sources[i], i);
  }
  return {};
}

}  // namespace digue::analysis
