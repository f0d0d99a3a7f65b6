#include "service/platforms.hpp"

#include "service/containment_test.hpp"

using namespace digue;
using namespace digue::service;
using namespace digue::service::testing;

TEST_CASE("platforms: nobody writes over settings that they have not seen, nor makes a platform another") {
  Bench bench;
  const containment::Maker other{"other", {}, {{"url"}}, maker.make};
  const std::array<const containment::Maker*, 2> both{&maker, &other};
  Platforms platforms(*bench.context, KeyFile::open(bench.folder + "/platforms.key", {1, std::uint64_t{1} << 20}).value(), both);
  const auto set = [&](const Caller& caller, const std::string& kind, const char* url, const BasedOn& based_on) {
    return platforms.put(caller, {"mail", kind, {{"url", url}}, {}, based_on});
  };
  const auto seen = platforms.list()->front().changed;

  const auto taken = set(bench.pilot, "test", "a", BasedOn{std::optional<UtcMicros>()});
  REQUIRE_FALSE(taken);
  CHECK(taken.error().code == ErrorCode::conflict);
  CHECK(taken.error().message.find("mail") != std::string::npos);
  const auto turned = set(bench.pilot, "other", "a", BasedOn{seen});
  REQUIRE_FALSE(turned);
  CHECK(turned.error().where == "kind");

  const auto mine = set(bench.second, "test", "theirs", BasedOn{seen});
  REQUIRE(mine);
  CHECK(mine->secrets == std::vector<std::string>{"key"});
  const auto late = set(bench.pilot, "test", "mine", BasedOn{seen});
  REQUIRE_FALSE(late);
  CHECK(late.error().where == "based_on");
  CHECK(late.error().message.find("B. Diop") != std::string::npos);
  CHECK(platforms.list()->front().settings.at("url") == "theirs");

  REQUIRE(platforms.remove(bench.pilot, "mail"));
  CHECK(set(bench.second, "test", "theirs", BasedOn{mine->changed}).error().code == ErrorCode::not_found);
  CHECK(set(bench.second, "other", "theirs", BasedOn{std::optional<UtcMicros>()}));
}
