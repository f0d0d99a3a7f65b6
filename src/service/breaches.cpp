#include <algorithm>

#include "base/text.hpp"
#include "service/duty_facts.hpp"
#include "service/notes.hpp"

namespace digue::service {

namespace {

Result<std::vector<BreachView>> view(store::CaseReader& reader, const Context& context, const std::string& incident) {
  const auto entities = entities_of(reader, context, incident);
  if (!entities) return tl::make_unexpected(entities.error());
  const auto breaches = reader.breaches(incident);
  if (!breaches) return tl::make_unexpected(breaches.error());
  const auto history = reader.instants(incident);
  if (!history) return tl::make_unexpected(history.error());
  const auto filings = reader.filings(incident);
  if (!filings) return tl::make_unexpected(filings.error());
  std::vector<BreachView> out;
  const auto add = [&](const incident::Establishment& establishment, const std::string& written_for) {
    BreachView one{establishment, {}, std::nullopt, {}};
    one.breach.establishment = establishment.id;
    for (const auto& breach : *breaches)
      if (breach.establishment == written_for) one.breach = breach;
    const auto times = times_of(*history, *filings, establishment);
    if (const auto at = times.instants.find("awareness"); at != times.instants.end()) one.awareness = at->second;
    for (const auto& filing : *filings)
      if (filing.duty == "cnil" && filing.establishment == written_for) one.cnil = filing.filing;
    out.push_back(std::move(one));
  };
  const auto written = [&](const std::string& id) {
    return std::any_of(breaches->begin(), breaches->end(), [&](const auto& one) { return one.establishment == id; });
  };
  for (const auto& one : *entities) {
    // What was written before the only establishment had a name is its own.
    const bool before_name = entities->size() == 1 && !written(one.id) && written("");
    add(one, before_name ? "" : one.id);
  }
  if (entities->size() > 1 && written("")) add({}, "");
  return out;
}

}  // namespace

Result<std::vector<BreachView>> show_breaches(const Context& context, const std::string& incident) {
  return store::reading(context.cases, [&](store::CaseReader& reader) -> Result<std::vector<BreachView>> {
    if (const auto known = reader.incident(incident); !known) return tl::make_unexpected(known.error());
    return view(reader, context, incident);
  });
}

Result<std::vector<BreachView>> write_breach(const Context& context, const Caller& caller, const std::string& incident,
                                             incident::Breach breach, const BasedOn& based_on) {
  auto written = store::writing(context.cases, [&](store::CaseWriter& writer) -> Result<std::vector<BreachView>> {
    if (const auto known = writer.incident(incident); !known) return tl::make_unexpected(known.error());
    const auto entities = entities_of(writer, context, incident);
    if (!entities) return tl::make_unexpected(entities.error());
    const auto at = std::find_if(entities->begin(), entities->end(), [&](const auto& one) { return one.id == breach.establishment; });
    if (at == entities->end()) return fail(ErrorCode::bad_input, tr("duty.not_concerned"), "establishment");
    const auto before = view(writer, context, incident);
    if (!before) return tl::make_unexpected(before.error());
    for (const auto& line : *before) {
      if (line.establishment.id != breach.establishment) continue;
      const auto changed = line.breach.changed.value == 0 ? std::nullopt : std::optional(line.breach.changed);
      if (auto fresh = check_based_on(based_on, changed, line.breach.by); !fresh) return tl::make_unexpected(fresh.error());
    }
    breach.changed = now();
    breach.by = caller.name;
    if (auto done = writer.put_breach(incident, breach); !done) return tl::make_unexpected(done.error());
    Note note{"breach.written",
              say(context, "note.breach", {{"establishment", at->name.empty() ? say(context, "duty.whole_incident") : at->name}}),
              {},
              {}};
    if (auto line = write_note(writer, context, caller, incident, std::move(note)); !line) return tl::make_unexpected(line.error());
    return view(writer, context, incident);
  });
  if (written)
    for (const auto* kind : {"duty", "journal"}) context.notify(kind, incident);
  return written;
}

Result<std::string> breaches_csv(const Context& context, const std::string& incident, Language language) {
  return store::reading(context.cases, [&](store::CaseReader& reader) -> Result<std::string> {
    const auto record = reader.incident(incident);
    if (!record) return tl::make_unexpected(record.error());
    const auto lines = view(reader, context, incident);
    if (!lines) return tl::make_unexpected(lines.error());
    std::string out;
    const auto row = [&](const std::vector<std::string>& cells) {
      for (std::size_t i = 0; i < cells.size(); ++i) out += (i == 0 ? "" : ",") + csv_cell(cells[i]);
      out += "\r\n";
    };
    std::vector<std::string> head;
    for (const auto* key : {"reference", "title", "establishment", "awareness", "notified", "receipt"})
      head.push_back(tr_in(language, std::string("breach.") + key));
    for (const auto key : incident::Breach::fields) head.push_back(tr_in(language, "breach." + std::string(key)));
    head.push_back(tr_in(language, "breach.changed"));
    head.push_back(tr_in(language, "breach.by"));
    row(head);
    for (const auto& line : *lines) {
      std::vector<std::string> cells{record->reference,
                                     record->title,
                                     line.establishment.name,
                                     line.awareness ? to_iso8601(*line.awareness) : "",
                                     line.cnil.filed ? to_iso8601(*line.cnil.filed) : "",
                                     line.cnil.receipt};
      cells.insert(cells.end(), line.breach.texts.begin(), line.breach.texts.end());
      cells.push_back(line.breach.changed.value == 0 ? "" : to_iso8601(line.breach.changed));
      cells.push_back(line.breach.by);
      row(cells);
    }
    return out;
  });
}

}  // namespace digue::service
