#include "service/qualification.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "service/notes.hpp"
#include "service/overlays.hpp"
#include "service/tasks.hpp"

namespace digue::service {

namespace {

using incident::Axis;
using incident::Qualification;

Result<void> known_questions(const Context& context, const incident::Answers& answers) {
  for (const auto& [id, answer] : answers)
    if (context.questions.question(id) == nullptr)
      return fail(ErrorCode::bad_input, tr("field.not_a_choice", {{"field", "answers"}}), "answers." + id);
  return {};
}

std::string severity_word(const Context& context, const std::optional<std::string>& severity) {
  return say(context, "severity." + severity.value_or("none"));
}

std::string answer_word(const Context& context, const incident::Answers& answers, const std::string& question) {
  const auto at = answers.find(question);
  return at == answers.end() ? "-" : say(context, "answer." + std::string(incident::name(at->second)));
}

/// The answers that differ, in the order of the questions.
std::string changes_between(const Context& context, const incident::Answers& before, const incident::Answers& after) {
  std::string out;
  for (const auto& question : context.questions.questions) {
    const auto from = answer_word(context, before, question.id);
    const auto to = answer_word(context, after, question.id);
    if (from != to) out += (out.empty() ? "" : " ; ") + say(context, question.question) + ' ' + from + " → " + to;
  }
  return out;
}

std::string note_text(const Context& context, const Qualification& one, const Qualification* before) {
  std::string axes;
  for (const Axis axis : incident::axes) {
    const std::string name(incident::name(axis));
    const auto judgement = std::string(incident::name(axis, one.judgements[static_cast<std::size_t>(axis)]));
    axes += (axes.empty() ? "" : ", ") + say(context, "axis." + name) + ' ' + say(context, "judgement." + name + '.' + judgement);
  }
  std::string text = say(context, "note.qualification",
                         {{"version", std::to_string(one.version)},
                          {"severity", severity_word(context, one.severity)},
                          {"suggested", severity_word(context, one.suggested)},
                          {"axes", axes}});
  const auto add = [&](std::string_view key, MessageValues values) { text += ' ' + say(context, key, values); };
  add(one.confirmed ? "note.qualification_confirmed" : "note.qualification_suspected", {});
  if (!one.severity_reason.empty()) add("note.qualification_differs", {{"reason", one.severity_reason}});
  if (!one.reason.empty()) add("note.qualification_reason", {{"reason", one.reason}});
  const auto changes = changes_between(context, before ? before->answers : incident::Answers{}, one.answers);
  if (!changes.empty()) add("note.qualification_changes", {{"changes", changes}});
  if (!one.note.empty()) text += ' ' + one.note;
  return text;
}

QualificationView view_of_versions(const Context& context, std::vector<Qualification> versions) {
  QualificationView view{std::move(versions), {}};
  if (!view.versions.empty())
    view.suggestion = incident::suggest(context.questions, view.versions.back().answers, view.versions.back().judged);
  return view;
}

/// The record that `given` makes; `before` is the last version, null before the first.
Result<Qualification> record_of(const Context& context, const Caller& caller, const incident::Incident& incident,
                                const Qualification* before, const NewQualification& given) {
  if (given.based_on.value_or(before ? before->version : 0) != (before ? before->version : 0))
    return fail(ErrorCode::conflict, tr("qualification.changed", {{"version", std::to_string(before ? before->version : 0)}}), "based_on",
                tr("qualification.changed_help"));
  if (auto known = known_questions(context, given.answers); !known) return tl::make_unexpected(known.error());
  if (given.severity && !incident::severity_rank(*given.severity))
    return fail(ErrorCode::bad_input, tr("field.not_a_choice", {{"field", "severity"}}), "severity");
  const auto suggestion = incident::suggest(context.questions, given.answers, given.judged);
  if (!suggestion.severity && !given.severity) return fail(ErrorCode::bad_input, tr("qualification.empty"), "answers");
  if (before && trim(given.reason).empty()) return fail(ErrorCode::bad_input, tr("qualification.reason_needed"), "reason");
  if (given.severity && given.severity != suggestion.severity && trim(given.severity_reason).empty())
    return fail(ErrorCode::bad_input, tr("qualification.severity_reason"), "severity_reason", tr("qualification.severity_help"));
  Qualification one;
  one.version = before ? before->version + 1 : 1;
  one.at = now();
  one.by = caller.name;
  one.reason = given.reason;
  one.answers = given.answers;
  one.judged = given.judged;
  one.judgements = incident::effective(suggestion, given.judged);
  one.note = given.note;
  one.suggested = suggestion.severity;
  one.severity = given.severity ? given.severity : incident.severity;
  one.severity_reason = given.severity_reason;
  one.confirmed = incident::confirmed_by(given.answers, incident.confirmed);
  if (given.started) one.started = std::min(*given.started, one.at);
  one.minutes = given.minutes > 0 ? given.minutes : context.questions.usual_minutes;
  return one;
}

Result<std::vector<incident::CapabilityAnswer>> capabilities_of(store::CaseReader& reader, const Context& context,
                                                                const std::string& incident) {
  if (const auto known = reader.incident(incident); !known) return tl::make_unexpected(known.error());
  const auto stored = reader.capabilities(incident);
  if (!stored) return tl::make_unexpected(stored.error());
  std::vector<incident::CapabilityAnswer> out;
  for (const auto& capability : context.questions.capabilities)
    for (const auto& one : *stored)
      if (one.id == capability.id) out.push_back(one);
  return out;
}

}  // namespace

Result<QualificationView> show_qualification(const Context& context, const std::string& incident) {
  return store::reading(context.cases, [&](store::CaseReader& reader) -> Result<QualificationView> {
    if (const auto known = reader.incident(incident); !known) return tl::make_unexpected(known.error());
    auto versions = reader.qualifications(incident);
    if (!versions) return tl::make_unexpected(versions.error());
    return view_of_versions(context, std::move(*versions));
  });
}

Result<incident::Suggestion> preview_qualification(const Context& context, const incident::Answers& answers,
                                                   const incident::Judgements& judged) {
  if (auto known = known_questions(context, answers); !known) return tl::make_unexpected(known.error());
  return incident::suggest(context.questions, answers, judged);
}

Result<QualificationView> qualify(const Context& context, const Caller& caller, const std::string& incident,
                                  const NewQualification& given) {
  auto view = store::writing(context.cases, [&](store::CaseWriter& writer) -> Result<QualificationView> {
    const auto record = writer.incident(incident);
    if (!record) return tl::make_unexpected(record.error());
    auto versions = writer.qualifications(incident);
    if (!versions) return tl::make_unexpected(versions.error());
    const Qualification* before = versions->empty() ? nullptr : &versions->back();
    const auto one = record_of(context, caller, *record, before, given);
    if (!one) return tl::make_unexpected(one.error());
    auto done = writer.add_qualification(incident, *one);
    if (done) done = writer.set_severity(incident, one->severity, one->confirmed);
    if (done) done = refresh_tasks(writer, context, incident, record->severity);
    if (!done) return tl::make_unexpected(done.error());
    Note note{"qualification.decided", note_text(context, *one, before), {}, {}, {}, journal::Kind::decision};
    if (auto line = write_note(writer, context, caller, incident, std::move(note)); !line) return tl::make_unexpected(line.error());
    if (auto applied = apply_overlays(writer, context, caller, incident); !applied) return tl::make_unexpected(applied.error());
    versions->push_back(*one);
    return view_of_versions(context, std::move(*versions));
  });
  if (view)
    for (const auto* kind : {"incident", "task", "journal"}) context.notify(kind, incident);
  return view;
}

Result<std::vector<incident::CapabilityAnswer>> list_capabilities(const Context& context, const std::string& incident) {
  return store::reading(context.cases, [&](store::CaseReader& reader) { return capabilities_of(reader, context, incident); });
}

Result<std::vector<incident::CapabilityAnswer>> answer_capabilities(const Context& context, const Caller& caller,
                                                                    const std::string& incident, const incident::Answers& answers) {
  for (const auto& [id, answer] : answers)
    if (context.questions.capability(id) == nullptr)
      return fail(ErrorCode::bad_input, tr("field.not_a_choice", {{"field", "answers"}}), "answers." + id);
  auto kept = store::writing(context.cases, [&](store::CaseWriter& writer) -> Result<std::vector<incident::CapabilityAnswer>> {
    if (const auto known = writer.incident(incident); !known) return tl::make_unexpected(known.error());
    std::string told;
    for (const auto& capability : context.questions.capabilities) {
      const auto at = answers.find(capability.id);
      if (at == answers.end()) continue;
      if (auto done = writer.put_capability(incident, {at->first, at->second, now(), caller.name}); !done)
        return tl::make_unexpected(done.error());
      told += (told.empty() ? "" : " ; ") + say(context, capability.question) + ' ' + answer_word(context, answers, capability.id);
    }
    if (!told.empty())
      if (auto line = write_note(writer, context, caller, incident,
                                 {"capability.answered", say(context, "note.capability", {{"answers", told}}), {}, {}});
          !line)
        return tl::make_unexpected(line.error());
    return capabilities_of(writer, context, incident);
  });
  if (kept)
    for (const auto* kind : {"incident", "journal"}) context.notify(kind, incident);
  return kept;
}

Result<std::vector<incident::StageSpan>> list_stages(const Context& context, const std::string& incident) {
  return store::reading(context.cases, [&](store::CaseReader& reader) -> Result<std::vector<incident::StageSpan>> {
    if (const auto known = reader.incident(incident); !known) return tl::make_unexpected(known.error());
    return reader.stage_spans(incident);
  });
}

Result<std::vector<incident::StageSpan>> set_stage(const Context& context, const Caller& caller, const std::string& incident,
                                                   const std::string& stage, bool open, const std::string& reason) {
  const auto* known = context.stages.stage(stage);
  if (known == nullptr) return fail(ErrorCode::not_found, tr("stage.absent"), stage);
  auto spans = store::writing(context.cases, [&](store::CaseWriter& writer) -> Result<std::vector<incident::StageSpan>> {
    if (const auto record = writer.incident(incident); !record) return tl::make_unexpected(record.error());
    const auto done = open ? writer.open_stage(incident, {stage, now(), caller.name, std::nullopt, ""})
                           : writer.close_stage(incident, stage, now(), caller.name);
    if (!done) return tl::make_unexpected(done.error());
    auto text = say(context, open ? "note.stage_opened" : "note.stage_closed", {{"stage", say(context, known->title)}});
    if (!reason.empty()) text += ' ' + say(context, "note.task_reason", {{"reason", reason}});
    Note note{open ? "stage.opened" : "stage.closed", std::move(text), {}, {}, {}, journal::Kind::decision};
    if (auto line = write_note(writer, context, caller, incident, std::move(note)); !line) return tl::make_unexpected(line.error());
    return writer.stage_spans(incident);
  });
  if (spans)
    for (const auto* kind : {"incident", "journal"}) context.notify(kind, incident);
  return spans;
}

}  // namespace digue::service
