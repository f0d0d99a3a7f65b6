#include "service/retention.hpp"

#include <algorithm>
#include <array>

#include "base/crypto/random.hpp"
#include "base/text.hpp"
#include "service/custody.hpp"

namespace digue::service {

namespace {

constexpr std::size_t max_reason = 4000;

Result<void> needed(const std::string& text, const char* field) {
  if (trim(text).empty()) return fail(ErrorCode::bad_input, tr("field.missing", {{"field", field}}), field);
  if (text.size() > max_reason)
    return fail(ErrorCode::bad_input, tr("field.too_long", {{"field", field}, {"limit", std::to_string(max_reason)}}), field);
  return {};
}

Zone zone_of(const Context& context) {
  auto zone = Zone::named(context.settings.zone);
  return zone ? std::move(*zone) : Zone::named("UTC").value();
}

Result<RetentionView> view(store::CaseReader& reader, const Context& context, incident::Incident incident) {
  RetentionView out;
  const auto id = incident.id;
  auto history = reader.closings(id);
  if (!history) return tl::make_unexpected(history.error());
  auto holds = reader.holds_of(id);
  if (!holds) return tl::make_unexpected(holds.error());
  auto destroyed = reader.destruction(id);
  if (!destroyed) return tl::make_unexpected(destroyed.error());
  const auto breaches = reader.breaches(id);
  if (!breaches) return tl::make_unexpected(breaches.error());
  out.proposed = incident::proposed_type(incident.exercise, incident.confirmed, !breaches->empty());
  out.incident = std::move(incident);
  out.history = std::move(*history);
  out.holds = std::move(*holds);
  out.destroyed = std::move(*destroyed);
  if (const auto* closed = out.closed()) {
    // A type that the content lost is kept as long as the longest one.
    const auto zone = zone_of(context);
    for (const auto& type : context.retention.types) {
      if (context.retention.type(closed->type) != nullptr && type.id != closed->type) continue;
      const auto& period = incident::period_of(type, closed->at, zone);
      const auto until = incident::keep_until(closed->at, period, zone);
      if (out.until && until <= *out.until) continue;
      out.until = until;
      out.period = &period;
    }
  }
  const bool held = std::any_of(out.holds.begin(), out.holds.end(), [](const auto& one) { return !one.lifted; });
  if (out.destroyed)
    out.state = Keeping::destroyed;
  else if (held)
    out.state = Keeping::held;
  else if (out.until)
    out.state = *out.until <= now() ? Keeping::due : Keeping::kept;
  return out;
}

Result<RetentionView> view(store::CaseReader& reader, const Context& context, const std::string& id) {
  auto incident = reader.incident(id);
  if (!incident) return tl::make_unexpected(incident.error());
  return view(reader, context, std::move(*incident));
}

tl::unexpected<Error> gone(const incident::Destruction& destroyed) {
  return fail(ErrorCode::conflict, tr("destruction.over", {{"by", destroyed.by}, {"at", to_iso8601(destroyed.at)}}), {},
              tr("destruction.over_help"));
}

/// One decision on the retention of an incident: `change` looks at what is, changes it and gives the line that tells it.
template <class Change>
Result<RetentionView> decide(const Context& context, const Caller& caller, const std::string& incident, Change change) {
  auto done = store::writing(context.cases, [&](store::CaseWriter& writer) -> Result<RetentionView> {
    const auto before = view(writer, context, incident);
    if (!before) return tl::make_unexpected(before.error());
    if (before->destroyed) return gone(*before->destroyed);
    auto note = change(writer, *before);
    if (!note) return tl::make_unexpected(note.error());
    note->kind = journal::Kind::decision;
    if (auto line = write_note(writer, context, caller, incident, std::move(*note)); !line) return tl::make_unexpected(line.error());
    return view(writer, context, incident);
  });
  if (done)
    for (const auto* kind : {"incident", "journal"}) context.notify(kind, incident);
  return done;
}

std::string clipped(const std::string& text) {
  return std::string(clip(text, max_reason));
}

/// Why it cannot be destroyed now.
Result<void> may_go(store::CaseReader& reader, const Context& context, const RetentionView& before, const std::string& reference) {
  if (before.state == Keeping::held) return fail(ErrorCode::conflict, tr("destruction.held"), {}, tr("destruction.held_help"));
  if (before.state == Keeping::open) return fail(ErrorCode::conflict, tr("destruction.open"), {}, tr("destruction.open_help"));
  if (before.state != Keeping::due)
    return fail(ErrorCode::conflict, tr("destruction.early", {{"until", to_local(*before.until, zone_of(context))}}));
  if (reference != before.incident.reference)
    return fail(ErrorCode::bad_input, tr("destruction.reference", {{"reference", before.incident.reference}}), "reference");
  const auto jobs = reader.jobs(before.incident.id);
  if (!jobs) return tl::make_unexpected(jobs.error());
  if (std::any_of(jobs->begin(), jobs->end(), [](const auto& job) { return job.state == "queued" || job.state == "running"; }))
    return fail(ErrorCode::conflict, tr("destruction.job"), {}, tr("job.under_way_help"));
  return {};
}

/// Bytes and words of a destroyed incident leave the files.
Result<void> clean_up(const Context& context, const std::string& incident) {
  struct Rest {
    std::vector<std::string> bytes;
    std::vector<incident::Package> packages;
  };
  const auto rest = store::reading(context.cases, [&](store::CaseReader& reader) -> Result<Rest> {
    auto bytes = reader.lost_bytes(incident);
    if (!bytes) return tl::make_unexpected(bytes.error());
    auto packages = reader.packages(incident);
    if (!packages) return tl::make_unexpected(packages.error());
    return Rest{std::move(*bytes), std::move(*packages)};
  });
  if (!rest) return tl::make_unexpected(rest.error());
  const store::Vault::Recorded recorded = [&](const std::string& sha256) {
    return store::reading(context.cases, [&](store::CaseReader& reader) { return reader.holds(sha256); });
  };
  Result<void> done;
  for (const auto& sha256 : rest->bytes)
    if (done) done = context.vault.remove(sha256, recorded);
  for (const auto& package : rest->packages)
    if (done) done = remove_file(context.documents.packages() + "/" + incident + "/" + package.id);
  // No story has version 0: all go.
  if (done) done = context.documents.keep_only(incident, 0);
  if (done) done = context.events.keep_only(incident, 0);
  if (done) done = context.cases.clean();
  if (done) done = context.cases.write([&](store::CaseWriter& writer) { return writer.set_cleaned(incident); });
  return done;
}

}  // namespace

std::string_view name(Keeping state) {
  constexpr std::array<std::string_view, 5> names{"open", "kept", "due", "held", "destroyed"};
  return names[static_cast<std::size_t>(state)];
}

Result<RetentionView> show_retention(const Context& context, const std::string& incident) {
  return store::reading(context.cases, [&](store::CaseReader& reader) { return view(reader, context, incident); });
}

Result<std::vector<RetentionView>> list_retention(const Context& context) {
  return store::reading(context.cases, [&](store::CaseReader& reader) -> Result<std::vector<RetentionView>> {
    auto all = reader.incidents();
    if (!all) return tl::make_unexpected(all.error());
    std::vector<RetentionView> out;
    for (auto& one : *all) {
      auto seen = view(reader, context, std::move(one.incident));
      if (!seen) return tl::make_unexpected(seen.error());
      out.push_back(std::move(*seen));
    }
    const auto rank = [](const RetentionView& one) {
      return std::pair(one.state != Keeping::due, one.until.value_or(UtcMicros{INT64_MAX}));
    };
    std::stable_sort(out.begin(), out.end(), [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
    return out;
  });
}

Result<RetentionView> close_incident(const Context& context, const Caller& caller, const std::string& incident, const std::string& type,
                                     const std::string& reason) {
  if (auto good = needed(reason, "reason"); !good) return tl::make_unexpected(good.error());
  const auto* chosen = context.retention.type(type);
  if (chosen == nullptr) return fail(ErrorCode::bad_input, tr("field.not_a_choice", {{"field", "type"}}), "type");
  return decide(context, caller, incident, [&](store::CaseWriter& writer, const RetentionView& before) -> Result<Note> {
    if (before.closed() != nullptr) return fail(ErrorCode::conflict, tr("closing.closed"), {}, tr("closing.closed_help"));
    const incident::Closing closing{true, type, now(), caller.name, reason};
    if (auto added = writer.add_closing(incident, closing); !added) return tl::make_unexpected(added.error());
    const auto zone = zone_of(context);
    const auto until = incident::keep_until(closing.at, incident::period_of(*chosen, closing.at, zone), zone);
    return Note{
        "incident.closed",
        say(context, "note.closed", {{"type", say(context, chosen->title)}, {"until", to_local(until, zone)}, {"reason", clipped(reason)}}),
        {},
        {}};
  });
}

Result<RetentionView> reopen_incident(const Context& context, const Caller& caller, const std::string& incident,
                                      const std::string& reason) {
  if (auto good = needed(reason, "reason"); !good) return tl::make_unexpected(good.error());
  return decide(context, caller, incident, [&](store::CaseWriter& writer, const RetentionView& before) -> Result<Note> {
    if (before.closed() == nullptr) return fail(ErrorCode::conflict, tr("closing.open"));
    if (auto added = writer.add_closing(incident, {false, "", now(), caller.name, reason}); !added)
      return tl::make_unexpected(added.error());
    return Note{"incident.reopened", say(context, "note.reopened", {{"reason", clipped(reason)}}), {}, {}};
  });
}

Result<RetentionView> set_hold(const Context& context, const Caller& caller, const std::string& incident, const std::string& reason) {
  if (auto good = needed(reason, "reason"); !good) return tl::make_unexpected(good.error());
  return decide(context, caller, incident, [&](store::CaseWriter& writer, const RetentionView&) -> Result<Note> {
    incident::Hold hold{random_hex(8), reason, now(), caller.name};
    if (auto added = writer.add_hold(incident, hold); !added) return tl::make_unexpected(added.error());
    return Note{"hold.set", say(context, "note.hold_set", {{"reason", clipped(reason)}}), {}, {{"hold", hold.id}}};
  });
}

Result<RetentionView> lift_hold(const Context& context, const Caller& caller, const std::string& incident, const std::string& hold,
                                const std::string& reason) {
  if (auto good = needed(reason, "reason"); !good) return tl::make_unexpected(good.error());
  return decide(context, caller, incident, [&](store::CaseWriter& writer, const RetentionView& before) -> Result<Note> {
    const auto at = std::find_if(before.holds.begin(), before.holds.end(), [&](const auto& one) { return one.id == hold; });
    if (at == before.holds.end()) return fail(ErrorCode::not_found, tr("hold.absent"), hold);
    if (at->lifted) return fail(ErrorCode::conflict, tr("hold.lifted"), hold);
    auto lifted = *at;
    lifted.lifted = now();
    lifted.lifted_by = caller.name;
    lifted.lift_reason = reason;
    if (auto set = writer.lift_hold(incident, lifted); !set) return tl::make_unexpected(set.error());
    return Note{
        "hold.lifted",
        say(context, "note.hold_lifted",
            {{"by", at->by}, {"at", to_local(at->set, zone_of(context))}, {"why", clipped(at->reason)}, {"reason", clipped(reason)}}),
        {},
        {{"hold", hold}}};
  });
}

Result<RetentionView> destroy_incident(const Context& context, const Caller& caller, const std::string& incident,
                                       const std::string& reference, const std::string& reason) {
  if (auto good = needed(reason, "reason"); !good) return tl::make_unexpected(good.error());
  auto done = store::writing(context.cases, [&](store::CaseWriter& writer) -> Result<RetentionView> {
    const auto before = view(writer, context, incident);
    if (!before) return tl::make_unexpected(before.error());
    if (before->destroyed) return gone(*before->destroyed);
    if (auto good = may_go(writer, context, *before, reference); !good) return tl::make_unexpected(good.error());
    const auto exhibits = writer.exhibits(incident);
    if (!exhibits) return tl::make_unexpected(exhibits.error());
    const auto journal = writer.journal(incident, 0, 0, {});
    if (!journal) return tl::make_unexpected(journal.error());
    const incident::Destruction destruction{now(), caller.name, reason, journal->size, static_cast<std::int64_t>(exhibits->size())};
    // GDPR 33(5) wants breaches documented: what was declared of one stays.
    const bool with_register = before->closed()->type != "breach";
    if (auto gone = writer.destroy(incident, destruction, with_register); !gone) return tl::make_unexpected(gone.error());
    std::vector<incident::CustodyEvent> events;
    for (const auto& exhibit : *exhibits)
      events.push_back({exhibit.id, destruction.at, caller.name, "destroyed", {}, reason, {}, exhibit.sha256});
    Note note{"incident.destroyed",
              say(context, "note.destroyed",
                  {{"lines", std::to_string(destruction.lines)},
                   {"exhibits", std::to_string(destruction.exhibits)},
                   {"reason", clipped(reason)}}),
              {},
              {}};
    note.kind = journal::Kind::decision;
    Result<void> noted;
    if (events.empty()) {
      if (const auto line = write_note(writer, context, caller, incident, std::move(note)); !line) return tl::make_unexpected(line.error());
    } else if (noted = note_custody(writer, context, caller, incident, std::move(events), std::move(note)); !noted) {
      return tl::make_unexpected(noted.error());
    }
    return view(writer, context, incident);
  });
  if (!done) return done;
  for (const auto* kind : {"incident", "journal", "exhibit", "task", "story", "duty"}) context.notify(kind, incident);
  if (auto cleaned = clean_up(context, incident); !cleaned)
    return fail(cleaned.error().code, tr("destruction.not_clean", {{"reason", cleaned.error().message}}), cleaned.error().where,
                tr("destruction.not_clean_help"));
  return done;
}

Result<void> finish_destructions(const Context& context) {
  const auto open = store::reading(context.cases, [](store::CaseReader& reader) { return reader.uncleaned(); });
  if (!open) return tl::make_unexpected(open.error());
  for (const auto& incident : *open)
    if (auto done = clean_up(context, incident); !done) return done;
  return {};
}

Result<void> still_there(const Context& context, const std::string& incident) {
  const auto destroyed = store::reading(context.cases, [&](store::CaseReader& reader) { return reader.destruction(incident); });
  if (!destroyed) return tl::make_unexpected(destroyed.error());
  if (*destroyed) return gone(**destroyed);
  return {};
}

}  // namespace digue::service
