#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "formats/container/cutter.hpp"
#include "formats/container/glued_lines.hpp"

using namespace digue::formats;

TEST_CASE("glued syslog: a dump without line ends is told from a header that a client wrote into its name") {
  const std::string first = "<22>Sep  8 07:46:30 mx1 dovecot: imap-login: Login: user=<a>, rip=192.0.2.1, session=<x>";
  const std::string second = "<22>1 2024-08-26T01:33:38.572449+02:00 mx1 postfix/smtpd 9 - - connect from unknown[192.0.2.7]";
  const std::string dump = first + second + first + std::string(64, ' ');
  CHECK(is_glued(dump));
  CHECK(next_glued(dump, 0, false) == 0);
  CHECK(next_glued(dump, 1, false) == first.size());
  CHECK(next_glued(dump, first.size() + 1, false) == first.size() + second.size());
  CHECK(next_glued(dump, first.size() + second.size() + 1, false) == std::string::npos);
  const std::string hostile =
      "<22>Sep  8 07:46:30 mx1 dovecot: imap-login: Disconnected (auth failed, 1 attempts): user=<" + first + ">, rip=203.0.113.6\n";
  CHECK_FALSE(is_glued(first + "\n" + hostile + first + "\n" + std::string(64, ' ')));
  CHECK_FALSE(is_glued(first + "\n" + first + "\n" + std::string(64, ' ')));
  CHECK_FALSE(is_glued("Sep  8 07:46:30 mx1 a: b" + first + first));
  CHECK_FALSE(is_glued(""));
  // A header that the buffer's end may have cut is left for the next one.
  CHECK(next_glued(first + "<22>Sep  8 07:46:30 mx1", 1, false) == std::string::npos);
  CHECK(next_glued(first + "<22>Sep  8 07:46:30 mx1", 1, true) == first.size());
}

TEST_CASE("glued syslog: cut into records, in one buffer or byte by byte") {
  const std::string first = "<22>Sep  8 07:46:30 mx1 dovecot: imap-login: Login: user=<a>, rip=192.0.2.1, session=<x>";
  const std::string dump = first + first + first + first + "\n" + first + "<22>Sep  8 07:46:30 mx1 a: b";
  std::vector<std::string> whole;
  {
    const auto cutter = make_cutter(Container::lines);
    std::vector<Span> spans;
    CHECK(cutter->cut(dump, true, spans) == dump.size());
    for (const auto& span : spans) whole.push_back(dump.substr(span.offset, span.length));
  }
  CHECK(whole == std::vector<std::string>{first, first, first, first, first, "<22>Sep  8 07:46:30 mx1 a: b"});
  std::vector<std::string> pieces;
  const auto cutter = make_cutter(Container::lines);
  std::size_t start = 0;
  for (std::size_t size = first.size() * 3; start < dump.size(); ++size) {
    const bool last = size >= dump.size();
    const auto buffer = dump.substr(start, std::min(size, dump.size()) - start);
    std::vector<Span> spans;
    const auto used = cutter->cut(buffer, last, spans);
    for (const auto& span : spans) pieces.push_back(buffer.substr(span.offset, span.length));
    start += used;
    if (last && used == 0) break;
  }
  CHECK(pieces == whole);
}

TEST_CASE("glued syslog: line by line files keep a hostile header inside its record") {
  const std::string fake = "<22>Sep  8 07:46:30 mx1 dovecot: imap-login: Login: user=<victim>, rip=198.51.100.1, session=<x>";
  const std::string honest = "<22>Sep  8 07:46:30 mx1 postfix/anvil[3]: statistics";
  const std::string hostile =
      "<22>Sep  8 07:46:31 mx1 dovecot: imap-login: Disconnected (auth failed, 1 attempts): user=<" + fake + ">, rip=203.0.113.6";
  const std::string text = honest + "\n" + hostile + "\n" + honest + "\n";
  const auto cutter = make_cutter(Container::lines);
  std::vector<Span> spans;
  cutter->cut(text, true, spans);
  REQUIRE(spans.size() == 3);
  CHECK(text.substr(spans[1].offset, spans[1].length) == hostile);
}
