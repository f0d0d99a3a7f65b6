#include <cstdint>
#include <string>

#include "base/json/value.hpp"
#include "exchange/bagit.hpp"
#include "invariant.hpp"
#include "service/backup.hpp"

using namespace digue;

/// A row that is taken in comes out again as it was; a path of an archive that is believed stays inside, and is written the same again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2 || size > 100'000) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (const auto path = service::path_of_archive(text)) {
    INVARIANT(bagit::is_safe_path(*path));
    INVARIANT(service::path_of_archive(service::archive_path(*path)) == path);
  }
  static const auto cases = store::open_sqlite_cases(":memory:").value();
  const auto tables = store::moved_tables();
  const auto& table = tables[data[0] % tables.size()];
  static_cast<void>(cases->write([&](store::CaseWriter& writer) -> Result<void> {
    constexpr const char* incident = "00112233445566aa";
    incident::Incident record;
    record.id = incident;
    if (table.name != "incidents")
      if (auto added = writer.add_incident(record); !added) return tl::make_unexpected(added.error());
    if (auto taken = writer.take_row(incident, table, text); !taken) return taken;
    std::string out;
    static_cast<void>(writer.incident_rows(incident, [&](const store::MovedTable& of, const std::string& json) -> Result<void> {
      if (of.name == table.name) out = json;
      return {};
    }));
    // Establishments come out with an incident that they are concerned by; open jobs stay; text in hex may be plain text.
    const auto given = json::parse(text, {.bytes = std::size_t{1} << 20, .depth = 4});
    INVARIANT(given);
    if (!out.empty() && text.find("\"hex\"") == std::string_view::npos) {
      auto expected = *given;
      if (table.name == "origin_keys") expected = json::parse(out).value();
      for (const auto& column : table.columns)
        if (column.kind == store::MovedColumn::Kind::bytes && expected.get_object()[column.name].is_string())
          expected.get_object()[column.name] = json::parse(out)->get_object()[column.name];
      INVARIANT(json::canonical(expected) == out);
    }
    return fail(ErrorCode::cancelled, "");  // nothing stays for the next input
  }));
  return 0;
}
