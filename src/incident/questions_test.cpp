#include "incident/questions.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <set>

#include "incident/stages.hpp"

using namespace digue;
using namespace digue::incident;

namespace {

std::string content(const std::string& name) {
  std::ifstream stream(DIGUE_SOURCE_DIR "/content/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// What is said when the first `from` of the real file became `to`.
std::string refusal(const std::string& name, const std::string& from, const std::string& to) {
  auto text = content(name);
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  text.replace(at, from.size(), to);
  if (name == "stages.yaml") {
    const auto read = load_stages(text, "s.yaml");
    return read ? "accepted" : to_text(read.error());
  }
  const auto read = load_questions(text, "q.yaml");
  return read ? "accepted" : to_text(read.error());
}

constexpr const char* questions_file = "qualification/questions.yaml";

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("the questions are those that the team agreed on") {
  const auto read = load_questions(content(questions_file), "q.yaml");
  REQUIRE(read);
  const std::set<std::string> wanted{
      "account_named",     "delegations",   "shared_mailbox", "privileged",        "confirmed",         "other_accounts", "other_access",
      "admin_rights_used", "system_wide",   "cause_known",    "patient_data",      "personal_data",     "mssante",        "exfiltration",
      "mail_sent_outside", "care_affected", "financial_loss", "critical_activity", "continuity_needed", "ongoing",        "spreading"};
  std::set<std::string> ids;
  for (const auto& one : read->questions) ids.insert(one.id);
  CHECK(ids == wanted);
  CHECK(read->low_minutes == 30);
  CHECK(read->high_minutes == 60);
  CHECK(read->precautions.size() == 3);
}

TEST_CASE("due times: more severe is sooner, a higher priority is sooner") {
  const auto read = load_questions(content(questions_file), "q.yaml").value();
  for (const auto severity : severities)
    for (std::size_t priority = 1; priority < 4; ++priority)
      CHECK(read.due(std::string(severity), priority) > read.due(std::string(severity), priority - 1));
  CHECK(read.due("crisis", 0) < read.due("major", 0));
  CHECK(read.due(std::nullopt, 0) > 0);
}

TEST_CASE("a broken question file is refused with file, line and what was expected") {
  CHECK(holds(refusal(questions_file, "digue.qualification/1", "digue.other/1"), "q.yaml:6"));
  CHECK(holds(refusal(questions_file, "axis: \"accounts\"", "axis: \"mood\""), "Expected accounts, confirmation"));
  CHECK(holds(refusal(questions_file, "duty: false", "duty: maybe"), "neither true nor false"));
  CHECK(holds(refusal(questions_file, "id: \"delegations\"", "id: \"account_named\""), "twice"));
  CHECK(holds(refusal(questions_file, "usual: 45", "usual: 90"), "not in order"));
  CHECK(holds(refusal(questions_file, "P0: 30", "P0: 3000"), "leaves more time"));
  CHECK(holds(refusal(questions_file, "severity: \"crisis\"", "severity: \"minor\""), "twice"));
  CHECK(holds(refusal(questions_file, "en: \"Are other accounts affected?\"", "de: \"Andere?\""), "missing"));
  CHECK(holds(refusal(questions_file, "answer: \"yes\"\n        axis: \"perimeter\"", "answer: \"no\"\n        axis: \"perimeter\""),
              "only \"yes\" weighs"));
  CHECK(holds(refusal(questions_file, "schema: ", "schema: &a "), "q.yaml"));
}

TEST_CASE("the five stages each say what the three kinds of help do") {
  const auto read = load_stages(content("stages.yaml"), "s.yaml");
  REQUIRE(read);
  std::vector<std::string> ids;
  for (const auto& one : read->stages) {
    ids.push_back(one.id);
    CHECK(one.does.size() == 3);
  }
  CHECK(ids == std::vector<std::string>{"qualification", "containment", "investigation", "remediation", "hardening"});
  CHECK(holds(refusal("stages.yaml", "      - actor: \"pris\"", "      - actor: \"nobody\""), "nobody"));
  CHECK(holds(refusal("stages.yaml", "stage: \"containment\"", "stage: \"qualification\""), "twice"));
}
