#include "service/edits.hpp"

#include <doctest/doctest.h>

using namespace digue;
using namespace digue::service;

TEST_CASE("an edit is refused when the record is not as its editor saw it") {
  const std::optional<UtcMicros> never;
  const std::optional<UtcMicros> then = UtcMicros{5};
  CHECK(check_based_on(BasedOn{never}, never, ""));
  CHECK(check_based_on(BasedOn{then}, then, "B. Diop"));
  CHECK(check_based_on(BasedOn{}, then, "B. Diop"));
  for (const auto& [seen, is] : {std::pair(never, then), std::pair(then, never), std::pair(then, std::optional(UtcMicros{6}))}) {
    const auto refused = check_based_on(BasedOn{seen}, is, "B. Diop");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::conflict);
    CHECK(refused.error().where == "based_on");
    CHECK(refused.error().message.find("B. Diop") != std::string::npos);
    CHECK_FALSE(refused.error().help.empty());
  }
}
