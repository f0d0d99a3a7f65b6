#include <doctest/doctest.h>

#include <filesystem>

#include "enrich/enricher.hpp"

using namespace digue;
using namespace digue::enrich;

TEST_CASE("Devices: families out of user agents") {
  CHECK(device_name("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0.0.0 Safari/537.36", "",
                    "", "") == "Chrome on Windows");
  CHECK(device_name("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0 Safari/537.36 Edg/114.0",
                    "", "", "") == "Edge on Windows");
  CHECK(device_name(
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_2 like Mac OS X) AppleWebKit/605.1 (KHTML, like Gecko) Version/17.2 Mobile Safari/604.1",
            "", "", "") == "Safari on iOS");
  CHECK(device_name("python-requests/2.31.0", "", "", "") == "python-requests");
  CHECK(device_name("", "Windows 10", "Chrome 114.0.0", "") == "Chrome on Windows");
  CHECK(device_name("", "Windows 10", "Other", "") == "Windows");
  CHECK(device_name("", "", "", "imap") == "imap");
  CHECK(device_name("", "", "", "").empty());
  CHECK(device_name("x\xff", "", "", "") == "x\xef\xbf\xbd");
}

TEST_CASE("Geography: MaxMind's own test databases") {
  const std::string folder = DIGUE_SOURCE_DIR "/../shared/samples/maxmind/test-data/";
  if (!std::filesystem::exists(folder)) {
    MESSAGE("skipped: no shared samples here");
    return;
  }
  const auto geo = GeoDatabase::open({folder + "GeoLite2-City-Test.mmdb", folder + "GeoLite2-ASN-Test.mmdb"});
  REQUIRE(geo);
  CHECK((*geo)->find(*parse_ip("81.2.69.142")).country == "GB");
  CHECK((*geo)->find(*parse_ip("2001:218::1")).country == "JP");
  CHECK((*geo)->find(*parse_ip("1.128.0.1")).network == "AS1221 Telstra Pty Ltd");
  CHECK((*geo)->find(*parse_ip("10.0.0.1")).country.empty());
  CHECK((*geo)->sources().size() == 2);
  CHECK_FALSE(GeoDatabase::open({DIGUE_SOURCE_DIR "/CMakeLists.txt"}));
}
