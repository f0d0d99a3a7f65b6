#include <algorithm>
#include <cstdint>
#include <string>

#include "connect/dovecot/mailbox.hpp"
#include "connect/dovecot/passdbs.hpp"
#include "connect/postfix/uses.hpp"
#include "connect/rspamd/lines.hpp"
#include "connect/rspamd/links.hpp"
#include "invariant.hpp"

using namespace digue;

namespace {

/// A line that is put into a map is found, and taken out again nothing else has changed.
void check_map(std::string_view line, std::string_view map) {
  const auto more = rspamd::with_line(map, line);
  INVARIANT(rspamd::without_line(more, line) == (map.empty() ? "\n" : map));
  const std::string key(line);
  if (!rspamd::is_sender(key)) return;
  const auto written = rspamd::written(key);
  INVARIANT(rspamd::key_of_line(written) == key);
  INVARIANT(rspamd::lines_of(rspamd::with_line(map, written), key).size() == rspamd::lines_of(map, key).size() + 1);
}

/// A key means itself: the link that is asked for it has no other, and a line of a map is read as it.
void check_link(std::string_view given) {
  const auto key = rspamd::key_of_link(given);
  if (!key) return;
  INVARIANT(rspamd::key_of_link(rspamd::link_of_key(*key)) == key);
  INVARIANT(key->find_first_of("\"\n") == std::string::npos && rspamd::key_of_line(rspamd::written(*key)) == *key);
  INVARIANT(!rspamd::host_of_key(*key).empty());
}

/// Whoever is read in a header wrote it; nobody else did, unless it cannot be taken apart.
void check_from(std::string_view header) {
  const auto writers = dovecot::addresses_of(header);
  for (const auto& one : writers) INVARIANT(dovecot::is_from(header, {one}));
  if (writers.empty()) INVARIANT(dovecot::is_from(header, {}));
}

}  // namespace

/// What mail systems answer, and what attackers put into the mails and maps that are read there.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto line = text.substr(0, text.find('\n'));
  const auto rest = text.substr(std::min(line.size() + 1, size));
  check_map(line, rest);
  check_link(line);
  check_from(text);
  const auto databases = dovecot::passdbs_of(text);
  INVARIANT(databases.size() <= size);
  INVARIANT(dovecot::others_than("/etc/dovecot/users", "alice@chu.example", databases).size() <= databases.size());
  for (const bool users : {false, true}) {
    const auto uses = connect::mta::uses_of(text, line, users);
    INVARIANT(!uses.asked || !uses.told.empty());
  }
  return 0;
}
