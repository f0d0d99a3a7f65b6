#include "service/containment_test.hpp"

using namespace digue;
using namespace digue::service;
using namespace digue::service::testing;

TEST_CASE("names: the platform is asked for an account by the name that it has there") {
  Bench bench;
  const auto set = [&](json::Object settings) { return bench.platforms->put(bench.pilot, {"mail", "test", std::move(settings), {}}); };
  auto wanted = bench.wanted();
  wanted.order.account.clear();
  const auto plan = [&] { return bench.containment->try_plan(bench.incident, wanted); };
  REQUIRE(plan());
  CHECK(world.account == "alice@chu.example");
  CHECK(plan()->notes.empty());
  REQUIRE(set({{"account_form", "without_domain"}}));
  REQUIRE(plan());
  CHECK(world.account == "alice");
  CHECK(plan()->notes.size() == 1);
  REQUIRE(set({{"account_form", "without_domain"}, {"account_names", json::Array{" Alice@chu.example = amartin "}}}));
  REQUIRE(plan());
  CHECK(world.account == "amartin");
  // What the order itself says goes before every rule.
  wanted.order.account = "alice.m";
  REQUIRE(plan());
  CHECK(world.account == "alice.m");
  wanted.order.account.clear();
  for (const auto& bad : {json::Array{"alice"}, json::Array{"=x"}, json::Array{"a="}, json::Array{"a=b", "A=c"}})
    CHECK(set({{"account_names", bad}}).error().where == "account_names");
  CHECK(set({{"account_form", "upper"}}).error().where == "account_form");
}

TEST_CASE("names: two accounts that a rule makes one are told apart by a person, not guessed") {
  Bench bench;
  REQUIRE(bench.cases->write([&](store::CaseWriter& writer) -> Result<void> {
    for (const auto* account : {"alice@chu.example", "alice@ght.example"})
      if (auto put = writer.put_account(bench.incident, {account, "person", {}, true}, now()); !put) return put;
    return {};
  }));
  const auto set = [&](json::Object settings) { REQUIRE(bench.platforms->put(bench.pilot, {"mail", "test", std::move(settings), {}})); };
  auto wanted = bench.wanted();
  wanted.order.account.clear();
  const auto plan = [&] { return bench.containment->try_plan(bench.incident, wanted); };
  set({{"account_form", "without_domain"}});
  const auto refused = plan();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::conflict);
  CHECK(refused.error().message.find("alice@ght.example") != std::string::npos);
  set({{"account_form", "without_domain"}, {"account_names", json::Array{"alice@ght.example=alice2"}}});
  REQUIRE(plan());
  CHECK(world.account == "alice");
  // One person with two addresses, said by a person.
  set({{"account_names", json::Array{"alice@chu.example=alice", "alice@ght.example=alice"}}});
  REQUIRE(plan());
  CHECK(world.account == "alice");
}

TEST_CASE("names: an emergency account is not touched under its name on the platform either") {
  Bench bench;
  REQUIRE(bench.platforms->put(
      bench.pilot, {"mail", "test", {{"account_form", "without_domain"}, {"emergency_accounts", json::Array{"it@chu.example"}}}, {}}));
  auto wanted = bench.wanted();
  for (const auto& [account, there, good] : {std::tuple("it@chu.example", "", false), std::tuple("alice@chu.example", "IT", false),
                                             std::tuple("judith@chu.example", "", true), std::tuple("it-2@chu.example", "", true)}) {
    wanted.account = account;
    wanted.order.account = there;
    world.renamed = good ? "" : "bg01";
    CHECK(bench.containment->try_plan(bench.incident, wanted).has_value() == good);
  }
}

TEST_CASE("names: an address of another house is not taken for the account of that name") {
  Bench bench;
  bench.context->settings.own_domains = {"Chu.example"};
  const auto set = [&](json::Object settings) { REQUIRE(bench.platforms->put(bench.pilot, {"mail", "test", std::move(settings), {}})); };
  auto wanted = bench.wanted();
  wanted.order.account.clear();
  const auto plan = [&](const std::string& account) {
    wanted.account = account;
    return bench.containment->try_plan(bench.incident, wanted);
  };
  set({{"account_form", "without_domain"}});
  for (const auto* good : {"alice@chu.example", "alice@site.CHU.example", "alice"}) {
    REQUIRE(plan(good));
    CHECK(world.account == "alice");
  }
  const auto refused = plan("alice@elsewhere.example");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::conflict);
  CHECK(refused.error().message.find("alice@elsewhere.example") != std::string::npos);
  set({{"account_form", "without_domain"}, {"account_names", json::Array{"alice@elsewhere.example=alice2"}}});
  REQUIRE(plan("alice@elsewhere.example"));
  CHECK(world.account == "alice2");
  // A platform that knows whole addresses knows this one or does not.
  set({});
  CHECK(plan("alice@elsewhere.example"));
}

TEST_CASE("names: what platforms tell of an account's names, unless a name may be several accounts'") {
  const auto platform = [](const char* record) { return store::Platform{"mail", "test", record, {}, {}, {}}; };
  const auto told = [](const Result<Profile>& names) {
    REQUIRE(names);
    return std::map<std::string, std::string>(names->aliases.begin(), names->aliases.end());
  };
  using Told = std::map<std::string, std::string>;
  CHECK(told(known_names({platform(R"({"account_names":["A@chu.example=amartin","b@chu.example=shared","c@chu.example=c@chu.example"]})"),
                          platform(R"({"account_names":["a@chu.example=AMartin","d@chu.example=shared"]})")})) ==
        Told{{"amartin", "a@chu.example"}});
  // There, amartin is whoever has the address amartin@…
  CHECK(told(known_names({platform(R"({"account_names":["a@chu.example=amartin"]})"),
                          platform(R"({"account_names":["a@chu.example=am@old.example"]})"),
                          platform(R"({"account_form":"without_domain"})")})) == Told{{"am@old.example", "a@chu.example"}});
  CHECK(told(known_names({platform(R"({"account_names":["a@chu.example=amartin"],"account_form":"without_domain"})")})) ==
        Told{{"amartin", "a@chu.example"}});
  // Each platform's own form taken for the account: both settings say that it is one person.
  CHECK(told(known_names({platform(R"({"account_names":["b@chu.example=a@chu.example"]})"),
                          platform(R"({"account_names":["a@chu.example=b@chu.example"]})")})) == Told{{"b@chu.example", "a@chu.example"}});
  CHECK_FALSE(known_names({platform("[")}));
}

TEST_CASE("names: what is done for an account under another name of theirs is done for that account") {
  Bench bench;
  REQUIRE(bench.platforms->put(bench.pilot, {"mail", "test", {{"account_names", json::Array{"alice@chu.example=amartin"}}}, {}}));
  const auto view = add_account(*bench.context, bench.pilot, bench.incident, "AMartin", "appel");
  REQUIRE(view);
  const auto accounts = store::reading(*bench.cases, [&](store::CaseReader& reader) { return reader.accounts(bench.incident); }).value();
  REQUIRE(accounts.size() == 1);
  CHECK(accounts[0].account == "alice@chu.example");
  auto wanted = bench.wanted();
  wanted.account = "amartin";
  wanted.order.account.clear();
  const auto planned = bench.containment->plan(bench.pilot, bench.incident, wanted);
  REQUIRE(planned);
  CHECK(planned->account == "alice@chu.example");
  CHECK(world.account == "amartin");
}
