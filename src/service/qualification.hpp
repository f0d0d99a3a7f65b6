#pragma once

#include "incident/qualification.hpp"
#include "service/context.hpp"

namespace digue::service {

/// What a person answers and decides.
struct NewQualification {
  std::optional<std::int64_t> based_on;  ///< the version that was on the screen; 0: none yet
  incident::Answers answers;
  incident::Judgements judged{};
  std::string note;
  std::optional<std::string> severity;
  std::string severity_reason;
  std::string reason;
  std::optional<UtcMicros> started;
  std::int64_t minutes = 0;  ///< of the time box; 0: the usual
};

struct QualificationView {
  std::vector<incident::Qualification> versions;
  incident::Suggestion suggestion;  ///< of the last version's answers
};

Result<QualificationView> show_qualification(const Context& context, const std::string& incident);

/// What these answers would suggest; nothing is kept. Errors: bad_input for an unknown question.
Result<incident::Suggestion> preview_qualification(const Context& context, const incident::Answers& answers,
                                                   const incident::Judgements& judged);

/// A new version; writes severity and confirmation of the incident, its tasks' due times and the journal. Errors: bad_input (unknown
/// question, nothing said, a reason missing: from the second version on, and for a severity other than suggested), conflict (somebody
/// qualified since `based_on`).
Result<QualificationView> qualify(const Context& context, const Caller& caller, const std::string& incident, const NewQualification& given);

/// In the order of the questions; absent while nobody answered.
Result<std::vector<incident::CapabilityAnswer>> list_capabilities(const Context& context, const std::string& incident);
/// Errors: bad_input for an unknown question.
Result<std::vector<incident::CapabilityAnswer>> answer_capabilities(const Context& context, const Caller& caller,
                                                                    const std::string& incident, const incident::Answers& answers);

Result<std::vector<incident::StageSpan>> list_stages(const Context& context, const std::string& incident);
/// Opens or closes a stage now. Errors: not_found, conflict when it is so already.
Result<std::vector<incident::StageSpan>> set_stage(const Context& context, const Caller& caller, const std::string& incident,
                                                   const std::string& stage, bool open, const std::string& reason);

}  // namespace digue::service
