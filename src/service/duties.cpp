#include "service/duties.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "service/duty_facts.hpp"
#include "service/notes.hpp"
#include "service/overlays.hpp"

namespace digue::service {

namespace {

using incident::DutyFiling;
using incident::Establishment;
using incident::Filing;
using incident::Instant;
using incident::Obligation;

/// All that the duties of one incident are told from.
struct Ground {
  incident::Facts facts;
  std::vector<Establishment> entities;
  std::vector<std::string> chosen;
  std::vector<Instant> history;
  std::vector<DutyFiling> filings;
  std::vector<incident::LocalContact> contacts;
};

template <class T>
Result<void> take(T& out, Result<T> read) {
  if (!read) return tl::make_unexpected(read.error());
  out = std::move(*read);
  return {};
}

Result<Ground> ground_of(store::CaseReader& reader, const Context& context, const std::string& incident) {
  Ground out;
  auto good = take(out.facts, facts_of(reader, incident));
  if (good) good = take(out.entities, entities_of(reader, context, incident));
  if (good) good = take(out.chosen, reader.concerned(incident));
  if (good) good = take(out.history, reader.instants(incident));
  if (good) good = take(out.filings, reader.filings(incident));
  if (good) good = take(out.contacts, reader.contacts());
  if (!good) return tl::make_unexpected(good.error());
  const bool before_names = std::any_of(out.filings.begin(), out.filings.end(), [](const auto& one) { return one.establishment.empty(); });
  if (out.entities.size() > 1 && before_names) {
    out.entities.emplace_back();  // what was filed before the establishments were named stays in sight
    out.entities.back().zone = context.settings.zone;
  }
  return out;
}

/// The filings that count for an entity: its own; for the only entity also those from before it had a name.
std::vector<DutyFiling> filings_for(const Ground& ground, const std::string& establishment) {
  std::vector<DutyFiling> out;
  for (const auto& one : ground.filings)
    if (one.establishment == establishment) out.push_back(one);
  if (ground.entities.size() > 1) return out;
  for (auto one : ground.filings) {
    if (!one.establishment.empty()) continue;
    if (std::any_of(out.begin(), out.end(), [&](const auto& own) { return own.duty == one.duty; })) continue;
    one.establishment = establishment;
    out.push_back(std::move(one));
  }
  return out;
}

Filing filing_of(const std::vector<DutyFiling>& filings, std::string_view duty) {
  const auto at = std::find_if(filings.begin(), filings.end(), [&](const auto& one) { return one.duty == duty; });
  return at == filings.end() ? Filing{} : at->filing;
}

EntityView entity_view(const Context& context, const Ground& ground, const Establishment& establishment, UtcMicros time) {
  auto facts = ground.facts;
  add_facts(establishment, facts);
  const auto filings = filings_for(ground, establishment.id);
  const auto times = times_of(ground.history, filings, establishment);
  EntityView out{establishment, times.instants, {}};
  for (const auto& duty : context.duties->obligations) {
    const auto filing = filing_of(filings, duty.id);
    out.duties.push_back(
        {&duty, stand(duty, facts, times, filing, time), filing, reach(context, duty.contact, establishment, ground.contacts)});
  }
  return out;
}

Result<DutiesView> view(store::CaseReader& reader, const Context& context, const std::string& incident) {
  auto ground = ground_of(reader, context, incident);
  if (!ground) return tl::make_unexpected(ground.error());
  DutiesView out{now(), ground->history, ground->chosen, {}};
  for (const auto& one : ground->entities) out.entities.push_back(entity_view(context, *ground, one, out.now));
  return out;
}

/// A change by `work` (which gives the line to write), then the new view.
template <class Work>
Result<DutiesView> change(const Context& context, const Caller& caller, const std::string& incident, Work work) {
  auto changed = store::writing(context.cases, [&](store::CaseWriter& writer) -> Result<DutiesView> {
    auto ground = ground_of(writer, context, incident);
    if (!ground) return tl::make_unexpected(ground.error());
    Result<Note> note = work(writer, *ground);
    if (!note) return tl::make_unexpected(note.error());
    if (auto line = write_note(writer, context, caller, incident, std::move(*note)); !line) return tl::make_unexpected(line.error());
    return view(writer, context, incident);
  });
  if (changed)
    for (const auto* kind : {"duty", "journal"}) context.notify(kind, incident);
  return changed;
}

Result<Establishment> entity(const Ground& ground, const std::string& id) {
  for (const auto& one : ground.entities)
    if (one.id == id) return one;
  return fail(ErrorCode::bad_input, tr("duty.not_concerned"), "establishment");
}

Result<const Obligation*> known_duty(const Context& context, const std::string& id) {
  if (const auto* duty = context.duties->find(id)) return duty;
  return fail(ErrorCode::not_found, tr("duty.absent"), id);
}

std::string title_of(const Context& context, const Obligation& duty) {
  return context.settings.language == Language::fr ? duty.title.fr : duty.title.en;
}

std::string name_of(const Context& context, const Establishment& one) {
  return one.name.empty() ? say(context, "duty.whole_incident") : one.name;
}

Result<void> need_reason(std::string_view reason, std::string_view help) {
  if (!trim(reason).empty()) return {};
  return fail(ErrorCode::bad_input, tr("duty.reason_needed"), "reason", tr(help));
}

Result<void> not_ahead(UtcMicros time, std::string_view field) {
  // Clocks of two machines differ by a little.
  if (time.value <= now().value + micros_per_minute) return {};
  return fail(ErrorCode::bad_input, tr("duty.ahead"), std::string(field), tr("duty.ahead_help"));
}

}  // namespace

Result<DutiesView> show_duties(const Context& context, const std::string& incident) {
  return store::reading(context.cases, [&](store::CaseReader& reader) { return view(reader, context, incident); });
}

Result<DutiesView> choose_establishments(const Context& context, const Caller& caller, const std::string& incident,
                                         const std::vector<std::string>& establishments) {
  auto changed = change(context, caller, incident, [&](store::CaseWriter& writer, const Ground&) -> Result<Note> {
    const auto known = writer.establishments();
    if (!known) return tl::make_unexpected(known.error());
    std::string names;
    std::vector<std::string> ids;
    for (const auto& id : establishments) {
      const auto at = std::find_if(known->begin(), known->end(), [&](const auto& one) { return one.id == id; });
      if (at == known->end()) return fail(ErrorCode::bad_input, tr("establishment.absent"), "establishments");
      if (std::find(ids.begin(), ids.end(), id) != ids.end()) continue;
      ids.push_back(id);
      names += (names.empty() ? "" : ", ") + at->name;
    }
    if (auto done = writer.set_concerned(incident, ids); !done) return tl::make_unexpected(done.error());
    if (auto applied = apply_overlays(writer, context, caller, incident); !applied) return tl::make_unexpected(applied.error());
    return Note{"establishment.concerned", say(context, "note.concerned", {{"names", names.empty() ? "-" : names}}), {}, {}};
  });
  if (changed) context.notify("task", incident);
  return changed;
}

Result<DutiesView> record_instant(const Context& context, const Caller& caller, const std::string& incident, Instant instant) {
  const auto names = incident::instant_names();
  if (std::find(names.begin(), names.end(), instant.name) == names.end())
    return fail(ErrorCode::bad_input, tr("field.not_a_choice", {{"field", "name"}}), "name");
  if (auto good = need_reason(instant.reason, "duty.instant_help"); !good) return tl::make_unexpected(good.error());
  if (auto good = not_ahead(instant.at, "at"); !good) return tl::make_unexpected(good.error());
  return change(context, caller, incident, [&](store::CaseWriter& writer, const Ground& ground) -> Result<Note> {
    Establishment whose;
    whose.zone = context.settings.zone;
    if (!instant.establishment.empty()) {
      auto found = entity(ground, instant.establishment);
      if (!found) return tl::make_unexpected(found.error());
      whose = std::move(*found);
    }
    instant.recorded = now();
    instant.by = caller.name;
    if (auto done = writer.add_instant(incident, instant); !done) return tl::make_unexpected(done.error());
    return Note{"duty.instant",
                say(context, "note.instant",
                    {{"name", say(context, "instant." + instant.name)},
                     {"establishment", name_of(context, whose)},
                     {"time", local_text(instant.at, whose.zone)},
                     {"reason", instant.reason}}),
                {},
                {}};
  });
}

Result<DutiesView> record_filing(const Context& context, const Caller& caller, const std::string& incident,
                                 const std::string& establishment, const std::string& duty, const NewFiling& given) {
  const auto rule = known_duty(context, duty);
  if (!rule) return tl::make_unexpected(rule.error());
  if (given.filed)
    if (auto good = not_ahead(*given.filed, "filed"); !good) return tl::make_unexpected(good.error());
  return change(context, caller, incident, [&](store::CaseWriter& writer, const Ground& ground) -> Result<Note> {
    const auto whose = entity(ground, establishment);
    if (!whose) return tl::make_unexpected(whose.error());
    const auto filings = filings_for(ground, establishment);
    DutyFiling record{establishment, duty, filing_of(filings, duty)};
    auto facts = ground.facts;
    add_facts(*whose, facts);
    record.filing.filed = given.filed;
    const auto standing = stand(**rule, facts, times_of(ground.history, filings, *whose), record.filing, now());
    const bool late = given.filed ? standing.filed_late && !(*rule)->clock.soft : true;
    if (late)
      if (auto good = need_reason(given.reason, "duty.late_help"); !good) return tl::make_unexpected(good.error());
    record.filing.receipt = given.filed ? given.receipt : std::string();
    record.filing.late_reason = given.reason;
    record.filing.filed_by = caller.name;
    record.filing.recorded = now();
    if (auto done = writer.put_filing(incident, record); !done) return tl::make_unexpected(done.error());
    std::string text = say(context, given.filed ? "note.filed" : "note.not_filed",
                           {{"duty", title_of(context, **rule)},
                            {"establishment", name_of(context, *whose)},
                            {"time", given.filed ? local_text(*given.filed, whose->zone) : std::string()},
                            {"receipt", given.receipt.empty() ? "-" : given.receipt}});
    if (given.filed && standing.filed_late) text += ' ' + say(context, "note.filed_late");
    if (!given.reason.empty()) text += ' ' + say(context, "note.task_reason", {{"reason", given.reason}});
    return Note{"duty.filed", std::move(text), {}, {}};
  });
}

Result<DutiesView> overrule(const Context& context, const Caller& caller, const std::string& incident, const std::string& establishment,
                            const std::string& duty, std::optional<bool> applies, const std::string& reason) {
  const auto rule = known_duty(context, duty);
  if (!rule) return tl::make_unexpected(rule.error());
  if (auto good = need_reason(reason, "duty.overrule_help"); !good) return tl::make_unexpected(good.error());
  return change(context, caller, incident, [&](store::CaseWriter& writer, const Ground& ground) -> Result<Note> {
    const auto whose = entity(ground, establishment);
    if (!whose) return tl::make_unexpected(whose.error());
    DutyFiling record{establishment, duty, filing_of(filings_for(ground, establishment), duty)};
    record.filing.applies = applies;
    record.filing.overrule_reason = reason;
    record.filing.overruled_by = caller.name;
    record.filing.overruled = now();
    if (auto done = writer.put_filing(incident, record); !done) return tl::make_unexpected(done.error());
    const auto* key = !applies ? "note.overrule_none" : *applies ? "note.overrule_yes" : "note.overrule_no";
    return Note{"duty.overruled",
                say(context, key, {{"duty", title_of(context, **rule)}, {"establishment", name_of(context, *whose)}, {"reason", reason}}),
                {},
                {}};
  });
}

Result<DutyDraft> draft_of(const Context& context, const Caller& caller, const std::string& incident, const std::string& establishment,
                           const std::string& duty, Language language) {
  const auto rule = known_duty(context, duty);
  if (!rule) return tl::make_unexpected(rule.error());
  return store::reading(context.cases, [&](store::CaseReader& reader) -> Result<DutyDraft> {
    const auto ground = ground_of(reader, context, incident);
    if (!ground) return tl::make_unexpected(ground.error());
    const auto whose = entity(*ground, establishment);
    if (!whose) return tl::make_unexpected(whose.error());
    const auto values = draft_values(reader, context, caller, incident, *whose, filings_for(*ground, establishment), duty, language);
    if (!values) return tl::make_unexpected(values.error());
    const auto blank = tr_in(language, "duty.blank");
    const auto fill = [&](const Localized& text) {
      return incident::fill_draft(language == Language::fr ? text.fr : text.en, *values, blank);
    };
    return DutyDraft{fill((*rule)->subject), fill((*rule)->draft)};
  });
}

Result<CallsView> calls_now(const Context& context, const std::string& incident) {
  return store::reading(context.cases, [&](store::CaseReader& reader) -> Result<CallsView> {
    Ground ground;
    if (!incident.empty()) {
      auto got = ground_of(reader, context, incident);
      if (!got) return tl::make_unexpected(got.error());
      ground = std::move(*got);
    } else {
      auto known = reader.establishments();
      if (!known) return tl::make_unexpected(known.error());
      auto contacts = reader.contacts();
      if (!contacts) return tl::make_unexpected(contacts.error());
      ground.entities = std::move(*known);
      ground.contacts = std::move(*contacts);
      if (ground.entities.empty()) ground.entities.emplace_back().zone = context.settings.zone;
    }
    const auto& directory = context.duties->directory;
    CallsView out{now(), {}};
    for (const auto& one : ground.entities) {
      const auto zone = Zone::named(one.zone);
      if (!zone) return tl::make_unexpected(zone.error());
      CallsView::Entity told{one, moment_of(directory, context.duties->calendars, out.now, *zone, one.calendar), {}};
      auto facts = ground.facts;
      add_facts(one, facts);
      facts.office_hours = told.moment.office_hours;
      facts.local_hours = told.moment.local_hours;
      for (const auto* call : calls_for(directory, facts)) {
        CallView shown{call, {}};
        for (const auto& way : call->ways) shown.ways.push_back({way.contact, way.by, reach(context, way.contact, one, ground.contacts)});
        told.calls.push_back(std::move(shown));
      }
      out.entities.push_back(std::move(told));
    }
    return out;
  });
}

}  // namespace digue::service
