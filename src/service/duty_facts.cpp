#include "service/duty_facts.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace digue::service {

namespace {

std::string answer(const incident::Facts& facts, std::string_view question, Language language) {
  const auto at = facts.answers.find(question);
  return at == facts.answers.end() ? std::string() : tr_in(language, "duty.answer." + at->second);
}

std::string person(const incident::Person& one) {
  std::string out = one.name;
  for (const auto* part : {&one.role, &one.phone, &one.mail})
    if (!part->empty()) out += (out.empty() ? "" : ", ") + *part;
  return out;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string out;
  for (const auto& part : parts) out += (out.empty() ? "" : ", ") + part;
  return out;
}

/// Titles of the actions whose tasks pass, each once.
std::string actions(const Context& context, const std::vector<incident::Task>& tasks, Language language, bool done) {
  std::vector<std::string> out;
  for (const auto& planned : context.plan) {
    const auto fits = [&](const incident::Task& task) {
      const bool open = task.state == incident::TaskState::in_progress || task.state == incident::TaskState::waiting;
      return task.action == planned.id && (done ? task.state == incident::TaskState::done : open);
    };
    if (std::none_of(tasks.begin(), tasks.end(), fits)) continue;
    const auto* action = context.playbook.action(planned.id);
    if (action != nullptr) out.push_back(action->id + " " + (language == Language::fr ? action->title.fr : action->title.en));
  }
  std::string text;
  for (const auto& one : out) text += (text.empty() ? "" : "; ") + one;
  return text;
}

}  // namespace

Result<incident::Facts> facts_of(store::CaseReader& reader, const std::string& incident) {
  const auto record = reader.incident(incident);
  if (!record) return tl::make_unexpected(record.error());
  incident::Facts facts;
  facts.severity = record->severity;
  facts.confirmed = record->confirmed;
  const auto qualifications = reader.qualifications(incident);
  if (!qualifications) return tl::make_unexpected(qualifications.error());
  if (!qualifications->empty())
    for (const auto& [question, given] : qualifications->back().answers) facts.answers[question] = std::string(incident::name(given));
  return facts;
}

incident::DutyTimes times_of(const std::vector<incident::Instant>& history, const std::vector<incident::DutyFiling>& filings,
                             const incident::Establishment& establishment) {
  incident::DutyTimes out;
  // History is in the order of recording: the newest of a name wins, the establishment's own over the incident's.
  for (const bool own : {false, true})
    for (const auto& one : history)
      if (own ? !one.establishment.empty() && one.establishment == establishment.id : one.establishment.empty())
        out.instants[one.name] = one.at;
  for (const auto& one : filings)
    if (one.establishment == establishment.id && one.filing.filed) out.filings[one.duty] = *one.filing.filed;
  out.contract_hours = establishment.insurer_hours;
  return out;
}

std::string local_text(UtcMicros time, const std::string& zone) {
  const auto named = Zone::named(zone);
  if (!named) return to_iso8601(time);
  const int offset = named->offset_minutes(time);
  const auto civil = civil_from_micros(time.value + offset * micros_per_minute);
  return fmt::format("{:02}/{:02}/{} {:02}:{:02} (UTC{}{:02}:{:02})", civil.day, civil.month, civil.year, civil.hour, civil.minute,
                     offset < 0 ? '-' : '+', std::abs(offset) / 60, std::abs(offset) % 60);
}

Result<incident::DraftValues> draft_values(store::CaseReader& reader, const Context& context, const Caller& caller,
                                           const std::string& incident, const incident::Establishment& establishment,
                                           const std::vector<incident::DutyFiling>& filings, const std::string& duty, Language language) {
  const auto record = reader.incident(incident);
  if (!record) return tl::make_unexpected(record.error());
  const auto facts = facts_of(reader, incident);
  if (!facts) return tl::make_unexpected(facts.error());
  const auto accounts = reader.accounts(incident);
  if (!accounts) return tl::make_unexpected(accounts.error());
  const auto tasks = reader.tasks(incident);
  if (!tasks) return tl::make_unexpected(tasks.error());
  const auto history = reader.instants(incident);
  if (!history) return tl::make_unexpected(history.error());

  const auto times = times_of(*history, filings, establishment);
  const auto instant = [&](std::string_view name) {
    const auto at = times.instants.find(name);
    return at == times.instants.end() ? std::string() : local_text(at->second, establishment.zone);
  };
  const auto filing_of = [&](std::string_view id) {
    const auto at = std::find_if(filings.begin(), filings.end(), [&](const auto& one) { return one.duty == id; });
    return at == filings.end() ? incident::Filing{} : at->filing;
  };
  const auto receipt = [&](std::string_view id) {
    const auto filing = filing_of(id);
    if (!filing.filed) return std::string();
    return filing.receipt.empty() ? local_text(*filing.filed, establishment.zone) : filing.receipt;
  };
  std::vector<std::string> joined_accounts;
  for (const auto& account : *accounts)
    if (account.joined) joined_accounts.push_back(account.account);

  return incident::DraftValues{
      {"establishment", establishment.name},
      {"finess", establishment.finess},
      {"siren", establishment.siren},
      {"kind", tr_in(language, "establishment.kind." + establishment.kind)},
      {"statuses", joined(establishment.statuses)},
      {"address", establishment.address},
      {"director", establishment.director.name},
      {"director_role", establishment.director.role},
      {"dpo", establishment.dpo.name},
      {"dpo_mail", establishment.dpo.mail},
      {"dpo_phone", establishment.dpo.phone},
      {"security_contact", person(establishment.security)},
      {"insurer", establishment.insurer},
      {"policy", establishment.policy},
      {"mail_operator", establishment.mail_operator},
      {"mssante_operator", establishment.mssante_operator},
      {"declarant", caller.name},
      {"reference", record->reference},
      {"title", record->title},
      {"description", record->description},
      {"opened", local_text(record->created, establishment.zone)},
      {"now", local_text(now(), establishment.zone)},
      {"suspicion", instant("suspicion")},
      {"awareness", instant("awareness")},
      {"knowledge", instant("knowledge_of_attack")},
      {"closing", instant("closing")},
      {"severity", record->severity ? tr_in(language, "severity." + *record->severity) : std::string()},
      {"confirmed", tr_in(language, record->confirmed ? "incident.is_confirmed" : "incident.is_suspected")},
      {"accounts", joined(joined_accounts)},
      {"accounts_count", joined_accounts.empty() ? std::string() : std::to_string(joined_accounts.size())},
      {"patient_data", answer(*facts, "patient_data", language)},
      {"personal_data", answer(*facts, "personal_data", language)},
      {"exfiltration", answer(*facts, "exfiltration", language)},
      {"mssante", answer(*facts, "mssante", language)},
      {"care_affected", answer(*facts, "care_affected", language)},
      {"mail_sent_outside", answer(*facts, "mail_sent_outside", language)},
      {"actions_done", actions(context, *tasks, language, true)},
      {"actions_open", actions(context, *tasks, language, false)},
      {"late_reason", filing_of(duty).late_reason},
      {"cnil_receipt", receipt("cnil")},
      {"cert_receipt", receipt("cert-sante")},
  };
}

}  // namespace digue::service
