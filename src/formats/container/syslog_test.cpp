#include "formats/container/syslog.hpp"

#include <doctest/doctest.h>

#include <deque>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/json/reader.hpp"
#include "base/time.hpp"

using namespace digue;
using namespace digue::formats;

namespace {

std::int64_t at(std::string_view iso) {
  const auto parsed = parse_iso8601(iso);
  REQUIRE(parsed);
  return parsed->civil - parsed->offset_minutes.value_or(0) * micros_per_minute;
}

/// Keeps the lines readable, padded as the reader does.
struct Cutting {
  explicit Cutting(int wraps = 0, int month = 0) : cutter(json, wraps, month) {}
  Cut operator()(std::string_view raw) {
    auto& kept = lines.emplace_back(raw);
    kept.append(JsonReader::padding, '\0');
    const Place place{0, static_cast<std::uint32_t>(raw.size()), offset};
    offset += raw.size() + 1;
    return cutter.cut(std::string_view(kept).substr(0, raw.size()), place, line);
  }
  JsonReader json;
  LineCutter cutter;
  std::deque<std::string> lines;
  std::uint64_t offset = 0;
  Line line;
};

std::string sample(const char* name) {
  const std::filesystem::path path = std::filesystem::path(DIGUE_SOURCE_DIR) / "../shared/samples" / name;
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    MESSAGE("skipped: no sample " << name);
    return {};
  }
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t start = 0; start < text.size();) {
    const auto end = std::min(text.find('\n', start), text.size());
    lines.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return lines;
}

}  // namespace

TEST_CASE("syslog: RFC 3164, day padded with a blank, a zero or not at all, with and without PRI") {
  for (const char* raw : {"Sep  8 07:46:30 mx1 postfix/smtpd[812]: connect from unknown[192.0.2.7]",
                          "Sep 08 07:46:30 mx1 postfix/smtpd[812]: connect from unknown[192.0.2.7]",
                          "Sep 8 07:46:30 mx1 postfix/smtpd[812]: connect from unknown[192.0.2.7]",
                          "<22>Sep  8 07:46:30 mx1 postfix/smtpd[812]: connect from unknown[192.0.2.7]",
                          "\xef\xbb\xbfSep  8 07:46:30 mx1 postfix/smtpd[812]: connect from unknown[192.0.2.7]\r"}) {
    Cutting cut;
    CAPTURE(raw);
    REQUIRE(cut(raw) == Cut::line);
    CHECK(cut.line.basis == TimeBasis::no_year);
    CHECK(cut.line.time == at("2000-09-08T07:46:30"));
    CHECK(cut.line.host == "mx1");
    CHECK(cut.line.program == "postfix/smtpd");
    CHECK(cut.line.message == "connect from unknown[192.0.2.7]");
    CHECK(cut.line.year_wraps == 0);
    CHECK(cut.line.repeats == 1);
  }
}

TEST_CASE("syslog: RFC 3164 with a year names no zone and counts no turns") {
  for (const char* raw :
       {"Sep  8 2024 07:46:30 mx1 dovecot: x", "2024 Sep  8 07:46:30 mx1 dovecot: x", "Sep  8 07:46:30 2024 mx1 dovecot: x"}) {
    Cutting cut;
    CAPTURE(raw);
    REQUIRE(cut(raw) == Cut::line);
    CHECK(cut.line.basis == TimeBasis::no_zone);
    CHECK(cut.line.time == at("2024-09-08T07:46:30"));
    CHECK(cut.line.host == "mx1");
    CHECK(LineCutter::month_of(raw) == 0);
  }
}

TEST_CASE("syslog: fractions, 29 February, impossible dates") {
  Cutting cut;
  REQUIRE(cut("Mar 23 23:01:18.123 mx1 a[1]: x") == Cut::line);
  CHECK(cut.line.time == at("2000-03-23T23:01:18.123"));
  REQUIRE(cut("Feb 29 01:15:43 mx1 a: x") == Cut::line);
  CHECK(cut.line.time == at("2000-02-29T01:15:43"));
  CHECK(cut("Feb 30 01:15:43 mx1 a: x") == Cut::malformed);
  CHECK(cut("MMM 22 07:54:32 mx1 a: x") == Cut::malformed);
  CHECK(cut("Sep 22 25:54:32 mx1 a: x") == Cut::malformed);
  CHECK_FALSE(cut.cutter.reason().empty());
}

TEST_CASE("syslog: RFC 5424 with structured data, nil parts, byte-order mark, missing time") {
  Cutting cut;
  REQUIRE(cut("<22>1 2021-03-06T04:07:38.251122+01:00 mx1 postfix/qmgr 77 - - 4F2: removed") == Cut::line);
  CHECK(cut.line.basis == TimeBasis::utc);
  CHECK(cut.line.time == at("2021-03-06T03:07:38.251122Z"));
  CHECK(cut.line.host == "mx1");
  CHECK(cut.line.program == "postfix/qmgr");
  CHECK(cut.line.message == "4F2: removed");
  REQUIRE(cut("<22>1 2021-03-06T04:07:38Z - dovecot - ID47 [a@1 k=\"v ] \\\" x\"][b@2] \xef\xbb\xbfimap-login: Login: user=<a>") ==
          Cut::line);
  CHECK(cut.line.host.empty());
  CHECK(cut.line.program == "dovecot");
  CHECK(cut.line.message == "imap-login: Login: user=<a>");
  CHECK(cut("<22>1 - mx1 dovecot - - - x") == Cut::malformed);
  CHECK(cut("<22>1 2021-03-06T04:07:38Z mx1 dovecot - - [open x") == Cut::malformed);
}

TEST_CASE("syslog: rsyslog's ISO file format, with and without offset") {
  Cutting cut;
  REQUIRE(cut("2024-08-26T01:33:38.572449+02:00 mx1 postfix/smtpd[60203]: x") == Cut::line);
  CHECK(cut.line.basis == TimeBasis::utc);
  CHECK(cut.line.time == at("2024-08-25T23:33:38.572449Z"));
  CHECK(cut.line.host == "mx1");
  REQUIRE(cut("2024-08-26T01:33:38+0200 mx1 postfix/smtpd[60203]: x") == Cut::line);
  CHECK(cut.line.time == at("2024-08-25T23:33:38Z"));
  REQUIRE(cut("2019-06-14T10:40:20.912134 mx1 sudo: x") == Cut::line);
  CHECK(cut.line.basis == TimeBasis::no_zone);
  CHECK(cut.line.time == at("2019-06-14T10:40:20.912134"));
}

TEST_CASE("syslog: Dovecot's own file has no host, its services stay in the message") {
  Cutting cut;
  for (const char* raw : {"Sep 13 00:03:15 imap-login: Info: Login: user=<a>", "2013-09-13 00:03:15 imap-login: Info: Login: user=<a>",
                          "@40000000523256cd077a9e94 imap-login: Info: Login: user=<a>"}) {
    CAPTURE(raw);
    REQUIRE(cut(raw) == Cut::line);
    CHECK(cut.line.host.empty());
    CHECK(cut.line.program == "dovecot");
    CHECK(cut.line.message == "imap-login: Info: Login: user=<a>");
  }
  REQUIRE(cut("Aug 30 00:10:57 auth(info@ch-exemple.fr,192.0.2.110,sasl:login)<CvN>: Info: sql: x") == Cut::line);
  CHECK(cut.line.program == "dovecot");
  REQUIRE(cut("Jun 23 15:04:05 Info: imap-login: Login: user=<a>") == Cut::line);
  CHECK(cut.line.program == "dovecot");
  // A machine may be called like a service.
  REQUIRE(cut("Jun 23 15:04:05 auth dovecot: imap-login: Login: user=<a>") == Cut::line);
  CHECK(cut.line.host == "auth");
  CHECK(cut.line.program == "dovecot");
}

TEST_CASE("syslog: TAI64N labels count from 1970 plus ten seconds") {
  Cutting cut;
  REQUIRE(cut("@400000000000000a1dcd6500 imap-login: Info: x") == Cut::line);
  CHECK(cut.line.time == at("1970-01-01T00:00:00.5Z"));
  CHECK(cut.line.basis == TimeBasis::utc);
  CHECK(cut("@ffffffffffffffff1dcd6500 imap-login: Info: x") == Cut::malformed);
  CHECK(cut("@40000000zz00000a1dcd6500 imap-login: Info: x") == Cut::malformed);
}

TEST_CASE("journald JSON: text and byte-array messages, time in microseconds") {
  Cutting cut;
  REQUIRE(
      cut(R"({"__REALTIME_TIMESTAMP":"1709312400123456","_HOSTNAME":"mx1","SYSLOG_IDENTIFIER":"dovecot","MESSAGE":"imap-login: Login: user=<\u00e9@b>"})") ==
      Cut::line);
  CHECK(cut.line.time == 1709312400123456);
  CHECK(cut.line.basis == TimeBasis::utc);
  CHECK(cut.line.host == "mx1");
  CHECK(cut.line.program == "dovecot");
  CHECK(cut.line.message == "imap-login: Login: user=<\xc3\xa9@b>");
  REQUIRE(cut(R"({"MESSAGE":[82,233,10],"_COMM":"postfix/smtpd","__REALTIME_TIMESTAMP":"1709312400123456"})") == Cut::line);
  CHECK(cut.line.program == "postfix/smtpd");
  CHECK(cut.line.message == "R\xe9");
  CHECK(cut(R"({"MESSAGE":null,"__REALTIME_TIMESTAMP":"1709312400123456"})") == Cut::malformed);
  CHECK(cut(R"({"MESSAGE":"x","__REALTIME_TIMESTAMP":"12x"})") == Cut::malformed);
  CHECK(cut(R"({"MESSAGE":"x","__REALTIME_TIMESTAMP":"1709312400123456")") == Cut::malformed);
  CHECK(cut(R"({"Operation":"Send"})") == Cut::malformed);
  CHECK(cut(R"({"MESSAGE":[82,300],"__REALTIME_TIMESTAMP":"1709312400123456"})") == Cut::malformed);
}

TEST_CASE("docker json-file and Kubernetes CRI: the runtime's time, the inner names") {
  Cutting cut;
  REQUIRE(
      cut(R"({"log":"Sep 13 00:03:15 imap-login: Info: Login: user=\u003ca\u003e\n","stream":"stderr","time":"2024-03-01T17:00:00.123456789Z"})") ==
      Cut::line);
  CHECK(cut.line.time == at("2024-03-01T17:00:00.123456Z"));
  CHECK(cut.line.basis == TimeBasis::utc);
  CHECK(cut.line.program == "dovecot");
  CHECK(cut.line.message == "imap-login: Info: Login: user=<a>");
  REQUIRE(cut("2024-03-01T17:00:00.123456789Z stdout F Mar  1 17:00:00 mx1 postfix/smtpd[9]: connect from x") == Cut::line);
  CHECK(cut.line.time == at("2024-03-01T17:00:00.123456Z"));
  CHECK(cut.line.host == "mx1");
  CHECK(cut.line.program == "postfix/smtpd");
  REQUIRE(cut("2024-03-01T17:00:00.123456789Z stderr F imap-login: Login: user=<a>") == Cut::line);
  CHECK(cut.line.program == "dovecot");
}

TEST_CASE("last message repeated: the host's last line again, at the repeat line's time and place") {
  Cutting cut;
  REQUIRE(cut("Sep  8 07:46:30 mx1 dovecot: auth: sql(a,192.0.2.1): unknown user") == Cut::line);
  REQUIRE(cut("Sep  8 07:46:31 mx2 postfix/anvil[3]: other") == Cut::line);
  REQUIRE(cut("Sep  8 07:46:40 mx1 last message repeated 3 times") == Cut::line);
  CHECK(cut.line.host == "mx1");
  CHECK(cut.line.program == "dovecot");
  CHECK(cut.line.message == "auth: sql(a,192.0.2.1): unknown user");
  CHECK(cut.line.repeats == 3);
  CHECK(cut.line.time == at("2000-09-08T07:46:40"));
  CHECK(cut.line.place.offset == cut.lines[0].size() + cut.lines[1].size() - 2 * JsonReader::padding + 2);
  // BSD writes it without host: the last line of all.
  REQUIRE(cut("Sep  8 07:46:43: --- last message repeated 5 times ---") == Cut::line);
  CHECK(cut.line.host == "mx2");
  CHECK(cut.line.repeats == 5);
  REQUIRE(cut("Sep  8 07:46:50 mx1 dovecot: Last message 'auth: sql(a,192.0.2.' repeated 7 times, suppressed by syslog-ng on mx1") ==
          Cut::line);
  CHECK(cut.line.repeats == 7);
  CHECK(cut.line.message == "auth: sql(a,192.0.2.1): unknown user");
  CHECK(cut("Sep  8 07:46:50 mx3 last message repeated 2 times") == Cut::malformed);
}

TEST_CASE("message repeated N times with the text inside") {
  Cutting cut;
  REQUIRE(cut("2024-03-01T17:00:00+00:00 mx1 postfix/smtpd[9]: message repeated 4 times: [ warning: x[192.0.2.1]: y]") == Cut::line);
  CHECK(cut.line.repeats == 4);
  CHECK(cut.line.program == "postfix/smtpd");
  CHECK(cut.line.message == "warning: x[192.0.2.1]: y");
}

TEST_CASE("year-less dates over New Year: turns are counted, small steps back are not, a late line stays in the old year") {
  Cutting cut;
  const auto wraps = [&](const char* raw) {
    REQUIRE(cut(raw) == Cut::line);
    return cut.line.year_wraps;
  };
  CHECK(wraps("Dec 31 23:59:58 mx1 a: x") == 0);
  CHECK(wraps("Jan  1 00:00:01 mx1 a: x") == 1);
  CHECK(wraps("Dec 31 23:59:59 mx1 a: late") == 0);
  CHECK(wraps("Jan  1 00:00:02 mx1 a: x") == 1);
  CHECK(wraps("Mar  1 00:00:02 mx1 a: x") == 1);
  CHECK(wraps("Feb 28 23:59:59 mx1 a: small step back") == 1);
  CHECK(wraps("Nov  1 00:00:02 mx1 a: x") == 1);
  CHECK(wraps("Feb  1 00:00:02 mx1 a: x") == 2);
  CHECK(LineCutter::month_of("<22>Dec 31 23:59:58 mx1 a: x") == 12);
  CHECK(LineCutter::month_of("2024-01-01T00:00:00Z mx1 a: x") == 0);
  CHECK(LineCutter::year_turn(12, 1) == 1);
  CHECK(LineCutter::year_turn(1, 12) == -1);
  CHECK(LineCutter::year_turn(0, 12) == 0);
  CHECK(LineCutter::year_turn(6, 12) == 0);
  Cutting next(2, 12);
  REQUIRE(next("Jan  1 00:00:01 mx1 a: x") == Cut::line);
  CHECK(next.line.year_wraps == 3);
}

TEST_CASE("syslog: empty lines and continuations are no records, a lone text line is refused") {
  Cutting cut;
  CHECK(cut("") == Cut::nothing);
  CHECK(cut("   ") == Cut::nothing);
  CHECK(cut("\tbelongs to nothing") == Cut::malformed);
  CHECK(cut("Nov 18 01:15:20 mx1 a[1]: first line") == Cut::line);
  CHECK(cut("\tits second line") == Cut::nothing);
  CHECK(cut("with another line") == Cut::malformed);
  CHECK(cut("-- Boot 8f2d --") == Cut::nothing);
}

TEST_CASE("syslog is recognised by its lines") {
  CHECK(LineCutter::looks_like("Sep  8 07:46:30 mx1 dovecot: x\nSep  8 07:46:31 mx1 dovecot: y\nSep  8 07"));
  CHECK(LineCutter::looks_like("{\"log\":\"x\\n\",\"stream\":\"stdout\",\"time\":\"2024-03-01T17:00:00Z\"}\n"));
  CHECK(LineCutter::looks_like("Sep 13 00:03:15 imap-login: Info: Login: user=<a>"));
  CHECK_FALSE(LineCutter::looks_like(""));
  CHECK_FALSE(LineCutter::looks_like("{\"Operation\":\"Send\"}\n"));
  CHECK_FALSE(LineCutter::looks_like("RecordId,CreationDate,RecordType\n1,2024-03-01T17:00:00Z,2\n"));
  CHECK_FALSE(LineCutter::looks_like("2015-12-05 18:47:36,435 INFO  [qtp] [name=a;] security - cmd=Auth;\n"));
  CHECK_FALSE(LineCutter::looks_like("#Fields: date time c-ip\n2022-01-01 00:00:00 192.0.2.1 GET /owa\n"));
}

TEST_CASE("real samples: plaso, beats and crowdsec transports") {
  {
    Cutting cut;
    std::size_t good = 0, repeats = 0;
    const auto text = sample("plaso/syslog/syslog");
    CHECK((text.empty() || LineCutter::looks_like(text)));
    for (const auto& raw : lines_of(text)) {
      const auto answer = cut(raw);
      if (raw.starts_with("MMM")) {
        CHECK(answer == Cut::malformed);
      } else if (raw.starts_with('\t')) {
        CHECK(answer == Cut::nothing);
      } else {
        CAPTURE(raw);
        CHECK(answer == Cut::line);
        ++good;
        if (cut.line.repeats == 5) ++repeats;
      }
    }
    if (!text.empty()) {
      CHECK(good >= 10);
      CHECK(repeats == 1);
    }
  }
  {
    Cutting cut;
    const auto lines = lines_of(sample("plaso/syslog/syslog_rsyslog_SyslogProtocol23Format"));
    std::size_t refused = 0;
    for (const auto& raw : lines)
      if (cut(raw) == Cut::malformed) ++refused;
    if (!lines.empty()) CHECK(refused == 1);  // "with another line", without any mark
  }
  {
    Cutting cut;
    const auto lines = lines_of(sample("plaso/syslog/syslog_rsyslog"));
    if (!lines.empty()) {
      REQUIRE(cut(lines[0]) == Cut::line);
      CHECK(cut.line.time == at("2020-05-31T00:00:45.698463Z"));
      CHECK(cut.line.repeats == 76);
      CHECK(cut.line.message == "-- MARK --");
    }
  }
  {
    Cutting cut;
    const auto lines = lines_of(sample("beats/module/system/syslog/tz-offset.log"));
    if (lines.size() >= 3) {
      REQUIRE(cut(lines[0]) == Cut::line);
      CHECK(cut.line.time == at("1986-04-25T21:23:45.101Z"));
      CHECK(cut.line.host == "rmbkmonitor04");
      CHECK(cut.line.program == "shutdown");
      CHECK(cut.line.message == "shutting down for system halt");
      REQUIRE(cut(lines[2]) == Cut::line);
      CHECK(cut.line.basis == TimeBasis::no_zone);
      CHECK(cut.line.program == "sudo");
    }
  }
  {
    Cutting cut;
    for (const auto& raw : lines_of(sample("crowdsec/dovecot-logs/dovecot-logs.log"))) {
      CAPTURE(raw);
      REQUIRE(cut(raw) == Cut::line);
      CHECK(cut.line.program == "dovecot");
      CHECK((cut.line.host == "canyon" || cut.line.host == "mail" || cut.line.host == "mail2"));
    }
  }
}
