#include "base/result.hpp"

#include <doctest/doctest.h>

using namespace digue;

TEST_CASE("an error on one line has one full stop after each of its sentences") {
  const auto line = [](std::string message, std::string where, std::string help) {
    return to_text({ErrorCode::io, std::move(message), std::move(where), std::move(help)});
  };
  CHECK(line("cannot be read", "mail.log", "Check its rights.") == "cannot be read (mail.log). Check its rights.");
  CHECK(line("It cannot be read.", "mail.log", "Check its rights.") == "It cannot be read (mail.log). Check its rights.");
  CHECK(line("It cannot be read.", "mail.log", "") == "It cannot be read (mail.log).");
  CHECK(line("It cannot be read.", "", "Check its rights.") == "It cannot be read. Check its rights.");
  CHECK(line("cannot be read", "", "") == "cannot be read");
}
