#include "analysis/partition.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "analysis/event_order.hpp"

using namespace digue;
using namespace digue::analysis;

namespace {

Spilled record(std::string_view id, std::uint32_t input, std::uint64_t offset, bool own_id, std::string_view content = "x") {
  Spilled out;
  out.id = id_of({id});
  out.place = {input, 1, offset};
  out.own_id = own_id;
  out.primary = true;
  out.content = content;
  return out;
}

std::int64_t civil(const char* text) {
  return parse_iso8601(text)->civil;
}

}  // namespace

TEST_CASE("Duplicates: a record's own id is one event, whatever the input, and the richest copy stays") {
  std::unordered_map<std::uint32_t, Inputs::Loaded> loaded;
  const auto kept =
      without_duplicates({record("a", 0, 0, true, "short"), record("a", 1, 9, true, "much longer"), record("b", 1, 20, true)}, loaded);
  REQUIRE(kept.size() == 2);
  const auto a = std::find_if(kept.begin(), kept.end(), [](const Spilled& one) { return one.id == id_of({"a"}); });
  REQUIRE(a != kept.end());
  CHECK(a->content == "much longer");
  CHECK(loaded[0].duplicates == 1);
  CHECK(loaded[1].duplicates == 0);
}

TEST_CASE("Duplicates: two equal lines of one log are two events, the same log given twice adds none") {
  std::unordered_map<std::uint32_t, Inputs::Loaded> loaded;
  const auto once = without_duplicates({record("l", 0, 0, false), record("l", 0, 50, false)}, loaded);
  REQUIRE(once.size() == 2);
  CHECK(once[0].id != once[1].id);
  CHECK(loaded[0].duplicates == 0);
  const auto twice = without_duplicates(
      {record("l", 0, 0, false), record("l", 1, 0, false), record("l", 0, 50, false), record("l", 1, 50, false)}, loaded);
  REQUIRE(twice.size() == 2);
  CHECK(loaded[0].duplicates + loaded[1].duplicates == 2);
  // overlapping rotations: three in one, two in the other, are three
  const auto overlap = without_duplicates(
      {record("l", 0, 0, false), record("l", 0, 1, false), record("l", 1, 0, false), record("l", 1, 1, false), record("l", 1, 2, false)},
      loaded);
  CHECK(overlap.size() == 3);
}

TEST_CASE("Own probes: told by account, address and port or time; another's attempts from the same address stay what they are") {
  const auto ip = *parse_ip("127.0.0.1");
  const Profile::OwnProbe tried{"marie@ch-exemple.fr", ip, 48864, {100 * micros_per_second}, {120 * micros_per_second}};
  const Profile::OwnProbe step{"paul@ch-exemple.fr", ip, 0, {100 * micros_per_second}, {120 * micros_per_second}};
  Profile profile;
  profile.own_probes = {tried, step};
  const auto marked = [&](std::string_view account, std::int64_t second, std::string_view session, Outcome outcome) {
    const std::pair<Field, std::string_view> fields[] = {{Field::session, session}};
    Spilled event;
    event.time = second * micros_per_second;
    event.activity = Activity::sign_in;
    event.outcome = outcome;
    event.ip = ip;
    event.account = account;
    if (!session.empty()) event.fields = fields;
    std::vector<Spilled> events{event};
    mark_own_probes(events, Clock{}, profile);
    return events.front().activity == Activity::own_probe;
  };
  // Written by Dovecot 2.3 for a client of port 48864 and one of port 48870, both of 127.0.0.1.
  constexpr std::string_view ours = "c395sHhh4L5/AAAB", other = "G8OcsHhh5r5/AAAB";
  constexpr auto refused = Outcome::failure;
  CHECK(marked("marie@ch-exemple.fr", 110, ours, refused));
  CHECK(marked("marie@ch-exemple.fr", 400, ours, refused));  // a clock that differs
  CHECK_FALSE(marked("marie@ch-exemple.fr", 4000, ours, refused));
  CHECK_FALSE(marked("marie@ch-exemple.fr", 110, other, refused));
  CHECK_FALSE(marked("jean@ch-exemple.fr", 110, ours, refused));
  CHECK(marked("marie@ch-exemple.fr", 110, "", refused));
  CHECK_FALSE(marked("marie@ch-exemple.fr", 110, "", Outcome::success));
  CHECK_FALSE(marked("marie@ch-exemple.fr", 130, "", refused));
  CHECK(marked("paul@ch-exemple.fr", 110, other, Outcome::success));
  CHECK_FALSE(marked("paul@ch-exemple.fr", 130, other, Outcome::success));
}

TEST_CASE("Years: the last line's year is given, follows the dated inputs, or is the latest not in the future") {
  const auto year_of = [](std::optional<int> given, const char* dated, const char* last_line, const char* now) {
    Inputs inputs;
    inputs.add("mail.log", 0);
    BlockReport report;
    report.max_wraps = 0;
    report.last_yearless = civil(last_line);
    inputs.merge(0, report);
    settle_years(inputs, given, dated != nullptr ? std::optional(UtcMicros{civil(dated)}) : std::nullopt, UtcMicros{civil(now)});
    CHECK(inputs[0].notes.size() == 1);
    return *inputs[0].last_year;
  };
  CHECK(year_of(2019, nullptr, "2000-06-01T00:00:00", "2026-06-15T00:00:00") == 2019);
  CHECK(year_of(std::nullopt, "2024-01-03T00:00:00", "2000-12-31T00:00:00", "2026-06-15T00:00:00") == 2023);
  CHECK(year_of(std::nullopt, "2024-01-03T00:00:00", "2000-01-04T00:00:00", "2026-06-15T00:00:00") == 2024);
  CHECK(year_of(std::nullopt, nullptr, "2000-06-01T00:00:00", "2026-06-15T00:00:00") == 2026);
  CHECK(year_of(std::nullopt, nullptr, "2000-12-01T00:00:00", "2026-06-15T00:00:00") == 2025);
}

TEST_CASE("Clock: lines before the turn of the year belong to the year before, in the establishment's zone") {
  Inputs inputs;
  inputs.add("mail.log", 0);
  BlockReport report;
  report.max_wraps = 1;
  inputs.merge(0, report);
  inputs[0].last_year = 2026;
  const Clock clock{*Zone::named("Europe/Paris"), &inputs};
  Spilled line;
  line.basis = TimeBasis::no_year;
  line.time = civil("2000-12-31T23:30:00");
  CHECK(to_iso8601(clock.resolve(line)) == "2025-12-31T22:30:00Z");
  line.year_wraps = 1;
  line.time = civil("2000-07-01T02:00:00");
  CHECK(to_iso8601(clock.resolve(line)) == "2026-07-01T00:00:00Z");
  line.time = civil("2000-02-29T12:00:00");  // no such day in 2026
  CHECK(to_iso8601(clock.resolve(line)) == "2026-03-01T11:00:00Z");
}

TEST_CASE("Spill: events come back as they went, from memory and from the file") {
  const std::string long_text(90'000, 'x');
  for (const std::size_t memory : {std::size_t{1} << 20, std::size_t{0}}) {
    const auto fd = Spill::open_private_file();
    REQUIRE(fd);
    Spill spill(2, memory, *fd);
    SpillWriter writer(spill, 2);
    Event event;
    event.time = -5;
    event.activity = Activity::rule_create;
    event.outcome = Outcome::success;
    event.id = id_of({"e"});
    event.own_id = true;
    event.ip = parse_ip("2001:db8::7");
    event.place = {3, 70'000, std::uint64_t{1} << 40};
    event.account = "a@ch-exemple.fr";
    event.operation = "New-InboxRule";
    event.set(Field::rule_name, ".");
    event.set(Field::forward_to, long_text);
    REQUIRE(writer.add(1, "key", true, event));
    REQUIRE(writer.flush());
    const auto bytes = spill.load(1);
    REQUIRE(bytes);
    Arena arena;
    const auto back = decode(*bytes, arena);
    REQUIRE(back.size() == 1);
    CHECK(back[0].time == -5);
    CHECK(back[0].activity == Activity::rule_create);
    CHECK(back[0].id == event.id);
    CHECK(back[0].ip == event.ip);
    CHECK(back[0].place == event.place);
    CHECK(back[0].key == "key");
    CHECK(back[0].account == "a@ch-exemple.fr");
    REQUIRE(back[0].fields.size() == 2);
    CHECK(back[0].fields[0].second == ".");
    CHECK(back[0].fields[1].second.size() == 60'000);
    CHECK(spill.load(0)->empty());
    CHECK((spill.bytes_in_file() > 0) == (memory == 0));
  }
}

TEST_CASE("Event order: by time, then id, from memory and file alike") {
  for (const std::size_t memory : {std::size_t{1} << 20, std::size_t{4}}) {
    EventOrder order(memory, *Spill::open_private_file());
    const Id128 low{};
    Id128 high{};
    high.bytes[0] = 1;
    REQUIRE(order.add({2}, low, "third"));
    REQUIRE(order.add({1}, high, "second"));
    REQUIRE(order.add({1}, low, "first"));
    std::string out;
    REQUIRE(order.drain([&](std::string_view text) { out.append(text).push_back(' '); }));
    CHECK(out == "first second third ");
  }
}

TEST_CASE("Zones: logs that write an offset tell the zone of those that write none") {
  const std::int64_t winter = parse_iso8601("2026-01-15T12:00:00Z")->civil, summer = parse_iso8601("2026-07-15T12:00:00Z")->civil;
  const auto zone = [](const std::vector<std::pair<int, std::int64_t>>& offsets, bool& told) {
    Inputs inputs;
    const auto index = inputs.add("mail.log", 0);
    BlockReport report;
    for (const auto& [minutes, time] : offsets) report.note_offset(minutes, time);
    inputs.merge(index, report);
    return likely_zone(inputs, told).name();
  };
  bool told = true;
  CHECK(zone({}, told) == "Europe/Paris");
  CHECK_FALSE(told);
  CHECK(zone({{60, winter}, {120, summer}}, told) == "Europe/Paris");
  CHECK(told);
  CHECK(zone({{240, winter}}, told) == "Indian/Reunion");
  CHECK(told);
  CHECK(zone({{-240, summer}}, told) == "America/Martinique");
  CHECK(zone({{660, summer}}, told) == "Pacific/Noumea");
  CHECK(zone({{330, summer}}, told) == "Europe/Paris");
  CHECK_FALSE(told);
  CHECK(zone({{60, winter}, {240, winter}}, told) == "Europe/Paris");
  CHECK_FALSE(told);
}
