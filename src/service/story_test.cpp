#include "service/story.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

#include "base/json/value.hpp"

using namespace digue;
using namespace digue::service;

namespace {

constexpr const char* whole =
    R"({"schema":"digue.analysis/1","inputs":[{"path":"ual.csv","format":"microsoft365.ual","records":5,"accepted":3,"duplicates":1,"rejected":1,"first":null,"last":null,"notes":[]}],)"
    R"("accounts":[{"account":"c.moreau@ch-exemple.fr","verdict":"compromised"}],"sessions":[],"findings":[{}],"indicators":[],"reach":[],)"
    R"("exposure":{"certain":[],"possible":[],"unknowable":[]},"completeness":[]})";

constexpr const char* event =
    R"({"time":"2026-03-09T19:58:40.5Z","account":"c.moreau@ch-exemple.fr","class":3002,"activity":1,"operation":"UserLoggedIn","outcome":"success",)"
    R"("ip":"198.51.100.23","country":"NG","device":null,"session":"5b1c6f3a90d2e417","actor":"attacker","confidence":0.95,"uid":null,"input":0,"offset":88123,"length":1204})";

std::string with(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("the facts of an analysis") {
  const auto facts = read_story(whole);
  REQUIRE(facts);
  CHECK(facts->inputs.at(0).path == "ual.csv");
  CHECK(facts->inputs.at(0).records == 5);
  CHECK(facts->inputs.at(0).rejected == 1);
  CHECK(facts->accounts.at(0).verdict == "compromised");
  CHECK(facts->findings == 1);
}

TEST_CASE("an analysis of another shape is refused") {
  for (const auto& bad : {std::string("x"), std::string("[]"), with(whole, "analysis/1", "analysis/2"),
                          with(whole, "\"sessions\":[]", "\"sessions\":{}"), with(whole, "\"findings\":[{}]", "\"findings\":[1]"),
                          with(whole, "\"records\":5", "\"records\":-5"), with(whole, "\"records\":5", "\"records\":\"5\""),
                          with(whole, "\"compromised\"", "\"guilty\""), with(whole, ",\"completeness\":[]", "")})
    CHECK_MESSAGE(!read_story(bad), bad);
}

TEST_CASE("an event row, with null for unknown") {
  const auto row = read_event(event);
  REQUIRE(row);
  CHECK(to_iso8601(*row->time) == "2026-03-09T19:58:40.5Z");
  CHECK(row->ocsf_class == 3002);
  CHECK(std::get<std::int64_t>(row->activity) == 1);
  CHECK(row->country == "NG");
  CHECK_FALSE(row->device);
  CHECK_FALSE(row->uid);
  CHECK(row->confidence == 0.95);
  CHECK(row->offset == 88123);
  CHECK(std::get<std::string>(read_event(with(event, "\"activity\":1", "\"activity\":\"sign_in\""))->activity) == "sign_in");
}

TEST_CASE("an event row of another shape is refused") {
  for (const auto& bad : {std::string("{}"), std::string("[]"), with(event, "2026-03", "2026-99"),
                          with(event, "\"offset\":88123", "\"offset\":-1"), with(event, "\"length\":1204", "\"length\":null"),
                          with(event, "0.95", "1.5"), with(event, "\"NG\"", "5"), with(event, "\"activity\":1", "\"activity\":[]")})
    CHECK_MESSAGE(!read_event(bad), bad);
}

TEST_CASE("inputs find their exhibits, archive members and equal names included") {
  std::vector<incident::Exhibit> exhibits(4);
  const char* names[] = {"a.zip", "log", "log", "what!ever.zip"};
  for (std::size_t i = 0; i < 4; ++i) {
    exhibits[i].id = std::to_string(i);
    exhibits[i].name = names[i];
  }
  const auto unique = unique_names(exhibits);
  CHECK(unique == std::vector<std::string>{"a.zip", "log", "log (2)", "what!ever.zip"});
  std::vector<StoryFacts::Input> inputs;
  for (const auto* path : {"a.zip!x/y.csv", "log (2)", "log", "what!ever.zip!m!n", "elsewhere"}) inputs.push_back({path, {}, 0, 0});
  const auto mapped = map_inputs(inputs, exhibits, unique);
  std::vector<std::string> ids;
  for (const auto& input : mapped) ids.push_back(input.exhibit);
  CHECK(ids == std::vector<std::string>{"0", "2", "1", "3", ""});
  CHECK(mapped[0].path == "a.zip!x/y.csv");

  exhibits[0].name = "log (2)";
  CHECK(unique_names(exhibits) == std::vector<std::string>{"log (2)", "log", "log (3)", "what!ever.zip"});
}
