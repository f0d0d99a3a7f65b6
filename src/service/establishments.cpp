#include "service/establishments.hpp"

#include <algorithm>

#include "base/crypto/random.hpp"
#include "service/notes.hpp"
#include "service/overlays.hpp"

namespace digue::service {

namespace {

using incident::Establishment;
using incident::LocalContact;

template <class T>
const T* with_id(const std::vector<T>& all, const std::string& id) {
  const auto at = std::find_if(all.begin(), all.end(), [&](const T& one) { return one.id == id; });
  return at == all.end() ? nullptr : &*at;
}

/// Every workbench shows the directory: its changes belong to no incident.
void tell(const Context& context) {
  context.notify("directory", "");
}

template <class T>
Result<void> fresh(const T& known, const BasedOn& based_on) {
  return check_based_on(based_on, known.changed ? std::optional(known.changed->at) : std::nullopt, known.changed ? known.changed->by : "");
}

void add_new(std::vector<std::string>& to, const std::vector<std::string>& from) {
  for (const auto& one : from)
    if (std::find(to.begin(), to.end(), one) == to.end()) to.push_back(one);
}

/// In the language of the request.
std::string text_of(const Localized& text) {
  return current_language() == Language::fr ? text.fr : text.en;
}

}  // namespace

Result<std::vector<Establishment>> list_establishments(const Context& context) {
  return store::reading(context.cases, [](store::CaseReader& reader) { return reader.establishments(); });
}

Result<Establishment> save_establishment(const Context& context, const Caller& caller, Establishment establishment,
                                         const BasedOn& based_on) {
  if (!context.duties->calendars.find(establishment.calendar))
    return fail(ErrorCode::bad_input, tr("field.not_a_choice", {{"field", "calendar"}}), "calendar");
  std::vector<std::string> told;
  auto saved = store::writing(context.cases, [&](store::CaseWriter& writer) -> Result<Establishment> {
    const auto known = writer.establishments();
    if (!known) return tl::make_unexpected(known.error());
    const bool is_new = establishment.id.empty();
    if (is_new) {
      establishment.id = random_hex(8);
    } else if (const auto* before = with_id(*known, establishment.id)) {
      if (auto good = fresh(*before, based_on); !good) return tl::make_unexpected(good.error());
    } else {
      return fail(ErrorCode::not_found, tr("establishment.absent"), establishment.id);
    }
    establishment.changed = {now(), caller.name};
    if (auto done = writer.put_establishment(establishment, establishment.changed->at, caller.name); !done)
      return tl::make_unexpected(done.error());
    auto incidents = writer.incidents_of(establishment.id);
    if (!incidents) return tl::make_unexpected(incidents.error());
    for (const auto& incident : *incidents) {
      Note note{"establishment.changed", say(context, "note.establishment", {{"name", establishment.name}}), {}, {}};
      if (auto line = write_note(writer, context, caller, incident, std::move(note)); !line) return tl::make_unexpected(line.error());
    }
    told = std::move(*incidents);
    if (is_new) {
      // An incident that named none was that of the only one.
      const auto followed = apply_overlays_everywhere(writer, context, caller);
      if (!followed) return tl::make_unexpected(followed.error());
      add_new(told, *followed);
    }
    return establishment;
  });
  if (saved) {
    for (const auto& incident : told)
      for (const auto* kind : {"duty", "task", "journal"}) context.notify(kind, incident);
    tell(context);
  }
  return saved;
}

Result<std::vector<LocalContact>> list_contacts(const Context& context) {
  return store::reading(context.cases, [](store::CaseReader& reader) { return reader.contacts(); });
}

Result<LocalContact> save_contact(const Context& context, const Caller& caller, LocalContact contact, const BasedOn& based_on) {
  if (!contact.replaces.empty() && !context.duties->directory.find(contact.replaces))
    return fail(ErrorCode::bad_input, tr("contact.absent"), "replaces");
  auto saved = store::writing(context.cases, [&](store::CaseWriter& writer) -> Result<LocalContact> {
    const auto establishments = writer.establishments();
    if (!establishments) return tl::make_unexpected(establishments.error());
    if (!contact.establishment.empty() && !with_id(*establishments, contact.establishment))
      return fail(ErrorCode::bad_input, tr("establishment.absent"), "establishment");
    const auto known = writer.contacts();
    if (!known) return tl::make_unexpected(known.error());
    const auto* before = contact.id.empty() ? nullptr : with_id(*known, contact.id);
    if (!contact.id.empty() && before == nullptr) return fail(ErrorCode::not_found, tr("contact.absent"), contact.id);
    if (before)
      if (auto good = fresh(*before, based_on); !good) return tl::make_unexpected(good.error());
    if (std::any_of(known->begin(), known->end(), [&](const LocalContact& one) {
          return !contact.replaces.empty() && one.replaces == contact.replaces && one.establishment == contact.establishment &&
                 one.id != contact.id;
        }))
      return fail(ErrorCode::conflict, tr("contact.replaced"), "replaces");
    if (contact.id.empty()) contact.id = random_hex(8);
    contact.changed = {now(), caller.name};
    if (auto done = writer.put_contact(contact, contact.changed->at, caller.name); !done) return tl::make_unexpected(done.error());
    return contact;
  });
  if (saved) tell(context);
  return saved;
}

Result<void> remove_contact(const Context& context, const Caller& caller, const std::string& id) {
  auto removed = context.cases.write([&](store::CaseWriter& writer) { return writer.remove_contact(id, now(), caller.name); });
  if (removed) tell(context);
  return removed;
}

Result<std::vector<Establishment>> entities_of(store::CaseReader& reader, const Context& context, const std::string& incident) {
  const auto known = reader.establishments();
  if (!known) return tl::make_unexpected(known.error());
  const auto chosen = reader.concerned(incident);
  if (!chosen) return tl::make_unexpected(chosen.error());
  std::vector<Establishment> out;
  for (const auto& id : *chosen)
    if (const auto* one = with_id(*known, id)) out.push_back(*one);
  if (out.empty() && known->size() == 1) out = *known;
  if (out.empty()) {
    out.emplace_back();
    out.back().zone = context.settings.zone;
  }
  return out;
}

Result<Settings> settings_for(store::CaseReader& reader, const Context& context, const std::string& incident) {
  const auto known = reader.establishments();
  if (!known) return tl::make_unexpected(known.error());
  const auto entities = entities_of(reader, context, incident);
  if (!entities) return tl::make_unexpected(entities.error());
  Settings out = context.settings;
  for (const auto& one : *known) {
    add_new(out.own_domains, one.own_domains);
    add_new(out.own_ranges, one.own_ranges);
  }
  if (!entities->front().id.empty()) out.zone = entities->front().zone;
  return out;
}

std::vector<Reachable> reach(const Context& context, std::string_view contact, const Establishment& establishment,
                             const std::vector<LocalContact>& local) {
  constexpr std::string_view role_mark = "role:";
  std::vector<Reachable> out;
  const bool is_role = contact.starts_with(role_mark);
  const auto role = is_role ? contact.substr(role_mark.size()) : std::string_view();
  for (const auto& one : local) {
    if (!one.establishment.empty() && one.establishment != establishment.id) continue;
    if (is_role ? (one.role == role && one.replaces.empty()) : one.replaces == contact) {
      const auto name = one.organisation.empty() ? one.name : one.name + ", " + one.organisation;
      out.push_back({one.replaces, name, one.phone, one.mail, one.site, one.hours, true, false});
    }
  }
  const auto add_person = [&](std::string_view name, const std::string& called, const std::string& phone, const std::string& mail) {
    if (role == name && !called.empty()) out.push_back({"", called, phone, mail, "", "", true, false});
  };
  add_person("dpo", establishment.dpo.name, establishment.dpo.phone, establishment.dpo.mail);
  add_person("director", establishment.director.name, establishment.director.phone, establishment.director.mail);
  add_person("rssi", establishment.security.name, establishment.security.phone, establishment.security.mail);
  add_person("insurer", establishment.insurer, establishment.insurer_phone, "");
  add_person("provider", establishment.mail_operator, "", "");
  add_person("mssante_operator", establishment.mssante_operator, establishment.mssante_phone, "");
  if (!is_role && out.empty())
    if (const auto* one = context.duties->directory.find(contact))
      out.push_back({one->id, text_of(one->name), one->phone, one->mail, one->site, one->hours ? text_of(*one->hours) : std::string(),
                     false, one->to_verify});
  return out;
}

}  // namespace digue::service
