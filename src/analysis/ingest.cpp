#include "analysis/ingest.hpp"

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

#include "base/json/reader.hpp"
#include "base/text.hpp"
#include "formats/container/syslog.hpp"
#include "formats/format.hpp"

namespace digue::analysis {

namespace {

using formats::Container;
using formats::Parsed;
using formats::Status;

std::size_t spread(std::string_view text) {
  return std::hash<std::string_view>{}(text);
}

/// Writes what a format emits into the spill and notes what the input's clock needs.
class RecordSink final : public formats::Sink {
 public:
  RecordSink(Spill& spill, AccountNames& names) : writer_(spill, all_partitions), names_(names) {}

  void start(BlockReport& report) {
    report_ = &report;
    first_ = true;
  }
  Result<void> finish() { return writer_.flush(); }
  const Result<void>& status() const { return status_; }

  void event(const Event& event) override {
    clock(event);
    keep(route(writer_, names_, std::exchange(first_, false), event));
  }

  void fragment(std::string_view join_key, const Event& event) override {
    clock(event);
    key_.assign(1, static_cast<char>(format_)).append(join_key);
    keep(writer_.add(fragment_partition(key_), key_, std::exchange(first_, false), event));
  }
  /// Position in line_formats() of the format that speaks: the joiner of its fragments.
  void speak_for(std::size_t format) { format_ = format; }

 private:
  void keep(Result<void> result) {
    if (!result && status_) status_ = std::move(result);
  }

  void clock(const Event& event) {
    domain(event);
    if (event.basis == TimeBasis::utc) {
      if (!report_->latest_dated || event.time > *report_->latest_dated) report_->latest_dated = event.time;
      return;
    }
    ++report_->zoneless;
    if (event.basis != TimeBasis::no_year) return;
    const int wraps = event.year_wraps;
    if (wraps > report_->max_wraps) {
      report_->max_wraps = wraps;
      report_->last_yearless = event.time;
    } else if (wraps == report_->max_wraps) {
      report_->last_yearless = std::max(report_->last_yearless, event.time);
    }
  }

  /// Attempts that fail tell nothing of who belongs to the house, nor do guests (#EXT#) and the platform's services.
  void domain(const Event& event) {
    if (event.account == last_account_ && report_ == last_report_) return;
    if (event.activity == Activity::sign_in && event.outcome != Outcome::success) return;
    const auto at = event.account.rfind('@');
    if (at == std::string_view::npos || at + 1 == event.account.size() || event.account.find('#') != std::string_view::npos) return;
    last_account_ = event.account;
    last_report_ = report_;
    auto& accounts = report_->domains[std::string(event.account.substr(at + 1))];
    if (accounts.size() < max_census) accounts.insert(spread(event.account));
  }

  static constexpr std::size_t max_census = 100'000;
  std::string last_account_, key_;
  const BlockReport* last_report_ = nullptr;
  std::size_t format_ = 0;
  SpillWriter writer_;
  AccountNamer names_;
  BlockReport* report_ = nullptr;
  bool first_ = true;
  Result<void> status_;
};

/// One thread's parsers.
class BlockParser {
 public:
  BlockParser(Spill& spill, AccountNames& names) : sink_(spill, names) {}

  Result<void> parse(const Block& block, const Input& input, BlockReport& report) {
    std::optional<formats::LineCutter> cutter;
    if (input.container == Container::lines) {
      cutter.emplace(json_, block.year_wraps, block.month);
      formats::Line unused;
      before_.assign(block.before).append(Arena::padding, '\0');
      if (!block.before.empty()) cutter->cut(std::string_view(before_).substr(0, block.before.size()), {}, unused);
    }
    for (const formats::Span& span : block.spans) {
      const Place place{block.input, static_cast<std::uint32_t>(span.length), block.offset + span.offset};
      if (span.problem != nullptr) {
        ++report.records;
        report.reject(place.offset, span.problem);
        continue;
      }
      const std::string_view text(block.bytes.get() + span.offset, span.length);
      arena_.clear();
      sink_.start(report);
      switch (input.container) {
        case Container::json_lines:
          json_line(text, place, report);
          break;
        case Container::json_values:
          json(text, place, report);
          break;
        case Container::csv:
          csv(text, place, input, report);
          break;
        case Container::lines:
          line(*cutter, text, place, report);
          break;
      }
      if (!sink_.status()) return sink_.status();
    }
    return {};
  }

  Result<void> finish() { return sink_.finish(); }

 private:
  void count(std::string_view format, Parsed parsed, const Place& place, BlockReport& report) {
    ++report.records;
    switch (parsed.status) {
      case Status::event:
      case Status::other:
        ++report.by_format[format];
        break;
      case Status::not_mine:
        report.reject(place.offset, "a record of no known format");
        break;
      case Status::malformed:
        report.reject(place.offset, std::string(parsed.reason));
        break;
    }
  }

  void json_line(std::string_view text, Place place, BlockReport& report) {
    std::string_view body = trim(text);
    if (body.starts_with('[')) body = trim(body.substr(1));
    while (body.ends_with(',') || (body.ends_with(']') && !body.starts_with('{'))) body = trim(body.substr(0, body.size() - 1));
    if (body.starts_with(',')) body = trim(body.substr(1));
    if (body.ends_with("}]")) body.remove_suffix(1);
    if (body.empty() || body == "\xef\xbb\xbf") return;
    place.offset += static_cast<std::uint64_t>(body.data() - text.data());
    place.length = static_cast<std::uint32_t>(body.size());
    json(body, place, report);
  }

  void json(std::string_view text, const Place& place, BlockReport& report) {
    // The format that knew the last record is asked first: a file rarely mixes them.
    const auto formats = formats::json_formats();
    for (std::size_t i = 0; i < formats.size(); ++i) {
      const std::size_t index = (likely_ + i) % formats.size();
      const auto* format = formats[index];
      formats::Context context{arena_, json_, report.tallies[format]};
      const Parsed parsed = format->parse(text, place, context, sink_);
      if (parsed.status == Status::not_mine) continue;
      likely_ = index;
      return count(format->id, parsed, place, report);
    }
    count({}, {Status::not_mine}, place, report);
  }

  void csv(std::string_view text, const Place& place, const Input& input, BlockReport& report) {
    if (!row_ || row_delimiter_ != input.delimiter) row_.emplace(row_delimiter_ = input.delimiter);
    if (!row_->split(text)) return count({}, {Status::malformed, "quotes that do not match"}, place, report);
    formats::Context context{arena_, json_, report.tallies[input.csv]};
    count(input.csv->id, input.csv->parse(row_->cells(), input.columns, place, context, sink_), place, report);
  }

  void line(formats::LineCutter& cutter, std::string_view text, const Place& place, BlockReport& report) {
    formats::Line line;
    switch (cutter.cut(text, place, line)) {
      case formats::Cut::nothing:
        return;
      case formats::Cut::malformed:
        return count({}, {Status::malformed, cutter.reason()}, place, report);
      case formats::Cut::line:
        break;
    }
    if (line.offset != 0) report.note_offset(line.offset, line.time);
    const auto formats = formats::line_formats();
    for (std::size_t i = 0; i < formats.size(); ++i) {
      const auto* format = formats[i];
      if (!format->claims(line.program)) continue;
      sink_.speak_for(i);
      formats::Context context{arena_, json_, report.tallies[format]};
      const Parsed parsed = format->parse(line, context, sink_);
      if (parsed.status != Status::not_mine) return count(format->id, parsed, place, report);
    }
    ++report.records;  // another program's line: well-formed, of no interest
    ++report.other;
  }

  Arena arena_;
  JsonReader json_;
  RecordSink sink_;
  std::optional<formats::CsvRow> row_;
  char row_delimiter_ = 0;
  std::size_t likely_ = 0;
  std::string before_;
};

}  // namespace

std::size_t account_partition(std::string_view account) {
  return spread(account) % account_partitions;
}

std::size_t source_partition(const IpAddress& ip) {
  return account_partitions + spread({reinterpret_cast<const char*>(ip.bytes.data()), ip.bytes.size()}) % source_partitions;
}

std::size_t fragment_partition(std::string_view join_key) {
  return account_partitions + source_partitions + spread(join_key) % fragment_partitions;
}

namespace {

Result<void> add(SpillWriter& writer, bool primary, const Event& event) {
  if (auto added = writer.add(account_partition(event.account), event.account, primary, event); !added) return added;
  if (event.activity != Activity::sign_in || !event.ip) return {};
  Event attempt = event;
  attempt.fields_used = 0;
  for (const Field field : {Field::error_code, Field::attempts, Field::country}) attempt.set(field, event.get(field));
  return writer.add(source_partition(*event.ip), {reinterpret_cast<const char*>(event.ip->bytes.data()), event.ip->bytes.size()}, false,
                    attempt);
}

}  // namespace

Result<void> route(SpillWriter& writer, AccountNamer& names, bool primary, const Event& event) {
  if (!names.any()) return add(writer, primary, event);
  const auto account = names.account_of(event.account);
  const auto target = names.alias_of(event.get(Field::target)), trustee = names.alias_of(event.get(Field::trustee));
  if (account == event.account && target.empty() && trustee.empty()) return add(writer, primary, event);
  Event named = event;
  named.account = account;
  if (!target.empty()) named.set(Field::target, target);
  if (!trustee.empty()) named.set(Field::trustee, trustee);
  return add(writer, primary, named);
}

Result<void> parse_blocks(BlockQueue& queue, Inputs& inputs, Spill& spill, AccountNames& names) {
  BlockParser parser(spill, names);
  Block block;
  while (queue.pop(block)) {
    BlockReport report;
    const auto parsed = parser.parse(block, inputs[block.input], report);
    inputs.merge(block.input, report);
    if (!parsed) {
      queue.close();
      return parsed;
    }
  }
  return parser.finish();
}

}  // namespace digue::analysis
