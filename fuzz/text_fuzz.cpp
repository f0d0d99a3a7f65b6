#include <cstdint>

#include "base/ip.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "invariant.hpp"
#include "report/css.hpp"
#include "store/postgres/dialect.hpp"

using namespace digue;

/// No sink lets through what could act there.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string page = html(text);
  INVARIANT(is_utf8(page) && page.find_first_of("<>\"'") == std::string::npos);
  for (const char c : terminal(text)) INVARIANT(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
  const std::string cell = csv_cell(text);
  INVARIANT(cell.size() >= 2 && cell.front() == '"' && cell.back() == '"' &&
            std::string_view("=+-@\t\r").find(cell[1]) == std::string_view::npos);
  INVARIANT(is_utf8(to_utf8_lossy(text)));
  const std::string stored = postgres::to_stored(text);
  INVARIANT(is_utf8(stored) && stored.find('\0') == std::string::npos && postgres::from_stored(stored) == text);
  const std::string style = report::css_string(text);
  INVARIANT(is_utf8(style) && style.find('"', 1) == style.size() - 1 && style.find_first_of("<>&\n") == std::string::npos);
  if (const auto ip = parse_client_address(text)) INVARIANT(parse_ip(to_text(*ip)) == ip);
  if (const auto time = parse_iso8601(text)) INVARIANT(parse_iso8601(to_iso8601(UtcMicros{time->civil})));
  return 0;
}
