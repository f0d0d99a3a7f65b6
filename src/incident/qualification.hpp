#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "incident/questions.hpp"

/// Perimeter, impact, urgency: from answers to a suggested severity. A person decides.
namespace digue::incident {

using Answers = std::map<std::string, Answer, std::less<>>;
using Judgements = std::array<Judgement, 3>;  ///< by Axis

/// One qualification of an incident. Versions are kept for ever: a new one replaces nothing.
struct Qualification {
  std::int64_t version = 0;  ///< 1, 2, 3 ...
  UtcMicros at;
  std::string by;
  std::string reason;  ///< why it was qualified again; may be empty in the first
  Answers answers;
  Judgements judged{};      ///< by a person; unknown: the proposal stood
  Judgements judgements{};  ///< those that held then
  std::string note;
  std::optional<std::string> suggested;  ///< what the engine said then
  std::optional<std::string> severity;   ///< what the person decided; nothing: not yet
  std::string severity_reason;           ///< when it differs from the suggestion
  bool confirmed = false;
  std::optional<UtcMicros> started;  ///< of the time box
  std::int64_t minutes = 0;          ///< of the time box
};

/// A person's word on whether the response is able to act.
struct CapabilityAnswer {
  std::string id;
  Answer answer = Answer::unknown;
  UtcMicros at;
  std::string by;
};

/// What the answers say of one axis.
struct AxisView {
  Judgement proposed = Judgement::unknown;
  std::vector<std::string> because;  ///< questions answered so that it is proposed
  std::vector<std::string> to_find;  ///< questions that could raise it, not known yet
};

/// An action brought to the front of its priority, by an answer.
struct RaisedAction {
  std::string action;
  std::string question;
  Localized why;
};

struct Suggestion {
  std::array<AxisView, 3> axes;
  std::optional<std::string> severity;  ///< nothing before anything is answered or judged
  std::vector<std::string> reasons;     ///< message keys "qualification.reason.*"
  std::vector<std::string> to_find;     ///< questions answered "I do not know"
  std::vector<RaisedAction> raised;     ///< in the order of the questions
  std::vector<std::string> duties;      ///< trigger ids: questions answered yes that the rules of duties read
};

/// Pure. An axis is proposed high when a question that weighs on it is answered yes, low when all of them are answered no, else left
/// unknown: "I do not know" never counts as yes. `judged` holds what a person says of an axis (unknown: the proposal stands). A crisis is
/// suggested only when all three axes are high.
Suggestion suggest(const Questions& questions, const Answers& answers, const Judgements& judged);

/// The judgements that hold: the person's, else the proposed ones.
Judgements effective(const Suggestion& suggestion, const Judgements& judged);

/// Whether the answers, and what was known before, make the incident confirmed: yes and no decide, "I do not know" makes it suspected, no
/// answer leaves it as it was.
bool confirmed_by(const Answers& answers, bool before);

}  // namespace digue::incident
