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
