#include "service/backup.hpp"

#include <doctest/doctest.h>

using namespace digue;
using namespace digue::service;

TEST_CASE("backup: a path goes through the archive and comes back, none leads out") {
  for (const std::string name :
       {"content/retention.yaml", "content/réflexe é.yaml", "events/00ff/3.sqlite", "documents/packages/1/2", "a%b"}) {
    CAPTURE(name);
    const auto path = archive_path(name);
    CHECK(path.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./%") == std::string::npos);
    CHECK(path_of_archive(path) == name);
  }
  for (const auto* path :
       {"../x", "a/../../x", "/etc/passwd", "a%2", "a%zz", "a%2e%2e/x", "%2E%2E/x", "a//b", "", "a\\b", "a b", "C%3A/x", "a%00b"}) {
    CAPTURE(path);
    CHECK_FALSE(path_of_archive(path));
  }
}
