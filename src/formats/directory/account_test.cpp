#include <doctest/doctest.h>

#include "formats/microsoft365/testing.hpp"

using namespace digue;
using namespace digue::formats;
using testing::Trial;

namespace digue::formats {
extern const JsonFormat directory_account;
}

namespace {

std::string record(std::string_view more) {
  return R"({"record":"digue.directory.account/1","blocked":false,"marks":["no password"],"name":"uid=support2,ou=people,dc=chu,dc=test",)" +
         std::string(more) + "}";
}

}  // namespace

TEST_CASE("directory account: its creation, as OpenLDAP and Active Directory write times") {
  Trial t;
  t.json(directory_account, record(R"("created":"20261130211204Z","creator":"cn=Gestion,dc=chu,dc=test","identity":"0000-1",
      "names":{"mail":["Support2@chu.test","autre@chu.test"],"uid":["support2"]},"groups":[{"group":"cn=a","direct":true}])"));
  REQUIRE(t.parsed.status == Status::event);
  CHECK(t.event().activity == Activity::account_create);
  CHECK(t.event().time == 1796073124000000);  // date -u -d '2026-11-30 21:12:04' +%s
  CHECK(t.event().account.empty());
  CHECK(t[Field::target] == "uid=support2,ou=people,dc=chu,dc=test");  // never the address that its author chose
  CHECK(t[Field::property] == "creatorsName");
  CHECK(t[Field::new_value] == "cn=Gestion,dc=chu,dc=test");
  CHECK(t.event().uid == "0000-1");
  const auto id = t.event().id;
  t.json(directory_account, record(R"("created":"20261130211204Z","identity":"0000-1","names":{"sAMAccountName":["x"]})"));
  CHECK(t.event().id == id);  // one account in two lists
  t.json(directory_account, record(R"("created":"20261130211204.0Z","identity":"0000-2","names":{"sAMAccountName":["Support2"]})"));
  CHECK(t.event().time == 1796073124000000);
  CHECK(t.event().id != id);
  CHECK(t[Field::property].empty());
}

TEST_CASE("directory account: what has no time is no event, what has a wrong one is rejected, another record is not ours") {
  Trial t;
  CHECK(t.json(directory_account, record(R"("created":"")")).parsed.status == Status::other);
  CHECK(t.json(directory_account, record(R"("identity":"x")")).parsed.status == Status::other);
  for (const auto* wrong : {"20261330211204Z", "2026113021120Z", "20261130211204+0100", "2026-11-30T21:12:04Z", "x"})
    CHECK(t.json(directory_account, record(R"("created":")" + std::string(wrong) + R"(")")).parsed.status == Status::malformed);
  CHECK(t.json(directory_account, R"({"record":"digue.directory.account/2","created":"20261130211204Z"})").parsed.status ==
        Status::not_mine);
  CHECK(t.json(directory_account, R"({"created":"20261130211204Z"})").parsed.status == Status::not_mine);
  CHECK(t.count() == 0);
}
