#include "incident/qualification.hpp"

#include <algorithm>

namespace digue::incident {

namespace {

constexpr std::string_view confirmation = "confirmed";

AxisView view_of(const Questions& questions, const Answers& answers, Axis axis) {
  AxisView view;
  std::vector<std::string> denied;
  for (const auto& question : questions.questions) {
    if (std::find(question.weighs.begin(), question.weighs.end(), axis) == question.weighs.end()) continue;
    const auto at = answers.find(question.id);
    if (at == answers.end() || at->second == Answer::unknown)
      view.to_find.push_back(question.id);
    else if (at->second == Answer::yes)
      view.because.push_back(question.id);
    else
      denied.push_back(question.id);
  }
  if (!view.because.empty()) {
    view.proposed = Judgement::high;
  } else if (view.to_find.empty()) {
    view.proposed = Judgement::low;
    view.because = std::move(denied);
  }
  return view;
}

/// The grade and the reasons for it; `all` are the judgements that hold.
void grade(Suggestion& out, const Answers& answers, const Judgements& all) {
  const auto high = [&](Axis axis) { return all[static_cast<std::size_t>(axis)] == Judgement::high; };
  const auto because = [&](std::string_view key) { out.reasons.push_back("qualification.reason." + std::string(key)); };
  const auto confirmed = answers.find(confirmation);
  if (confirmed != answers.end() && confirmed->second == Answer::no) {
    out.severity = "anomaly";
    because("not_confirmed");
    return;
  }
  for (const Axis axis : axes)
    if (high(axis)) because(name(axis, Judgement::high));
  if (high(Axis::perimeter) && high(Axis::impact) && high(Axis::urgency)) {
    out.severity = "crisis";
    because("all_three");
  } else if (high(Axis::impact) || high(Axis::perimeter)) {
    out.severity = "major";
    because("not_all_three");
  } else if (high(Axis::urgency) || (confirmed != answers.end() && confirmed->second == Answer::yes)) {
    out.severity = "minor";
    because(high(Axis::urgency) ? "limited_urgent" : "confirmed_limited");
  } else {
    out.severity = "anomaly";
    because("suspected_limited");
  }
  if (std::find(all.begin(), all.end(), Judgement::unknown) != all.end()) because("axis_unknown");
}

}  // namespace

Suggestion suggest(const Questions& questions, const Answers& answers, const Judgements& judged) {
  Suggestion out;
  for (const Axis axis : axes) out.axes[static_cast<std::size_t>(axis)] = view_of(questions, answers, axis);
  for (const auto& question : questions.questions) {
    const auto at = answers.find(question.id);
    if (at == answers.end()) continue;
    if (at->second == Answer::unknown) out.to_find.push_back(question.id);
    if (at->second == Answer::yes && question.duty) out.duties.push_back(question.id);
    for (const auto& raise : question.raises)
      if (raise.answer == at->second) out.raised.push_back({raise.action, question.id, raise.why});
  }
  const bool judged_any = std::any_of(judged.begin(), judged.end(), [](Judgement one) { return one != Judgement::unknown; });
  if (!answers.empty() || judged_any) grade(out, answers, effective(out, judged));
  return out;
}

Judgements effective(const Suggestion& suggestion, const Judgements& judged) {
  Judgements all = judged;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (all[i] == Judgement::unknown) all[i] = suggestion.axes[i].proposed;
  return all;
}

bool confirmed_by(const Answers& answers, bool before) {
  const auto at = answers.find(confirmation);
  return at == answers.end() ? before : at->second == Answer::yes;
}

}  // namespace digue::incident
