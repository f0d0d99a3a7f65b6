#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/localized.hpp"
#include "base/result.hpp"

/// What a qualification asks, as content/qualification/questions.yaml declares it.
namespace digue::incident {

enum class Answer { yes, no, unknown };
std::string_view name(Answer answer);
std::optional<Answer> answer_named(std::string_view name);

/// What severity rests on. Each is judged low (limited, limited, not urgent) or high (wide, strong, urgent), or not at all.
enum class Axis { perimeter, impact, urgency };
enum class Judgement { unknown, low, high };
inline constexpr std::array<Axis, 3> axes{Axis::perimeter, Axis::impact, Axis::urgency};
std::string_view name(Axis axis);
/// "limited", "wide" / "limited", "strong" / "not_urgent", "urgent"; "unknown".
std::string_view name(Axis axis, Judgement judgement);
std::optional<Judgement> judgement_named(Axis axis, std::string_view name);

/// Grades of severity, from the lowest to the highest.
inline constexpr std::array<std::string_view, 4> severities{"anomaly", "minor", "major", "crisis"};
/// 0 for the lowest; nothing for another word.
std::optional<std::size_t> severity_rank(std::string_view severity);

/// This answer brings an action to the front of its priority.
struct Raise {
  Answer answer = Answer::yes;
  std::string action;
  Localized why;
};

struct Question {
  std::string id;
  std::string section;  ///< accounts, confirmation, perimeter, impact, urgency, health
  Localized question;
  Localized why;
  Localized how;
  Localized statement;       ///< what "yes" says
  std::vector<Axis> weighs;  ///< "yes" speaks for the high judgement of these
  std::vector<Raise> raises;
  bool duty = false;  ///< "yes" is told to the rules of the obligations
};

/// Advised even when nothing confirms the compromise.
struct Precaution {
  std::string action;
  Localized text;
};

/// Whether the response is able to act.
struct Capability {
  std::string id;
  Localized question;
  Localized when_not;
};

struct Questions {
  std::int64_t low_minutes = 0, usual_minutes = 0, high_minutes = 0;
  std::vector<Question> questions;
  std::vector<Precaution> precautions;
  std::vector<Capability> capabilities;
  /// Minutes for P0 .. P3; row 0 while no severity is decided, then anomaly .. crisis.
  std::array<std::array<std::int64_t, 4>, 5> due_minutes{};

  const Question* question(std::string_view id) const;
  const Capability* capability(std::string_view id) const;
  /// Minutes proposed for an action of that priority (0..3).
  std::int64_t due(const std::optional<std::string>& severity, std::size_t priority) const;
};

/// Reads and checks the file; `file` names it in errors. Refused with file and line: unknown or missing fields, a text in one language
/// only, a question or capability given twice, an axis without a question, due times that a higher severity lengthens.
Result<Questions> load_questions(std::string_view text, std::string_view file);

}  // namespace digue::incident
