#include "service/other_logs.hpp"

#include <algorithm>

#include "base/crypto/hash.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "journal/export.hpp"
#include "service/exhibits.hpp"
#include "service/notes.hpp"

namespace digue::service {

namespace {

Result<OtherLog> read_log(std::string_view text, const std::string& code) {
  OtherLog out;
  journal::ExportReader reader({}, code);
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = reader.take(text.substr(0, end));
    if (!line) return tl::make_unexpected(line.error());
    if (*line) out.entries.push_back(store::entry_of(**line));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  auto audit = reader.finish();
  if (!audit) return tl::make_unexpected(audit.error());
  out.audit = std::move(*audit);
  for (const auto& entry : out.entries) {
    const auto corrected = entry.header.rectifies.value_or(0);
    if (corrected > 0 && corrected < entry.header.seq && corrected <= static_cast<std::int64_t>(out.entries.size()))
      out.entries[static_cast<std::size_t>(corrected - 1)].rectified_by = entry.header.seq;
  }
  return out;
}

Result<OtherLog> stored_log(const Context& context, const incident::Exhibit& exhibit) {
  const auto bytes = read_file(context.vault.path_of(exhibit.sha256), max_other_log);
  if (!bytes) return tl::make_unexpected(bytes.error());
  auto log = read_log(*bytes, {});
  if (!log) return log;
  log->altered = to_hex(sha256(*bytes)) != exhibit.sha256;
  log->exhibit = exhibit;
  return log;
}

/// That `fresh` is the same journal later: every line of `old` stands in it, and more.
Result<void> continues(const OtherLog& old, const OtherLog& fresh) {
  if (fresh.entries.size() <= old.entries.size() && std::equal(fresh.entries.begin(), fresh.entries.end(), old.entries.begin(),
                                                               [](const auto& a, const auto& b) { return a.leaf == b.leaf; }))
    return fail(ErrorCode::conflict, tr("other_log.nothing_new", {{"lines", std::to_string(old.entries.size())}}));
  for (std::size_t i = 0; i < old.entries.size(); ++i)
    if (i >= fresh.entries.size() || fresh.entries[i].leaf != old.entries[i].leaf)
      return fail(ErrorCode::conflict, tr("other_log.rewritten", {{"line", std::to_string(i + 1)}, {"sha256", old.exhibit.sha256}}),
                  std::to_string(i + 1), tr("other_log.rewritten_help"));
  return {};
}

Result<OtherLog> checked(const std::string& incident, const std::string& bytes, const std::string& code) {
  if (bytes.size() > max_other_log)
    return fail(ErrorCode::limit, tr("field.too_long", {{"field", "export"}, {"limit", std::to_string(max_other_log)}}));
  auto log = read_log(bytes, code);
  if (!log) return log;
  if (log->audit.incident == incident) return fail(ErrorCode::conflict, tr("other_log.own"));
  if (log->entries.empty() || !log->audit.good()) {
    const auto first = log->audit.problems.empty() ? journal::Problem{} : log->audit.problems.front();
    return fail(ErrorCode::bad_input, log->entries.empty() ? tr("other_log.empty") : tr("other_log.damaged", {{"problem", first.message}}),
                std::to_string(first.first), tr("other_log.damaged_help"));
  }
  return log;
}

}  // namespace

Result<std::vector<OtherLog>> other_logs(const Context& context, const std::string& incident) {
  const auto exhibits = list_exhibits(context, incident);
  if (!exhibits) return tl::make_unexpected(exhibits.error());
  std::vector<OtherLog> out;
  for (const auto& exhibit : *exhibits) {
    if (exhibit.method != other_log_method || exhibit.state == "destroyed") continue;
    auto log = stored_log(context, exhibit);
    if (!log) {
      // One that no longer reads does not hide the others.
      out.push_back({exhibit, {}, {}, true});
      continue;
    }
    const auto older = std::find_if(out.begin(), out.end(), [&](const auto& one) { return one.audit.incident == log->audit.incident; });
    if (older == out.end())
      out.push_back(std::move(*log));
    else if (older->entries.size() < log->entries.size())
      *older = std::move(*log);
  }
  return out;
}

Result<OtherLog> take_other_log(const Context& context, const Caller& caller, const std::string& incident, const std::string& machine,
                                const std::string& bytes, const std::string& code) {
  if (trim(machine).empty()) return fail(ErrorCode::bad_input, tr("field.missing", {{"field", "machine"}}), "machine");
  if (machine.size() > journal::max_name)
    return fail(ErrorCode::bad_input, tr("field.too_long", {{"field", "machine"}, {"limit", std::to_string(journal::max_name)}}),
                "machine");
  if (!is_utf8(machine)) return fail(ErrorCode::bad_input, tr("field.not_text", {{"field", "machine"}}), "machine");
  const auto on_paper = std::string(trim(code));
  auto log = checked(incident, bytes, on_paper);
  if (!log) return log;
  if (!on_paper.empty() && !log->audit.code_size)
    return fail(ErrorCode::bad_input, tr("other_log.code"), "code", tr("other_log.code_help"));
  const auto before = other_logs(context, incident);
  if (!before) return tl::make_unexpected(before.error());
  for (const auto& old : *before)
    if (old.audit.incident == log->audit.incident)
      if (const auto more = continues(old, *log); !more) return tl::make_unexpected(more.error());
  const auto record = store::reading(context.cases, [&](store::CaseReader& reader) { return reader.incident(incident); });
  if (!record) return tl::make_unexpected(record.error());

  Arrival arrival;
  arrival.acquisition.source = machine;
  arrival.acquisition.authority = say(context, "acquisition.response", {{"reference", record->reference}});
  arrival.acquisition.method = std::string(other_log_method);
  arrival.acquisition.tool = "Digue";
  arrival.content = "log";
  std::string text = say(context, "note.other_log",
                         {{"machine", machine},
                          {"lines", std::to_string(log->entries.size())},
                          {"origin", log->audit.head.origin},
                          {"signed", std::to_string(log->audit.signed_to)},
                          {"code", journal::short_code(log->audit.head)}});
  if (log->audit.code_size) text += ' ' + say(context, "note.other_log_code", {{"lines", std::to_string(*log->audit.code_size)}});
  auto incoming = context.vault.receive();
  if (!incoming) return tl::make_unexpected(incoming.error());
  if (auto written = incoming->write(bytes); !written) return tl::make_unexpected(written.error());
  const auto sealed = context.vault.seal(std::move(*incoming));
  if (!sealed) return tl::make_unexpected(sealed.error());
  const auto name = machine + "-journal.ndjson";
  const auto done = record_sealed(context, *sealed, [&](store::CaseWriter& writer) -> Result<void> {
    auto exhibit = take_in(writer, context, caller, incident, *sealed, bytes,
                           {name, std::string(other_log_method), std::move(arrival), {"journal.joined", std::move(text), {}, {}}});
    if (!exhibit) return tl::make_unexpected(exhibit.error());
    log->exhibit = std::move(*exhibit);
    return {};
  });
  if (!done) return tl::make_unexpected(done.error());
  for (const auto* kind : {"exhibit", "journal"}) context.notify(kind, incident);
  return log;
}

}  // namespace digue::service
