#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/json/reader.hpp"
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

/// A record of the fictional hospital with the keys every record has; `more` is put before the last brace.
inline std::string record(std::string_view operation, int type, std::string_view more,
                          std::string_view id = "11111111-2222-3333-4444-555555555555") {
  return R"({"CreationTime":"2026-03-02T21:14:05","Id":")" + std::string(id) + R"(","Operation":")" + std::string(operation) +
         R"(","OrganizationId":"0b0b0b0b-0000-4000-8000-000000000001","RecordType":)" + std::to_string(type) +
         R"(,"UserKey":"10037FFE","UserType":0,"Version":1,"Workload":"Exchange","UserId":"Claire.Martin@CH-Exemple.fr")" +
         (more.empty() ? "" : "," + std::string(more)) + "}";
}

/// A cmdlet's record, with its Parameters as JSON.
inline std::string cmdlet(std::string_view name, std::string_view parameters, std::string_view more = {}) {
  return record(name, 1,
                R"("ResultStatus":"True","ClientIP":"203.0.113.9:50123","Parameters":)" + std::string(parameters) +
                    (more.empty() ? "" : "," + std::string(more)));
}

}  // namespace digue::formats::testing

namespace digue::formats {
extern const JsonFormat microsoft365_ual;
extern const CsvFormat microsoft365_ual_csv;
extern const JsonFormat entra_signin;
extern const CsvFormat entra_signin_csv;
extern const JsonFormat entra_audit;
}  // namespace digue::formats
