#include "store/postgres/target.hpp"

#include <doctest/doctest.h>

using namespace digue;
using namespace digue::postgres;

namespace {

std::string option(const std::string& uri, std::string_view keyword) {
  const auto target = Target::parse(uri);
  REQUIRE(target);
  for (const auto& [name, value] : target->options())
    if (name == keyword) return value;
  return {};
}

}  // namespace

TEST_CASE("postgres: a database is named by a URI") {
  CHECK(option("postgresql://digue@db.ch-exemple.example:5433/cases", "host") == "db.ch-exemple.example");
  CHECK(option("postgresql://digue@db.ch-exemple.example:5433/cases", "port") == "5433");
  CHECK(option("postgres:///cases", "dbname") == "cases");
  CHECK(option("postgresql:///cases?host=/run/postgresql", "host") == "/run/postgresql");
  CHECK(option("postgresql:///cases?connect_timeout=3", "connect_timeout") == "3");
  for (const auto* bad : {"", "cases.sqlite", "host=db dbname=cases", "mysql://db/cases", "postgresql://db/?nothing=1"})
    CHECK(Target::parse(bad).error().code == ErrorCode::usage);
}

TEST_CASE("postgres: a password on the command line is refused, and not repeated") {
  for (const auto* bad : {"postgresql://digue:s3cret@db/cases", "postgresql://digue:s3c/ret@db/cases",
                          "postgresql://db/cases?password=s3cret", "postgresql://digue:s3cret@db:x/cases"}) {
    const auto target = Target::parse(bad);
    REQUIRE_FALSE(target);
    CHECK(target.error().code == ErrorCode::usage);
    CHECK(to_text(target.error()).find("s3c") == std::string::npos);
  }
}

TEST_CASE("postgres: another machine is reached with TLS only") {
  for (const auto* here : {"postgresql:///c", "postgresql://localhost/c", "postgresql://127.0.0.1/c", "postgresql://[::1]/c",
                           "postgresql:///c?host=/run/postgresql"})
    CHECK(option(std::string(here) + (std::string_view(here).find('?') == std::string_view::npos ? "?" : "&") + "sslmode=disable",
                 "sslmode") == "disable");
  CHECK(option("postgresql://192.0.2.7/c", "sslmode") == "require");
  CHECK(option("postgresql://localhost,db.example/c", "sslmode") == "require");
  CHECK(option("postgresql://localhost/c?hostaddr=192.0.2.7", "sslmode") == "require");
  CHECK(option("postgresql://db.example/c?sslmode=prefer", "sslmode") == "require");
  CHECK(option("postgresql://db.example/c?sslmode=verify-full", "sslmode") == "verify-full");
  for (const auto* clear : {"postgresql://db.example/c?sslmode=disable", "postgresql://db.example/c?sslmode=allow"})
    CHECK(Target::parse(clear).error().code == ErrorCode::usage);
}
