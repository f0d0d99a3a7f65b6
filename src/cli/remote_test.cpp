#include "cli/remote.hpp"

#include <doctest/doctest.h>

#include <set>
#include <sstream>

#include "base/messages.hpp"
#include "cli/commands.hpp"

using namespace digue;
using namespace digue::cli;

namespace {

/// Runs a command against canned answers; keeps what was asked.
struct Trial {
  std::vector<Ask> asked;
  std::vector<Reply> answers;
  std::ostringstream out, err;

  int run(const RemoteArguments& arguments) {
    return run_remote(
        arguments,
        [&](const Ask& ask, const auto&) -> Result<Reply> {
          asked.push_back(ask);
          return answers.at(asked.size() - 1);
        },
        out, err);
  }
};

}  // namespace

TEST_CASE("commands: each has words of its own, and its arguments stand in its path") {
  std::set<std::vector<std::string>> seen;
  for (const Command& command : commands()) {
    CHECK(command.words.size() == (command.words.front() == "backup" ? 1 : 2));
    CHECK(seen.insert(command.words).second);
    CHECK_FALSE(command.help.empty());
  }
  REQUIRE(command_named({"task", "set"}) != nullptr);
  CHECK(command_named({"task", "set"})->arguments() == std::vector<std::string>{"incident", "task"});
}

TEST_CASE("commands: arguments and options become the request, hostile ones too") {
  Trial trial;
  trial.answers = {{201, true, "{}"}};
  CHECK(trial.run({{"pin", "add"}, {"a/b?c#d %"}, {{"kind", "ip"}, {"value", "1\"2"}, {"actor", "user"}}, true}) == 0);
  CHECK(trial.asked[0].method == "POST");
  CHECK(trial.asked[0].target == "incidents/a%2Fb%3Fc%23d%20%25/pins");
  CHECK(trial.asked[0].body == R"({"actor":"user","kind":"ip","value":"1\"2"})");
  Trial pairs;
  pairs.answers = {{200, true, "{}"}};
  pairs.run({{"capability", "answer"}, {"i"}, {{"answers", "rights=yes"}, {"answers", "logs="}, {"answers", "odd"}}, true});
  CHECK(pairs.asked[0].body == R"({"answers":{"logs":"","odd":"","rights":"yes"}})");
  Trial search;
  search.answers = {{200, true, R"({"entries":[]})"}};
  search.run({{"journal", "list"}, {"i"}, {{"q", "a&b=ç"}}, true});
  CHECK(search.asked[0].target == "incidents/i/journal?q=a%26b%3D%C3%A7");
}

TEST_CASE("commands: a refusal is told on the other stream, and decides the exit code") {
  for (const auto& [status, code] : {std::pair{422, 2}, {400, 2}, {404, 4}, {409, 4}, {500, 4}, {507, 4}}) {
    Trial trial;
    trial.answers = {{status, true, R"({"error":{"code":"x","message":"Non\u001b[2J","where":"title","help":null}})"}};
    CHECK(trial.run({{"incident", "list"}, {}, {}, true}) == code);
    CHECK(trial.out.str().empty());
    CHECK(trial.err.str().find("Non") != std::string::npos);
    CHECK(trial.err.str().find('\x1b') == std::string::npos);
  }
}

TEST_CASE("commands: a connector is changed from what it is now, and keeps the settings that are not given") {
  const RemoteArguments set{{"connector", "set"}, {"mx"}, {{"kind", "postfix"}}, true};
  Trial known;
  known.answers = {
      {200, true,
       R"([{"name":"imap","changed":"1","settings":{}},{"name":"mx","changed":"2026-03-09T20:00:00Z","settings":{"host":"mx1"}}])"},
      {200, true, "{}"}};
  CHECK(known.run(set) == 0);
  CHECK(known.asked[1].target == "connectors/mx");
  CHECK(known.asked[1].body == R"({"based_on":"2026-03-09T20:00:00Z","kind":"postfix","settings":{"host":"mx1"}})");
  Trial fresh;
  fresh.answers = {{200, true, "[]"}, {200, true, "{}"}};
  CHECK(fresh.run(set) == 0);
  CHECK(fresh.asked[1].body == R"({"kind":"postfix"})");
}

TEST_CASE("commands: who waits for an operation is told by the exit code when it is not proven") {
  for (const auto& [state, code] :
       {std::pair{"verified", 0}, {"undone", 0}, {"applied", 1}, {"planned", 1}, {"cancelled", 1}, {"failed", 1}}) {
    Trial trial;
    trial.answers = {{200, true, R"({"id":"o","state":")" + std::string(state) + R"("})"}};
    CHECK(trial.run({{"operation", "show"}, {"i", "o"}, {{"wait", "60"}}, true}) == code);
  }
  Trial waited;
  waited.answers = {{200, true, R"({"id":"o","state":"applied"})"}};
  waited.run({{"operation", "show"}, {"i", "o"}, {{"wait", "60"}}, true});
  CHECK(waited.err.str().find(tr("operation.state.applied")) != std::string::npos);
  Trial shown;
  shown.answers = {{200, true, R"({"id":"o","state":"applied"})"}};
  CHECK(shown.run({{"operation", "show"}, {"i", "o"}, {}, true}) == 0);
}

TEST_CASE("answers for people: columns, and no control reaches the terminal") {
  const auto list = json::parse(R"([{"title":"\u001b]0;x\u0007 \u202e","id":"1","deep":{"x":1}},{"id":"22","title":null}])").value();
  const std::string text = readable(list);
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(text.find("\xE2\x80\xAE") == std::string::npos);
  CHECK(text.starts_with("id  title"));
  CHECK(text.find("\n22  -\n") != std::string::npos);
  CHECK(readable(json::parse(R"({"a":[1,2],"b":{"c":true}})").value()) == "a: 1, 2\nb:\n  c: yes\n");
  CHECK(readable(json::parse("[]").value()).empty());
}
