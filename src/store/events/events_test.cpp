#include "store/events/events.hpp"

#include <doctest/doctest.h>

#include <filesystem>

#include "base/folder_test.hpp"

using namespace digue;
using namespace digue::store;
using digue::testing::Folder;

namespace {

EventRow row(std::int64_t second, std::string account, std::string operation, std::string session = "s1") {
  EventRow out;
  out.time = UtcMicros{second * micros_per_second};
  out.account = std::move(account);
  out.operation = std::move(operation);
  out.session = std::move(session);
  out.ocsf_class = 3002;
  out.activity = std::int64_t{1};
  out.ip = "198.51.100.23";
  out.actor = "attacker";
  out.confidence = 0.5;
  out.input = 2;
  out.offset = 8'000'000'000;
  out.length = 3;
  return out;
}

std::vector<std::string> operations(const Result<EventPage>& page) {
  std::vector<std::string> out;
  for (const auto& one : page.value().rows) out.push_back(one.operation.value_or("-"));
  return out;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("rows come back whole, filtered, page by page") {
  const Folder folder;
  auto store = open_sqlite_events(folder.path + "/events").value();
  CHECK(store->query("i", 1, {}).error().code == ErrorCode::not_found);
  {
    auto batch = store->begin("i", 1).value();
    REQUIRE(batch->add(row(10, "a@x", "UserLoggedIn")));
    REQUIRE(batch->add(row(20, "a@x", "New-InboxRule", "s2")));
    REQUIRE(batch->add(row(30, "b@x", "100%_sure")));
    REQUIRE(batch->add(row(40, "b@x", std::string("a\0Hidden", 8), "s3")));
    EventRow bare;
    bare.length = 9;
    bare.activity = "sign_in";
    REQUIRE(batch->add(bare));
    CHECK_FALSE(store->query("i", 1, {}));
    REQUIRE(batch->commit());
  }
  const auto all = store->query("i", 1, {});
  REQUIRE(all->rows.size() == 5);
  CHECK(all->next.empty());
  const auto& first = all->rows[0];
  CHECK(first.time == UtcMicros{10 * micros_per_second});
  CHECK(first.offset == 8'000'000'000);
  CHECK(std::get<std::int64_t>(first.activity) == 1);
  CHECK(first.confidence == 0.5);
  CHECK_FALSE(first.uid);
  const auto& bare = all->rows[4];
  CHECK_FALSE(bare.time);
  CHECK_FALSE(bare.account);
  CHECK(std::get<std::string>(bare.activity) == "sign_in");

  CHECK(operations(store->query("i", 1, {.account = "a@x"})) == Texts{"UserLoggedIn", "New-InboxRule"});
  CHECK(operations(store->query("i", 1, {.session = "s2"})) == Texts{"New-InboxRule"});
  CHECK(store->query("i", 1, {.actor = "user"})->rows.empty());
  CHECK(store->query("i", 1, {.ip = "198.51.100.23"})->rows.size() == 4);
  CHECK(store->query("i", 1, {.text = "hidden"})->rows.size() == 1);
  CHECK(operations(store->query("i", 1, {.text = "INBOX"})) == Texts{"New-InboxRule"});
  CHECK(operations(store->query("i", 1, {.text = "100%_"})) == Texts{"100%_sure"});
  CHECK(operations(store->query("i", 1, {.from = UtcMicros{20'000'000}, .to = UtcMicros{30'000'000}})) ==
        Texts{"New-InboxRule", "100%_sure"});

  const auto page = store->query("i", 1, {.limit = 4});
  CHECK(page->rows.size() == 4);
  CHECK(operations(store->query("i", 1, {.after = page->next, .limit = 4})) == Texts{"-"});
  CHECK(store->query("i", 1, {.after = "1;2"}).error().code == ErrorCode::bad_input);
  CHECK(store->query("i", 1, {.after = "2.1"}).error().code == ErrorCode::conflict);
}

TEST_CASE("an unfinished version leaves nothing, a new one replaces the old") {
  const Folder folder;
  auto store = open_sqlite_events(folder.path).value();
  for (const std::int64_t version : {1, 2}) {
    auto batch = store->begin("i", version).value();
    REQUIRE(batch->add(row(version, "a@x", "op" + std::to_string(version))));
    REQUIRE(batch->commit());
  }
  {
    REQUIRE(store->begin("i", 3).value()->add(row(1, "a@x", "lost")));
  }
  CHECK(operations(store->query("i", 2, {})) == Texts{"op2"});
  REQUIRE(store->keep_only("i", 2));
  CHECK_FALSE(store->query("i", 1, {}));
  CHECK_FALSE(store->query("i", 3, {}));
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path + "/i"), {}) == 1);
}
