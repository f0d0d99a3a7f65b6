#include "cli/profile.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

using namespace digue;

namespace {

Result<Profile> read(const std::string& text) {
  const auto path = std::filesystem::temp_directory_path() / ("digue-profile-" + std::to_string(::getpid()) + ".yaml");
  std::ofstream(path) << text;
  auto profile = cli::read_profile(path.string());
  std::filesystem::remove(path);
  return profile;
}

}  // namespace

TEST_CASE("profile: every key of an establishment") {
  const auto profile = read(
      "own_domains: [CH-Exemple.fr]\nown_ranges: [192.0.2.0/24]\ntrusted_mail_servers: [198.51.100.7]\nzone: Indian/Reunion\nyear: 2026\n"
      "rosters:\n  - {accounts: [Urgences@ch-exemple.fr], hours: \"20:00-08:00\"}\n  - accounts: [garde@ch-exemple.fr]\n    hours: "
      "00:00-24:00\n");
  REQUIRE(profile);
  CHECK(profile->is_own_address("a@ch-exemple.fr"));
  CHECK(profile->own_ranges.size() == 2);
  CHECK(profile->own_ranges[1].contains(*parse_ip("198.51.100.7")));
  CHECK(profile->zone->name() == "Indian/Reunion");
  REQUIRE(profile->rosters.size() == 2);
  const auto& night = profile->rosters[0];
  CHECK(night.covers("urgences@ch-exemple.fr", 23 * 60));
  CHECK(night.covers("urgences@ch-exemple.fr", 7 * 60 + 59));
  CHECK_FALSE(night.covers("urgences@ch-exemple.fr", 8 * 60));
  CHECK_FALSE(night.covers("garde@ch-exemple.fr", 23 * 60));
  CHECK(profile->rosters[1].covers("garde@ch-exemple.fr", 12 * 60));
}

TEST_CASE("profile: other names of an account, which several people cannot share") {
  const auto profile = read(
      "bare_domain: CH-Exemple.fr\naliases:\n  - {account: Camille.Martin@ch-exemple.fr, names: [CMartin, 'ch\\camille']}\n"
      "  - {account: x@y.fr, names: [n, m]}\n");
  REQUIRE(profile);
  CHECK(profile->account_of("cmartin") == "camille.martin@ch-exemple.fr");
  CHECK(profile->account_of("ch\\camille") == "camille.martin@ch-exemple.fr");
  CHECK(profile->account_of("marie") == "marie@ch-exemple.fr");
  CHECK(profile->account_of("marie@elsewhere.fr") == "marie@elsewhere.fr");
  CHECK(profile->account_of("nt authority\\system") == "nt authority\\system");
  CHECK(profile->account_of("") == "");
  CHECK(read("aliases:\n  - {account: a, names: [n]}\n  - {account: b, names: [n]}\n").error().where.find(":3:") != std::string::npos);
  for (const char* bad : {"aliases: x\n", "aliases: [x]\n", "aliases: [{account: a}]\n", "bare_domain: '@x.fr'\n", "bare_domain: [a.fr]\n"})
    CHECK_FALSE(read(bad));
}

TEST_CASE("profile: what is wrong is named with its line") {
  for (const char* hours : {"20-08", "25:00-08:00", "20:60-08:00", "24:01-08:00", "20:00 08:00", ""}) {
    const auto bad = read("year: 2026\nrosters:\n  - accounts: [a@b.fr]\n    hours: \"" + std::string(hours) + "\"\n");
    REQUIRE_FALSE(bad);
    CHECK(bad.error().where.find(":4:") != std::string::npos);
    CHECK(bad.error().help.find("20:00-08:00") != std::string::npos);
  }
  CHECK(read("own_domain: [x]\n").error().message.find("own_domain") != std::string::npos);
  CHECK_FALSE(read("rosters: [{accounts: [a@b.fr]}]\n"));
  CHECK_FALSE(read("trusted_mail_servers: [mx1]\n"));
}

TEST_CASE("profile: names that lead on to others are settled, in a circle too") {
  Profile profile;
  profile.aliases = {{"b", "a@x.fr"}, {"c", "b"}, {"d", "e"}, {"e", "f"}, {"f", "d"}, {"g", "e"}, {"h", "h"}};
  profile.settle_aliases();
  CHECK(profile.account_of("c") == "a@x.fr");
  for (const char* name : {"d", "e", "f", "g"}) CHECK(profile.account_of(name) == "d");
  CHECK(profile.account_of("h") == "h");
}

TEST_CASE("profile: only people's names get a domain") {
  Profile profile;
  profile.bare_domain = "x.fr";
  for (const char* name : {"marie", "m.durand-2", "uf_1204"}) CHECK(profile.account_of(name) == std::string(name) + "@x.fr");
  for (const char* name : {"", "marie@y.fr", "nt authority\\system", "s-1-5-18", "192.0.2.1", "0123", "serviceprincipal_a1",
                           "00000003-0000-0ff1-ce00-000000000000"})
    CHECK(profile.account_of(name) == name);
  CHECK(profile.account_of(std::string(65, 'a')) == std::string(65, 'a'));
}
