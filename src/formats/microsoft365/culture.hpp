#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

/// Dates as the exporting computer's culture writes them: 15/01/2024 10:11:12, 1/15/2024 10:11:12 AM, 15.01.2024 10:11:12.
namespace digue::formats::microsoft365 {

/// The clock values a text may mean, microseconds; those that are no date are absent.
struct DateReadings {
  std::optional<std::int64_t> year_first;  ///< ISO 8601 and its variants; reduced to UTC when the text names an offset
  std::optional<std::int64_t> day_first;
  std::optional<std::int64_t> month_first;
};

DateReadings read_date(std::string_view text);

/// How a written date stands to the record's own UTC time.
enum class DateOrder : std::uint8_t { unreadable, year_first, day_first, month_first, either, unmatched };
struct DateEvidence {
  DateOrder order = DateOrder::unreadable;
  bool shifted = false;  ///< whole quarters of an hour apart: a local clock
};

/// Compares with the record's UTC time; a local clock may stand up to 14 hours off, in quarters of an hour.
DateEvidence compare_dates(std::string_view text, std::int64_t utc);

}  // namespace digue::formats::microsoft365
