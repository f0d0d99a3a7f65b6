#include "service/pins.hpp"

#include <algorithm>
#include <array>

#include "base/crypto/random.hpp"
#include "base/ip.hpp"
#include "base/text.hpp"
#include "service/notes.hpp"

namespace digue::service {

namespace {

constexpr std::array<std::string_view, 4> kinds{"session", "ip", "device", "account"};
constexpr std::array<std::string_view, 3> actors{"attacker", "user", "known_good"};

template <std::size_t N>
bool among(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

tl::unexpected<Error> not_a_choice(const char* field) {
  return fail(ErrorCode::bad_input, tr("field.not_a_choice", {{"field", field}}), field);
}

Note note_of(const Context& context, const incident::Pin& pin, std::string_view key, const std::string& reason) {
  return {std::string(key == "note.pin" ? "pin.added" : "pin.removed"),
          say(context, key,
              {{"kind", say(context, "pin." + pin.kind)},
               {"value", pin.value},
               {"actor", say(context, "actor." + pin.actor)},
               {"reason", reason}}),
          pin.kind == "account" ? std::vector<std::string>{pin.value} : std::vector<std::string>{},
          {{"pin", pin.id}}};
}

}  // namespace

Result<std::vector<incident::Pin>> list_pins(const Context& context, const std::string& incident) {
  return store::reading(context.cases, [&](store::CaseReader& reader) -> Result<std::vector<incident::Pin>> {
    if (const auto known = reader.incident(incident); !known) return tl::make_unexpected(known.error());
    return reader.pins(incident);
  });
}

Result<incident::Pin> add_pin(const Context& context, const Caller& caller, const std::string& incident, const NewPin& pin) {
  if (!among(kinds, pin.kind)) return not_a_choice("kind");
  if (!among(actors, pin.actor)) return not_a_choice("actor");
  incident::Pin record{random_hex(8), pin.kind, std::string(trim(pin.value)), pin.actor, pin.reason, now(), caller.name};
  if (pin.kind == "account") lower_in_place(record.value);
  if (pin.kind == "ip") {
    const auto ip = parse_ip(record.value);
    if (!ip) return fail(ErrorCode::bad_input, tr("field.not_an_address", {{"field", "value"}}), "value");
    record.value = to_text(*ip);
  }
  const auto added = context.cases.write([&](store::CaseWriter& writer) -> Result<void> {
    if (const auto known = writer.incident(incident); !known) return tl::make_unexpected(known.error());
    if (auto done = writer.add_pin(incident, record); !done) return done;
    const auto line = write_note(writer, context, caller, incident, note_of(context, record, "note.pin", record.reason));
    if (!line) return tl::make_unexpected(line.error());
    return {};
  });
  if (!added) return tl::make_unexpected(added.error());
  context.notify("story", incident);
  context.notify("journal", incident);
  return record;
}

Result<void> remove_pin(const Context& context, const Caller& caller, const std::string& incident, const std::string& id,
                        const std::string& reason) {
  const auto removed = context.cases.write([&](store::CaseWriter& writer) -> Result<void> {
    const auto pin = writer.remove_pin(incident, id, now(), caller.name, reason);
    if (!pin) return tl::make_unexpected(pin.error());
    const auto line = write_note(writer, context, caller, incident, note_of(context, *pin, "note.unpin", reason));
    if (!line) return tl::make_unexpected(line.error());
    return {};
  });
  if (removed) {
    context.notify("story", incident);
    context.notify("journal", incident);
  }
  return removed;
}

}  // namespace digue::service
