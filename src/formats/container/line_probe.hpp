#pragma once

#include <algorithm>
#include <cstdio>
#include <deque>
#include <filesystem>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/json/reader.hpp"
#include "formats/container/syslog.hpp"
#include "formats/format.hpp"

/// For tests of line formats: raw lines go through transport, format and joining; texts live as long as the probe.
namespace digue::formats {

class LineProbe final : public Sink {
 public:
  explicit LineProbe(const LineFormat& format) : format_(format), cutter_(json_) {}

  /// One raw line. `not_mine` also for lines of no transport and programs that the format does not claim.
  Status read(std::string_view raw) {
    auto& kept = lines_.emplace_back(raw);
    kept.append(JsonReader::padding, '\0');
    Line line;
    const Place place{0, static_cast<std::uint32_t>(raw.size()), offset_};
    offset_ += raw.size() + 1;
    cut = cutter_.cut(std::string_view(kept).substr(0, raw.size()), place, line);
    if (cut != Cut::line || !format_.claims(line.program)) return Status::not_mine;
    Context context{arena_, json_, tally_};
    const auto told = events.size() + pieces_;
    const auto status = format_.parse(line, context, *this).status;
    if ((events.size() + pieces_ > told) != (status == Status::event)) throw std::runtime_error("status and sink disagree");
    return status;
  }

  /// The one event of one line.
  Event only(std::string_view raw) {
    const auto before = events.size();
    if (read(raw) != Status::event || events.size() != before + 1) throw std::runtime_error("not one event: " + std::string(raw));
    return events.back();
  }

  /// What the fragments read so far give, message by message; `events` holds the result alone.
  void join() {
    events.clear();
    for (auto& [key, list] : fragments) {
      std::stable_sort(list.begin(), list.end(), [](const Event& a, const Event& b) { return a.time < b.time; });
      format_.join(list, arena_, *this);
    }
  }

  std::vector<Event> with(Activity activity) const {
    std::vector<Event> out;
    std::copy_if(events.begin(), events.end(), std::back_inserter(out), [&](const Event& event) { return event.activity == activity; });
    return out;
  }

  void event(const Event& event) override { events.push_back(event); }
  void fragment(std::string_view key, const Event& event) override {
    ++pieces_;
    fragments[std::string(key)].push_back(event);
  }

  Cut cut = Cut::nothing;
  std::vector<Event> events;
  std::map<std::string, std::vector<Event>> fragments;

 private:
  const LineFormat& format_;
  JsonReader json_;
  LineCutter cutter_;
  Arena arena_;
  Tally tally_{};
  std::deque<std::string> lines_;
  std::uint64_t offset_ = 0;
  std::size_t pieces_ = 0;
};

inline std::string ip_of(const Event& event) {
  return event.ip ? to_text(*event.ip) : std::string();
}

/// Lines of a public sample beside the project; none, with a visible note, when it is not there.
inline std::vector<std::string> sample_lines(const std::filesystem::path& name) {
  std::ifstream file(std::filesystem::path(DIGUE_SOURCE_DIR) / "../shared/samples" / name, std::ios::binary);
  if (!file) std::printf("skipped: no sample %s\n", name.c_str());
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

}  // namespace digue::formats
