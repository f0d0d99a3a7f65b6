#include <doctest/doctest.h>

#include "formats/microsoft365/culture.hpp"
#include "formats/microsoft365/testing.hpp"

using namespace digue;
using namespace digue::formats;
using namespace digue::formats::microsoft365;
using testing::Trial;

namespace {

const std::vector<std::string> powershell{"RecordType",  "CreationDate", "UserIds",  "Operations", "AuditData",
                                          "ResultIndex", "ResultCount",  "Identity", "IsValid",    "ObjectState"};

std::string audit(std::string_view time) {
  return R"({"CreationTime":")" + std::string(time) + R"(","Id":"I-1","Operation":"Send","RecordType":2,"UserId":"a@ch-exemple.fr"})";
}

std::string joined(const std::vector<digue::Text>& texts) {
  std::string out;
  for (const auto& text : texts) {
    out += text.key;
    for (const auto& arg : text.args) out += " " + arg;
    out += "\n";
  }
  return out;
}

/// Notes of an export whose CreationDate cells are these, all of the given instant.
std::string notes_of(const std::vector<std::pair<std::string, std::string>>& date_and_utc) {
  Trial t;
  for (const auto& [date, utc] : date_and_utc) t.row(microsoft365_ual_csv, powershell, {"x", date, "u", "o", audit(utc), "1", "1", "I-1"});
  return joined(microsoft365_ual_csv.notes(t.tally));
}

}  // namespace

TEST_CASE("ual csv: every known header, in any order and case") {
  const auto accepted = [](const std::vector<std::string>& header, std::size_t at) {
    std::vector<std::string> cells(header.size(), "1");
    cells[at] = audit("2026-03-02T21:14:05");
    return Trial().row(microsoft365_ual_csv, header, cells).parsed.status;
  };
  CHECK(accepted(powershell, 4) == Status::event);
  CHECK(accepted({"\xef\xbb\xbfRecordId", "CreationDate", "RecordType", "Operation", "UserId", "AuditData", "AssociatedAdminUnits"}, 5) ==
        Status::event);
  CHECK(accepted({"CreationDate", "UserIds", "Operations", "AuditData"}, 3) == Status::event);
  CHECK(accepted({"AUDITDATA", "_raw", "_time", "CreationDate"}, 0) == Status::event);
  CHECK(accepted({"id", "createdDateTime", "auditLogRecordType", "operation", "clientIp", " auditData "}, 5) == Status::event);
  CHECK(accepted({"PSComputerName", "RunspaceId", "PSShowComputerName", "RecordType", "AuditData"}, 4) == Status::event);
  CHECK(accepted({"Date (UTC)", "Request ID"}, 0) == Status::not_mine);
}

TEST_CASE("ual csv: same event as the JSON record, with its own id") {
  Trial row;
  row.row(microsoft365_ual_csv, powershell, {"x", "3/2/2026 9:14:05 PM", "u", "o", audit("2026-03-02T21:14:05"), "1", "1", "I-1"});
  Trial json;
  json.json(microsoft365_ual, audit("2026-03-02T21:14:05"));
  CHECK(row.event().id == json.event().id);
  CHECK(row.event().time == json.event().time);
}

TEST_CASE("ual csv: damaged rows are rejected with their reason, a second header is skipped") {
  const auto parsed = [](const std::vector<std::string>& cells) { return Trial().row(microsoft365_ual_csv, powershell, cells).parsed; };
  CHECK(parsed({"x", "d"}).reason == "a row with too few cells");
  CHECK(parsed({"x", "d", "u", "o", " "}).reason == "AuditData is empty");
  CHECK(parsed({"x", "d", "u", "o", "[1]"}).reason == "AuditData is not a JSON object");
  CHECK(parsed({"x", "d", "u", "o", R"({"CreationTime":"2026)"}).status == Status::malformed);
  const std::string cut = R"({"CreationTime":"2026-03-02T21:14:05","Item":{"Subject":")" + std::string(32'767 - 57, 'x');
  CHECK(parsed({"x", "d", "u", "o", cut}).reason == "AuditData was cut: a spreadsheet keeps 32767 characters of a cell");
  CHECK(parsed(powershell).status == Status::other);
}

TEST_CASE("dates in the exporter's culture") {
  const std::int64_t utc = 1705313472000000;  // 2024-01-15T10:11:12Z
  const auto order = [utc](std::string_view text) { return compare_dates(text, utc).order; };
  CHECK(order("15/01/2024 10:11:12") == DateOrder::day_first);      // fr-FR
  CHECK(order("15.01.2024 10:11:12") == DateOrder::day_first);      // de-DE
  CHECK(order("15-01-2024 10:11") == DateOrder::day_first);         // nl-NL, without seconds
  CHECK(order("15/01/2024 10:11:12 am") == DateOrder::day_first);   // en-AU
  CHECK(order("1/15/2024 10:11:12 AM") == DateOrder::month_first);  // en-US
  CHECK(order("1/15/2024 10:11:12\u202f"
              "AM") == DateOrder::month_first);
  CHECK(order("1/15/2024, 10:11:12 a.m.") == DateOrder::month_first);
  CHECK(order("2024-01-15T10:11:12.0000000Z ") == DateOrder::year_first);  // Purview
  CHECK(order("2024/01/15 10:11:12") == DateOrder::year_first);
  CHECK(order("15/02/2024 10:11:12") == DateOrder::unmatched);
  CHECK(order("hier") == DateOrder::unreadable);
  CHECK(order("32/01/2024 10:11:12") == DateOrder::unreadable);
  CHECK(compare_dates("15/01/2024 11:11:12", utc).shifted);  // Paris in winter
  CHECK_FALSE(compare_dates("15/01/2024 10:11:12", utc).shifted);
  CHECK(compare_dates("4/02/2025 1:31:13 am", 1738632673000000).order == DateOrder::day_first);    // 2025-02-04T01:31:13Z
  CHECK(compare_dates("2/4/2025 12:00:00 PM", 1738670400000000).order == DateOrder::month_first);  // noon
  CHECK(compare_dates("2/4/2025 12:00:00 AM", 1738627200000000).order == DateOrder::month_first);  // midnight
  CHECK(compare_dates("05/05/2024 10:00:00", 1714903200000000).order == DateOrder::either);
}

TEST_CASE("ual csv: the culture is told from the file's own evidence") {
  const std::string french = notes_of({{"02/03/2026 21:14:05", "2026-03-02T21:14:05"}, {"03/03/2026 21:14:05", "2026-03-03T21:14:05"}});
  CHECK(french.find("culture.day_first 1 2") != std::string::npos);
  CHECK(french.find("culture.month_first") == std::string::npos);
  CHECK(notes_of({{"3/2/2026 9:14:05 PM", "2026-03-02T21:14:05"}}).find("culture.month_first 1 1") != std::string::npos);
  CHECK(notes_of({{"2026-03-02T21:14:05.0000000Z ", "2026-03-02T21:14:05"}}).find("culture.year_first") != std::string::npos);
  CHECK(notes_of({{"03/03/2026 21:14:05", "2026-03-03T21:14:05"}}).find("culture.either_order") != std::string::npos);
  CHECK(notes_of({{"02/03/2026 22:14:05", "2026-03-02T21:14:05"}}).find("culture.local_clock") != std::string::npos);
  CHECK(notes_of({{"", "2026-03-02T21:14:05"}}).empty());
}

TEST_CASE("ual csv: signs that the export was cut short") {
  const auto signs = [](const std::vector<std::pair<int, int>>& index_and_count, std::uint64_t records) {
    Trial t;
    for (const auto& [index, count] : index_and_count)
      t.row(microsoft365_ual_csv, powershell,
            {"x", "", "u", "o", audit("2026-03-02T21:14:05"), std::to_string(index), std::to_string(count), "I-1"});
    return joined(microsoft365_ual_csv.truncation_signs(t.tally, records));
  };
  CHECK(signs({{1, 2}, {2, 2}}, 2).empty());
  CHECK(signs({{1, 2}, {2, 2}, {1, 1}}, 3).empty());  // two searches
  CHECK(signs({{1, 44}, {2, 44}}, 2).find("cut.fewer_than_announced 44 2") != std::string::npos);
  CHECK(signs({{3, 44}}, 1).find("cut.middle_of_search") != std::string::npos);
  CHECK(signs({{44, 44}}, 1).find("cut.sets_without_end 0 1") != std::string::npos);
  CHECK(signs({{-1, 0}}, 1).find("cut.failed_search 1") != std::string::npos);
  CHECK(signs({}, 5000).find("cut.export_limit 5000") != std::string::npos);
  CHECK(signs({}, 50000).find("cut.export_limit 50000") != std::string::npos);
  CHECK(signs({}, 5001).empty());
  CHECK(signs({}, 0).empty());
}
