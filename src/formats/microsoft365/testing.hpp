#pragma once

#include <memory>
#include <string>
#include <vector>

#include "formats/format.hpp"

/// For the tests of the formats: parses one record and keeps what its views point at.
namespace digue::formats::testing {

struct Seen : Sink {
  std::vector<Event> events;
  void event(const Event& event) override { events.push_back(event); }
  void fragment(std::string_view, const Event&) override {}
};

class Trial {
 public:
  const Trial& json(const JsonFormat& format, std::string_view record) {
    parsed = format.parse(keep(record), Place{1, static_cast<std::uint32_t>(record.size()), 0}, context_, seen_);
    return *this;
  }

  const Trial& row(const CsvFormat& format, const std::vector<std::string>& header, const std::vector<std::string>& cells) {
    const std::vector<std::string_view> names(header.begin(), header.end());
    const std::vector<int> where = format.columns(names);
    std::vector<std::string_view> views;
    for (const auto& cell : cells) views.push_back(keep(cell));
    parsed = where.empty() ? Parsed{Status::not_mine} : format.parse(views, where, Place{1, 0, 0}, context_, seen_);
    return *this;
  }

  /// The last event; an empty one when there is none.
  const Event& event() const {
    static const Event none;
    return seen_.events.empty() ? none : seen_.events.back();
  }
  std::string_view operator[](Field field) const { return event().get(field); }
  std::size_t count() const { return seen_.events.size(); }
  std::string ip() const { return event().ip ? to_text(*event().ip) : "none"; }

  Parsed parsed;
  Tally tally{};

 private:
  std::string_view keep(std::string_view text) {
    texts_.push_back(std::make_unique<std::string>(std::string(text) + std::string(JsonReader::padding, ' ')));
    return std::string_view(*texts_.back()).substr(0, text.size());
  }

  Arena arena_;
  JsonReader json_;
  Seen seen_;
  std::vector<std::unique_ptr<std::string>> texts_;
  Context context_{arena_, json_, tally};
};

}  // namespace digue::formats::testing

namespace digue::formats {
extern const JsonFormat microsoft365_ual;
extern const CsvFormat microsoft365_ual_csv;
extern const JsonFormat entra_signin;
extern const CsvFormat entra_signin_csv;
extern const JsonFormat entra_audit;
}  // namespace digue::formats
