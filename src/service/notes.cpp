#include "service/notes.hpp"

#include "base/clock.hpp"
#include "base/text.hpp"

namespace digue::service {

journal::Draft draft_of(const Context& context, const Caller& caller, Note note, UtcMicros time) {
  journal::Draft draft;
  draft.event_time = time;
  draft.zone = context.settings.zone;
  draft.kind = note.kind;
  draft.about = std::move(note.about);
  draft.body.author = caller.name;
  draft.body.text = std::string(clip(note.text, journal::max_text));
  draft.body.accounts = std::move(note.accounts);
  draft.body.machines = std::move(note.machines);
  draft.body.links = std::move(note.links);
  return draft;
}

Result<store::Entry> write_note(store::CaseWriter& writer, const Context& context, const Caller& caller, const std::string& incident,
                                Note note) {
  const auto time = now();
  return writer.append(incident, draft_of(context, caller, std::move(note), time), time);
}

Result<void> write_security_note(store::CaseWriter& writer, const Caller& caller, std::string kind, std::string detail) {
  const auto added =
      writer.add_security_event({0, now(), std::move(kind), caller.person, caller.name, caller.source, {}, std::move(detail)});
  return added ? Result<void>() : tl::make_unexpected(added.error());
}

const std::string& say(const Context& context, const Localized& text) {
  return context.settings.language == Language::fr ? text.fr : text.en;
}

std::string say(const Context& context, std::string_view key, MessageValues values) {
  return tr_in(context.settings.language, key, values);
}

Note clock_note(const Context& context) {
  const auto facts = read_clock();
  const auto milliseconds = [](std::int64_t micros) { return std::to_string(micros / 1000); };
  std::string text = say(context, "note.clock", {{"source", say(context, "clock.machine")}, {"time", to_iso8601(now())}});
  text += ' ';
  text += facts.synchronised ? say(context, "note.clock_synchronised",
                                   {{"offset", milliseconds(*facts.offset_micros)}, {"error", milliseconds(*facts.error_micros)}})
                             : say(context, "note.clock_alone");
  return {"clock.check", std::move(text), {}, {}};
}

}  // namespace digue::service
