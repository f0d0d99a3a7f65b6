#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "incident/condition.hpp"
#include "incident/holidays.hpp"

/// Duties of declaration: what they ask (content/obligations), whether they apply, and until when.
namespace digue::incident {

/// How a duty's time is counted. Hours are elapsed hours: nights, week-ends, holidays and changes of clock do not move them.
struct DutyClock {
  enum class Kind { none, without_delay, hours, months, contract };
  Kind kind = Kind::none;
  int count = 0;      ///< hours or months
  std::string from;   ///< the instant that starts it; empty: as soon as the duty applies
  std::string of;     ///< with from = "filing": the duty whose filing it is
  bool soft = false;  ///< a recommendation: late is said, no reason is asked
  std::optional<Localized> note;
};

/// How strongly a duty applies, strongest first.
enum class Verdict { required, in_doubt, undecided, no };
std::string_view name(Verdict verdict);

struct DutyRule {
  std::string id;
  Condition when;
  Verdict verdict = Verdict::required;
  Localized reason;
};

struct Obligation {
  struct Field {
    Localized text;
    bool unsure = false;  ///< the form itself could not be read
  };
  std::string id;
  int order = 0;
  std::string contact;  ///< of the directory; "role:..." for one of the establishment's own
  Localized title, summary, who, why;
  std::vector<Localized> how;
  std::vector<Field> asks;
  std::vector<Source> sources;
  std::vector<Localized> uncertain;
  std::optional<Date> from, until;  ///< first and last day in force
  bool active = true;
  std::optional<Localized> inactive_because;
  DutyClock clock;
  std::vector<DutyRule> rules;
  Localized otherwise;  ///< why it does not apply when no rule holds
  Localized subject, draft;
  std::string place;  ///< "file:line"
};

/// Names of the instants that a person records: suspicion, awareness, knowledge_of_attack, decision, closing.
std::span<const std::string_view> instant_names();

/// Files of the schema digue.obligation/1, by order. Refused with file and line: unknown fields, questions, instants or placeholders, an
/// id twice, a clock without its start.
Result<std::vector<Obligation>> load_obligations(std::span<const ContentFile> files);

struct DutyJudgement {
  Verdict verdict = Verdict::no;
  std::vector<Localized> reasons;
};

/// Whether it applies on that day to these facts: the strongest rule that holds, with the reasons of all rules as strong.
DutyJudgement judge(const Obligation& obligation, const Facts& facts, const Date& today);

/// What a person recorded about a duty of an establishment.
struct Filing {
  std::optional<bool> applies;  ///< overrules the judgement
  std::string overrule_reason, overruled_by;
  std::optional<UtcMicros> overruled;
  std::optional<UtcMicros> filed;  ///< when the recipient got it
  std::string receipt, filed_by, late_reason;
  std::optional<UtcMicros> recorded;
};

/// Instants by name, and the filings of other duties by their id.
struct DutyTimes {
  std::map<std::string, UtcMicros, std::less<>> instants, filings;
  std::optional<int> contract_hours;  ///< of the insurer
};

enum class DutyState { inactive, not_applicable, undecided, waiting, running, late, done };
std::string_view name(DutyState state);

struct Standing {
  DutyState state = DutyState::undecided;
  DutyJudgement judgement;
  std::optional<UtcMicros> start, deadline;
  bool filed_late = false;
};

/// Where the duty stands at `now`: waiting until the instant that starts its clock is known, late behind its deadline.
Standing stand(const Obligation& obligation, const Facts& facts, const DutyTimes& times, const Filing& filing, UtcMicros now);

/// start + elapsed hours; a month is the same day and clock time of the zone a month on, or that month's last day. Nothing without a
/// number.
std::optional<UtcMicros> deadline_of(const DutyClock& clock, UtcMicros start, const std::optional<int>& contract_hours, const Zone& zone);

}  // namespace digue::incident
