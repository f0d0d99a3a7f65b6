#include "worker/job.hpp"

#include <doctest/doctest.h>

using namespace digue;
using namespace digue::worker;

TEST_CASE("Jobs survive the way to the child") {
  Job job;
  job.sources = {{"/a\n\"b", "name", -1}, {"", "-", 7}};
  job.profile.own_domains = {"ch-exemple.fr"};
  job.profile.own_ranges = {*parse_range("192.0.2.0/24"), *parse_range("2001:db8::/32")};
  job.profile.zone = *Zone::named("Indian/Reunion");
  job.profile.year = 2025;
  job.profile.rosters = {{{"a@ch-exemple.fr"}, 1200, 480}};
  job.profile.aliases = {{"amartin", "a@ch-exemple.fr"}};
  job.profile.bare_domain = "ch-exemple.fr";
  job.profile.since = UtcMicros{-5};
  job.profile.own_probes = {{"a@ch-exemple.fr", *parse_ip("2001:db8::1"), 40123, {5}, {9}}};
  job.profile.pins = {{Pin::Kind::device, "Chrome on Windows", Pin::As::known_good, "seen with the user"}};
  job.threads = 3;
  job.all_accounts = true;
  job.streams = {Stream::json_en, Stream::events};
  job.excerpt = {"a.zip!b", 7, 512};
  const auto back = job_from_json(to_json(job));
  REQUIRE(back);
  CHECK(to_json(*back) == to_json(job));
  CHECK(back->sources[0].path == "/a\n\"b");
  CHECK(back->sources[1].fd == 7);
  CHECK(back->excerpt->path == "a.zip!b");
  CHECK(back->excerpt->size == 512);
  CHECK(back->profile.own_ranges[1].contains(*parse_ip("2001:db8::1")));
  CHECK(back->profile.rosters[0].to == 480);
  CHECK(back->profile.account_of("amartin") == "a@ch-exemple.fr");
  CHECK(back->profile.account_of("b.c-d") == "b.c-d@ch-exemple.fr");
  CHECK(back->profile.zone->name() == "Indian/Reunion");
  CHECK(back->profile.pins[0].as == Pin::As::known_good);
  REQUIRE(back->profile.own_probes.size() == 1);
  CHECK(to_text(back->profile.own_probes[0].ip) == "2001:db8::1");
  CHECK(back->profile.own_probes[0].port == 40123);
  CHECK(back->profile.own_probes[0].to == UtcMicros{9});
}

TEST_CASE("Broken jobs are refused") {
  for (const char* bad :
       {"", "[]", "{\"threads\":0}", "{\"threads\":1,\"streams\":[\"x\"]}", "{\"threads\":1,\"profile\":{\"own_ranges\":[\"x\"]}}",
        "{\"threads\":1,\"excerpt\":{\"path\":\"x\",\"offset\":0,\"size\":4000000}}",
        "{\"threads\":1,\"excerpt\":{\"path\":\"x\",\"offset\":-1,\"size\":4}}",
        "{\"threads\":1,\"profile\":{\"pins\":[{\"kind\":\"moon\",\"actor\":\"user\",\"value\":\"x\"}]}}"})
    CHECK_FALSE(job_from_json(bad));
}
