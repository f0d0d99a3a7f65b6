#pragma once

#include <cstddef>
#include <string_view>

namespace digue::formats {

/// True when an input's beginning is a dump of forwarded syslog datagrams that were written one behind the other without line ends: it
/// starts with "<PRI>" and a time, and more such headers stand amid lines than at their starts. A header amid a line of any other input is
/// somebody's text (a user name, a HELO) and no record.
bool is_glued(std::string_view first_kilobytes);

/// Where the next "<PRI>" with a time behind it stands, from `from` on; npos when there is none. Unless the text is `whole`, headers in
/// its last 64 bytes are not seen: they may be cut off.
std::size_t next_glued(std::string_view text, std::size_t from, bool whole);

}  // namespace digue::formats
