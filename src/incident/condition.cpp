#include "incident/condition.hpp"

#include <algorithm>
#include <array>

#include "incident/content_fields.hpp"

namespace digue::incident {

namespace {

constexpr std::array<std::string_view, 21> questions{
    "account_named",     "delegations",   "shared_mailbox", "privileged",        "confirmed",         "other_accounts", "other_access",
    "admin_rights_used", "system_wide",   "cause_known",    "patient_data",      "personal_data",     "mssante",        "exfiltration",
    "mail_sent_outside", "care_affected", "financial_loss", "critical_activity", "continuity_needed", "ongoing",        "spreading"};
constexpr std::array<std::string_view, 4> values{"yes", "no", "unknown", "absent"};
constexpr std::array<std::string_view, 5> severities{"none", "anomaly", "minor", "major", "crisis"};
constexpr std::array<std::string_view, 5> kinds{"health", "laboratory", "radiotherapy", "medico-social", "other"};
constexpr std::array<std::string_view, 4> statuses{"OSE", "OIV", "administration", "classified"};

bool has(const std::vector<std::string>& list, std::string_view one) {
  return std::find(list.begin(), list.end(), one) != list.end();
}

bool answered(const Condition::Asked& asked, const Facts& facts) {
  const auto at = facts.answers.find(asked.question);
  return has(asked.values, at == facts.answers.end() ? std::string_view("absent") : std::string_view(at->second));
}

bool fits(const std::optional<bool>& wanted, bool is) {
  return !wanted || *wanted == is;
}

std::vector<Condition::Asked> read_asked(YamlFields& fields, std::string_view key) {
  std::vector<Condition::Asked> out;
  const YamlNode* node = fields.optional(key);
  if (!node) return out;
  if (node->kind != YamlNode::Kind::mapping || node->members.empty())
    fields.problems().complain(node->line, fields.what() + ": \"" + std::string(key) + "\" is not a mapping",
                               "Expected lines such as \"patient_data: [yes, unknown]\".");
  YamlFields asked(fields.problems(), *node, fields.what() + ", " + std::string(key));
  for (const auto& member : node->members) {
    if (std::find(questions.begin(), questions.end(), member.key) == questions.end())
      fields.problems().complain(member.line, fields.what() + ": no question \"" + member.key + "\" in the qualification");
    out.push_back({member.key, content::choices(asked, member.key, values)});
    if (out.back().values.empty())
      fields.problems().complain(member.line, asked.what() + ": no value for \"" + member.key + "\"", "Expected yes, no, unknown, absent.");
  }
  return out;
}

std::optional<bool> read_flag(YamlFields& fields, std::string_view key) {
  return fields.optional(key) ? std::optional(fields.flag(key)) : std::nullopt;
}

}  // namespace

bool holds(const Condition& condition, const Facts& facts) {
  const auto one_of = [](const std::vector<std::string>& wanted, std::string_view is) { return wanted.empty() || has(wanted, is); };
  if (!one_of(condition.kinds, facts.kind) || !one_of(condition.severities, facts.severity ? *facts.severity : "none")) return false;
  if (!condition.statuses.empty() &&
      std::none_of(facts.statuses.begin(), facts.statuses.end(), [&](const auto& status) { return has(condition.statuses, status); }))
    return false;
  if (!fits(condition.confirmed, facts.confirmed) || !fits(condition.insured, facts.insured) ||
      !fits(condition.outsourced, facts.outsourced) || !fits(condition.office_hours, facts.office_hours) ||
      !fits(condition.local_hours, facts.local_hours))
    return false;
  const auto is_answered = [&](const Condition::Asked& asked) { return answered(asked, facts); };
  if (!condition.any.empty() && std::none_of(condition.any.begin(), condition.any.end(), is_answered)) return false;
  return std::all_of(condition.all.begin(), condition.all.end(), is_answered);
}

Condition read_condition(YamlFields& fields, std::string_view key) {
  Condition out;
  content::object(fields, key, [&](YamlFields& when) {
    out.kinds = content::choices(when, "kinds", kinds);
    out.statuses = content::choices(when, "statuses", statuses);
    out.severities = content::choices(when, "severities", severities);
    out.confirmed = read_flag(when, "confirmed");
    out.insured = read_flag(when, "insured");
    out.outsourced = read_flag(when, "outsourced");
    out.office_hours = read_flag(when, "office_hours");
    out.local_hours = read_flag(when, "local_hours");
    out.any = read_asked(when, "any");
    out.all = read_asked(when, "all");
  });
  return out;
}

std::span<const std::string_view> establishment_kinds() {
  return kinds;
}

std::span<const std::string_view> establishment_statuses() {
  return statuses;
}

}  // namespace digue::incident
