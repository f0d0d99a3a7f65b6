#include "service/custody.hpp"

#include <algorithm>

#include "base/crypto/hash.hpp"
#include "base/text.hpp"

namespace digue::service {

namespace {

Result<void> needed(const std::string& text, const char* field) {
  if (!trim(text).empty()) return {};
  return fail(ErrorCode::bad_input, tr("field.missing", {{"field", field}}), field);
}

void tell(const Context& context, const std::string& incident) {
  context.notify("exhibit", incident);
  context.notify("journal", incident);
}

}  // namespace

Result<std::vector<incident::CustodyEvent>> list_custody(const Context& context, const std::string& incident) {
  return store::reading(context.cases, [&](store::CaseReader& reader) -> Result<std::vector<incident::CustodyEvent>> {
    if (const auto known = reader.incident(incident); !known) return tl::make_unexpected(known.error());
    return reader.custody(incident);
  });
}

Result<std::vector<incident::AcquisitionVersion>> list_acquisitions(const Context& context, const std::string& incident) {
  return store::reading(context.cases, [&](store::CaseReader& reader) -> Result<std::vector<incident::AcquisitionVersion>> {
    if (const auto known = reader.incident(incident); !known) return tl::make_unexpected(known.error());
    return reader.acquisitions(incident);
  });
}

Result<void> note_custody(store::CaseWriter& writer, const Context& context, const Caller& caller, const std::string& incident,
                          std::vector<incident::CustodyEvent> events, Note note) {
  std::string head;
  for (auto& event : events) {
    if (note.links.size() + 1 < journal::max_items) note.links.push_back({"exhibit", event.exhibit});
    const auto added = writer.add_custody(incident, std::move(event));
    if (!added) return tl::make_unexpected(added.error());
    head = added->hash;
  }
  if (!head.empty()) note.links.push_back({"custody", head});
  const auto line = write_note(writer, context, caller, incident, std::move(note));
  return line ? Result<void>() : tl::make_unexpected(line.error());
}

Result<incident::AcquisitionVersion> correct_acquisition(const Context& context, const Caller& caller, const std::string& incident,
                                                         const std::string& exhibit, const incident::Acquisition& acquisition,
                                                         const std::string& reason) {
  if (auto good = needed(reason, "reason"); !good) return tl::make_unexpected(good.error());
  if (const auto missing = missing_fields(acquisition); !missing.empty())
    return fail(ErrorCode::bad_input, tr("field.missing", {{"field", missing.front()}}), missing.front());
  auto done = store::writing(context.cases, [&](store::CaseWriter& writer) -> Result<incident::AcquisitionVersion> {
    const auto known = writer.exhibit(incident, exhibit);
    if (!known) return tl::make_unexpected(known.error());
    incident::AcquisitionVersion version{exhibit, acquisition, now(), caller.name, reason};
    if (auto added = writer.add_acquisition(incident, version); !added) return tl::make_unexpected(added.error());
    incident::CustodyEvent event{exhibit, version.recorded, caller.name, "recorded", acquisition.source};
    event.purpose = reason;
    event.digest = to_hex(sha256(incident::acquisition_text(acquisition)));
    Note note{
        "acquisition.corrected",
        say(context, "note.acquisition", {{"name", std::string(clip(known->name, 1000))}, {"reason", std::string(clip(reason, 4000))}}),
        {},
        {}};
    if (auto noted = note_custody(writer, context, caller, incident, {std::move(event)}, std::move(note)); !noted)
      return tl::make_unexpected(noted.error());
    return version;
  });
  if (done) tell(context, incident);
  return done;
}

Result<incident::CustodyEvent> record_handover(const Context& context, const Caller& caller, const std::string& incident,
                                               const std::string& exhibit, const Handover& given) {
  if (given.what != "transferred" && given.what != "released")
    return fail(ErrorCode::bad_input, tr("field.not_a_choice", {{"field", "what"}}), "what");
  for (const auto& [text, field] :
       {std::pair(&given.recipient, "recipient"), std::pair(&given.how, "how"), std::pair(&given.purpose, "purpose")})
    if (auto good = needed(*text, field); !good) return tl::make_unexpected(good.error());
  auto done = store::writing(context.cases, [&](store::CaseWriter& writer) -> Result<incident::CustodyEvent> {
    const auto known = writer.exhibit(incident, exhibit);
    if (!known) return tl::make_unexpected(known.error());
    incident::CustodyEvent event{exhibit, now(), caller.name, given.what, given.how, given.purpose, given.recipient, known->sha256};
    Note note{"custody." + given.what,
              say(context, "note.custody_" + given.what,
                  {{"name", std::string(clip(known->name, 1000))},
                   {"recipient", given.recipient},
                   {"how", std::string(clip(given.how, 4000))},
                   {"purpose", std::string(clip(given.purpose, 4000))}}),
              {},
              {}};
    note.kind = journal::Kind::action;
    if (auto noted = note_custody(writer, context, caller, incident, {event}, std::move(note)); !noted)
      return tl::make_unexpected(noted.error());
    const auto added = writer.last_custody(incident, exhibit, caller.name, given.what);
    if (!added) return tl::make_unexpected(added.error());
    return added->value_or(event);
  });
  if (done) tell(context, incident);
  return done;
}

}  // namespace digue::service
