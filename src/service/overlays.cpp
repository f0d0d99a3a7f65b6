#include "service/overlays.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "service/establishments.hpp"
#include "service/notes.hpp"

namespace digue::service {

namespace {

using incident::Task;
using incident::TaskState;

playbook::OverlayNames names_of(const Context& context) {
  playbook::OverlayNames names;
  for (const auto& measure : context.playbook.measures)
    for (const auto& action : measure.actions) names.actions.push_back(action.id);
  for (const auto& platform : context.platforms) names.platforms.push_back(platform.id);
  return names;
}

Result<incident::Establishment> establishment_named(store::CaseReader& reader, const std::string& id) {
  const auto all = reader.establishments();
  if (!all) return tl::make_unexpected(all.error());
  for (const auto& one : *all)
    if (one.id == id) return one;
  return fail(ErrorCode::not_found, tr("establishment.absent"), id);
}

/// Why nobody needs the action here; nothing when one establishment does.
std::string not_applicable(const Context& context, const std::vector<EntityOverlay>& entities, const std::string& action) {
  std::string out;
  for (const auto& [establishment, overlay] : entities) {
    const auto* own = overlay.find(action);
    if (own == nullptr || own->not_applicable.empty()) return {};
    out += (out.empty() ? "" : " ") + say(context, "overlay.reason", {{"name", establishment.name}, {"reason", own->not_applicable}});
  }
  return out;
}

void tell(const std::vector<std::string>& changed, const Context& context) {
  for (const auto& incident : changed)
    for (const auto* kind : {"task", "journal", "incident"}) context.notify(kind, incident);
}

}  // namespace

Result<playbook::Overlay> show_overlay(const Context& context, const std::string& establishment) {
  return store::reading(context.cases, [&](store::CaseReader& reader) -> Result<playbook::Overlay> {
    if (const auto known = establishment_named(reader, establishment); !known) return tl::make_unexpected(known.error());
    return reader.overlay(establishment);
  });
}

Result<playbook::Overlay> save_overlay(const Context& context, const Caller& caller, const std::string& establishment,
                                       std::string_view text, const std::string& file) {
  const auto names = names_of(context);
  auto overlay = playbook::load_overlay(text, file, &names);
  if (!overlay) return overlay;
  std::vector<std::string> changed, all;
  auto saved = store::writing(context.cases, [&](store::CaseWriter& writer) -> Result<playbook::Overlay> {
    if (const auto known = establishment_named(writer, establishment); !known) return tl::make_unexpected(known.error());
    if (auto done = writer.put_overlay(establishment, *overlay, now(), caller.name); !done) return tl::make_unexpected(done.error());
    auto followed = apply_overlays_everywhere(writer, context, caller);
    if (!followed) return tl::make_unexpected(followed.error());
    changed = std::move(*followed);
    const auto incidents = writer.incidents();
    if (!incidents) return tl::make_unexpected(incidents.error());
    for (const auto& one : *incidents) all.push_back(one.incident.id);
    return *overlay;
  });
  if (saved) {
    tell(changed, context);
    for (const auto& incident : all) context.notify("duty", incident);  // its own steps, too
  }
  return saved;
}

Result<std::vector<EntityOverlay>> overlays_of(store::CaseReader& reader, const Context& context, const std::string& incident) {
  const auto entities = entities_of(reader, context, incident);
  if (!entities) return tl::make_unexpected(entities.error());
  std::vector<EntityOverlay> out;
  for (const auto& establishment : *entities) {
    auto overlay = establishment.id.empty() ? Result<playbook::Overlay>(playbook::Overlay{}) : reader.overlay(establishment.id);
    if (!overlay) return tl::make_unexpected(overlay.error());
    out.push_back({establishment, std::move(*overlay)});
  }
  return out;
}

Result<std::vector<EntityOverlay>> list_overlays(const Context& context, const std::string& incident) {
  return store::reading(context.cases, [&](store::CaseReader& reader) -> Result<std::vector<EntityOverlay>> {
    if (const auto known = reader.incident(incident); !known) return tl::make_unexpected(known.error());
    return overlays_of(reader, context, incident);
  });
}

Result<bool> apply_overlays(store::CaseWriter& writer, const Context& context, const Caller& caller, const std::string& incident) {
  const auto entities = overlays_of(writer, context, incident);
  if (!entities) return tl::make_unexpected(entities.error());
  const auto tasks = writer.tasks(incident);
  if (!tasks) return tl::make_unexpected(tasks.error());
  std::string closed, opened;
  for (Task task : *tasks) {
    if (task.changed) continue;
    const auto reason = not_applicable(context, *entities, task.action);
    const auto state = reason.empty() ? TaskState::todo : TaskState::not_applicable;
    if (task.state == state && task.reason == reason) continue;
    const auto what = task.target.empty() ? task.action : task.action + " (" + task.target + ")";
    std::string& list = reason.empty() ? opened : closed;
    list += (list.empty() ? "" : ", ") + what + (reason.empty() ? "" : " - " + reason);
    task.state = state;
    task.reason = reason;
    if (auto done = writer.set_task(incident, task); !done) return tl::make_unexpected(done.error());
  }
  if (closed.empty() && opened.empty()) return false;
  std::string text;
  if (!closed.empty()) text = say(context, "note.overlay_closed", {{"actions", closed}});
  if (!opened.empty()) text += (text.empty() ? "" : " ") + say(context, "note.overlay_opened", {{"actions", opened}});
  if (auto line = write_note(writer, context, caller, incident, {"overlay.applied", std::move(text), {}, {}}); !line)
    return tl::make_unexpected(line.error());
  return true;
}

Result<std::vector<std::string>> apply_overlays_everywhere(store::CaseWriter& writer, const Context& context, const Caller& caller) {
  const auto incidents = writer.incidents();
  if (!incidents) return tl::make_unexpected(incidents.error());
  std::vector<std::string> changed;
  for (const auto& one : *incidents) {
    const auto applied = apply_overlays(writer, context, caller, one.incident.id);
    if (!applied) return tl::make_unexpected(applied.error());
    if (*applied) changed.push_back(one.incident.id);
  }
  return changed;
}

}  // namespace digue::service
