#include "incident/qualification.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <iterator>

using namespace digue;
using namespace digue::incident;

namespace {

const Questions& questions() {
  static const Questions read = [] {
    std::ifstream stream(DIGUE_SOURCE_DIR "/content/qualification/questions.yaml", std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    return load_questions(text, "questions.yaml").value();
  }();
  return read;
}

constexpr auto low = Judgement::low, high = Judgement::high, open = Judgement::unknown;

std::string severity(const Answers& answers, const Judgements& judged = {}) {
  return suggest(questions(), answers, judged).severity.value_or("");
}

bool holds(const std::vector<std::string>& all, std::string_view one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

const Answers proven{{"confirmed", Answer::yes}};

}  // namespace

TEST_CASE("a crisis needs a wide perimeter and a strong impact and urgency, all three judged") {
  for (const auto perimeter : {open, low, high})
    for (const auto impact : {open, low, high})
      for (const auto urgency : {open, low, high}) {
        const bool all = perimeter == high && impact == high && urgency == high;
        CAPTURE(static_cast<int>(perimeter));
        CAPTURE(static_cast<int>(impact));
        CAPTURE(static_cast<int>(urgency));
        CHECK((severity(proven, {perimeter, impact, urgency}) == "crisis") == all);
      }
}

TEST_CASE("a serious threat or a strong effect is major, a limited confirmed one minor, a doubt an anomaly") {
  CHECK(severity(proven, {low, high, low}) == "major");
  CHECK(severity(proven, {low, high, high}) == "major");
  CHECK(severity(proven, {high, low, low}) == "major");
  CHECK(severity(proven, {high, open, high}) == "major");
  CHECK(severity(proven, {low, low, high}) == "minor");
  CHECK(severity(proven, {low, low, low}) == "minor");
  CHECK(severity({{"confirmed", Answer::unknown}}, {low, low, low}) == "anomaly");
  CHECK(severity({{"account_named", Answer::yes}}) == "anomaly");
  CHECK(severity({{"confirmed", Answer::unknown}}, {low, high, low}) == "major");
  CHECK(severity({{"confirmed", Answer::no}}, {high, high, high}) == "anomaly");
}

TEST_CASE("nothing answered and nothing judged suggests nothing") {
  const auto out = suggest(questions(), {}, {});
  CHECK_FALSE(out.severity);
  CHECK(out.reasons.empty());
  CHECK(out.raised.empty());
}

TEST_CASE("I do not know never counts as yes, and is named as to be found out") {
  Answers answers;
  for (const auto& question : questions().questions) answers[question.id] = Answer::unknown;
  const auto out = suggest(questions(), answers, {});
  CHECK(out.severity == "anomaly");
  for (const auto& view : out.axes) {
    CHECK(view.proposed == open);
    CHECK_FALSE(view.to_find.empty());
  }
  CHECK(out.to_find.size() == questions().questions.size());
  CHECK(out.duties.empty());
  CHECK(holds(out.reasons, "qualification.reason.axis_unknown"));
}

TEST_CASE("one yes is enough for high, low needs every answer to be no") {
  auto out = suggest(questions(), {{"ongoing", Answer::yes}}, {});
  CHECK(out.axes[2].proposed == high);
  CHECK(out.axes[2].because == std::vector<std::string>{"ongoing"});
  CHECK(holds(out.axes[2].to_find, "spreading"));
  out = suggest(questions(), {{"ongoing", Answer::no}, {"spreading", Answer::no}, {"continuity_needed", Answer::no}}, {});
  CHECK(out.axes[2].proposed == open);
  CHECK(out.axes[2].to_find == std::vector<std::string>{"care_affected"});
  out = suggest(questions(),
                {{"ongoing", Answer::no}, {"spreading", Answer::no}, {"continuity_needed", Answer::no}, {"care_affected", Answer::no}}, {});
  CHECK(out.axes[2].proposed == low);
}

TEST_CASE("a person's judgement outweighs the proposal") {
  const Answers wide{{"confirmed", Answer::yes}, {"other_accounts", Answer::yes}, {"patient_data", Answer::yes}, {"ongoing", Answer::yes}};
  CHECK(severity(wide) == "crisis");
  CHECK(severity(wide, {low, open, open}) == "major");
  CHECK(severity(wide, {low, low, open}) == "minor");
}

TEST_CASE("answers bring actions forward and name duties") {
  const auto out =
      suggest(questions(), {{"mssante", Answer::yes}, {"cause_known", Answer::no}, {"admin_rights_used", Answer::unknown}}, {});
  std::vector<std::string> actions;
  for (const auto& one : out.raised) {
    actions.push_back(one.action);
    CHECK_FALSE(one.why.fr.empty());
  }
  CHECK(holds(actions, "6.a"));
  CHECK(holds(actions, "7.b"));
  CHECK(holds(actions, "5"));
  CHECK_FALSE(holds(actions, "2.c"));
  CHECK(out.duties == std::vector<std::string>{"mssante"});
}

TEST_CASE("yes confirms, no and I do not know do not, no answer leaves it") {
  CHECK(confirmed_by(proven, false));
  CHECK_FALSE(confirmed_by({{"confirmed", Answer::no}}, true));
  CHECK_FALSE(confirmed_by({{"confirmed", Answer::unknown}}, true));
  CHECK(confirmed_by({{"ongoing", Answer::yes}}, true));
  CHECK_FALSE(confirmed_by({}, false));
}
