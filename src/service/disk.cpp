#include "service/disk.hpp"

#include "base/text.hpp"

namespace digue::service {

namespace {

Result<std::optional<incident::Waiver>> last_waiver(store::CaseReader& reader) {
  auto all = reader.waivers();
  if (!all) return tl::make_unexpected(all.error());
  return all->empty() ? std::nullopt : std::optional(std::move(all->back()));
}

DiskEncryption disk_of(const Context& context) {
  return context.settings.disk.value_or(DiskEncryption{});
}

}  // namespace

Result<DiskReport> disk_report(const Context& context) {
  return store::reading(context.cases, [&](store::CaseReader& reader) -> Result<DiskReport> {
    auto waiver = last_waiver(reader);
    if (!waiver) return tl::make_unexpected(waiver.error());
    return DiskReport{disk_of(context), std::move(*waiver)};
  });
}

Result<DiskReport> waive_disk_encryption(const Context& context, const Caller& caller, const std::string& reason) {
  if (trim(reason).empty()) return fail(ErrorCode::bad_input, tr("field.missing", {{"field", "reason"}}), "reason");
  const auto disk = disk_of(context);
  if (disk.state == DiskEncryption::State::yes) return fail(ErrorCode::conflict, tr("disk.encrypted"));
  const incident::Waiver waiver{now(), caller.name, reason};
  std::vector<std::string> told;
  const auto done = context.cases.write([&](store::CaseWriter& writer) -> Result<void> {
    told.clear();
    if (auto added = writer.add_waiver(waiver); !added) return added;
    const auto incidents = writer.incidents();
    if (!incidents) return tl::make_unexpected(incidents.error());
    for (const auto& one : *incidents) {
      Note note{"disk.waived", say(context, "note.disk_waived", {{"reason", std::string(clip(reason, 4000))}}), {}, {}};
      note.kind = journal::Kind::decision;
      const auto line = write_note(writer, context, caller, one.incident.id, std::move(note));
      if (!line) return tl::make_unexpected(line.error());
      told.push_back(one.incident.id);
    }
    return {};
  });
  if (!done) return tl::make_unexpected(done.error());
  for (const auto& incident : told) context.notify("journal", incident);
  return DiskReport{disk, waiver};
}

Result<std::string> disk_words(store::CaseReader& reader, const Context& context) {
  if (!context.settings.disk || context.settings.disk->state == DiskEncryption::State::yes) return std::string();
  const auto waiver = last_waiver(reader);
  if (!waiver) return tl::make_unexpected(waiver.error());
  const bool known = context.settings.disk->state == DiskEncryption::State::no;
  std::string text = say(context, known ? "note.disk_no" : "note.disk_unknown", {{"how", context.settings.disk->how}});
  if (*waiver)
    text +=
        ' ' + say(context, "note.disk_waiver", {{"by", (*waiver)->by}, {"at", to_iso8601((*waiver)->at)}, {"reason", (*waiver)->reason}});
  return text;
}

}  // namespace digue::service
