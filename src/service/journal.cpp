#include "service/journal.hpp"

#include <algorithm>
#include <array>

#include "base/crypto/timestamp.hpp"
#include "journal/export.hpp"
#include "service/notes.hpp"

namespace digue::service {

namespace {

constexpr std::int64_t lines_per_part = 500;
// A time stamp comes with its proof, by add_timestamp().
constexpr std::array<std::string_view, 5> ways{"paper", "print", "export", "message", "other"};

Result<void> known(store::CaseReader& reader, const std::string& incident) {
  const auto found = reader.incident(incident);
  if (!found) return tl::make_unexpected(found.error());
  return {};
}

/// Empty when the note cannot be read: the audit says so.
std::string code_of(const store::StoredCheckpoint& checkpoint) {
  const auto note = journal::parse_note(checkpoint.note);
  const auto read = note ? journal::parse_checkpoint(note->text) : Result<journal::Checkpoint>(tl::make_unexpected(note.error()));
  return read ? journal::short_code(*read) : std::string();
}

Result<Protection> protection_of(store::CaseReader& reader, const std::string& incident) {
  Protection out;
  const auto page = reader.journal(incident, 0, 0, {});
  if (!page) return tl::make_unexpected(page.error());
  out.size = page->size;
  auto all = reader.checkpoints(incident);
  if (!all) return tl::make_unexpected(all.error());
  auto copies = reader.checkpoint_copies(incident);
  if (!copies) return tl::make_unexpected(copies.error());
  for (const auto& copy : *copies) {
    const auto at = std::find_if(all->begin(), all->end(), [&](const auto& one) { return one.size == copy.size; });
    out.copy_codes.push_back(at == all->end() ? std::string() : code_of(*at));
  }
  out.copies = std::move(*copies);
  auto keys = store::journal_keys_of(reader, incident);
  if (!keys) return tl::make_unexpected(keys.error());
  out.keys = std::move(*keys);
  if (!all->empty()) {
    out.code = code_of(all->back());
    out.last = std::move(all->back());
  }
  return out;
}

/// Notes a copy of a checkpoint, and writes it in the journal.
Result<Protection> keep_copy(const Context& context, const Caller& caller, const std::string& incident, const store::CheckpointCopy& copy) {
  auto noted = store::writing(context.cases, [&](store::CaseWriter& writer) -> Result<Protection> {
    if (const auto there = known(writer, incident); !there) return tl::make_unexpected(there.error());
    const auto all = writer.checkpoints(incident);
    if (!all) return tl::make_unexpected(all.error());
    const auto at = std::find_if(all->begin(), all->end(), [&](const auto& one) { return one.size == copy.size; });
    if (at == all->end()) return fail(ErrorCode::not_found, tr("checkpoint.absent", {{"size", std::to_string(copy.size)}}), "size");
    if (auto added = writer.add_checkpoint_copy(incident, copy); !added) return tl::make_unexpected(added.error());
    Note note{"journal.checkpoint_kept",
              say(context, "note.checkpoint_kept",
                  {{"size", std::to_string(copy.size)},
                   {"code", code_of(*at)},
                   {"how", say(context, "checkpoint.how." + copy.how)},
                   {"detail", copy.detail}}),
              {},
              {}};
    if (auto line = write_note(writer, context, caller, incident, std::move(note)); !line) return tl::make_unexpected(line.error());
    return protection_of(writer, incident);
  });
  if (noted) context.notify("journal", incident);
  return noted;
}

}  // namespace

Result<store::Entry> write_line(const Context& context, const Caller& caller, const std::string& incident, const NewLine& line) {
  const auto time = now();
  journal::Draft draft;
  draft.event_time = line.event_time.value_or(time);
  draft.zone = line.zone.value_or(context.settings.zone);
  draft.precision = line.precision;
  draft.kind = line.kind;
  draft.rectifies = line.rectifies;
  draft.body = {caller.name, line.reporter, line.text, line.machines, line.accounts, {}};
  auto written = store::writing(context.cases, [&](store::CaseWriter& writer) -> Result<store::Entry> {
    if (const auto there = known(writer, incident); !there) return tl::make_unexpected(there.error());
    return writer.append(incident, draft, now());
  });
  if (written) context.notify("journal", incident);
  return written;
}

Result<store::JournalPage> read_journal(const Context& context, const std::string& incident, std::int64_t after, std::int64_t limit,
                                        const journal::Filter& filter) {
  return store::reading(context.cases, [&](store::CaseReader& reader) -> Result<store::JournalPage> {
    if (const auto there = known(reader, incident); !there) return tl::make_unexpected(there.error());
    return reader.journal(incident, after, limit, filter);
  });
}

Result<Protection> journal_protection(const Context& context, const std::string& incident) {
  return store::reading(context.cases, [&](store::CaseReader& reader) -> Result<Protection> {
    if (const auto there = known(reader, incident); !there) return tl::make_unexpected(there.error());
    return protection_of(reader, incident);
  });
}

Result<journal::Audit> verify_journal(const Context& context, const std::string& incident, const std::string& code) {
  return store::reading(context.cases, [&](store::CaseReader& reader) -> Result<journal::Audit> {
    if (const auto there = known(reader, incident); !there) return tl::make_unexpected(there.error());
    return store::audit_journal(reader, incident, code);
  });
}

Result<Protection> note_checkpoint_copy(const Context& context, const Caller& caller, const std::string& incident, std::int64_t size,
                                        const std::string& how, const std::string& detail) {
  if (std::find(ways.begin(), ways.end(), how) == ways.end())
    return fail(ErrorCode::bad_input, tr("field.not_a_choice", {{"field", "how"}}), "how");
  return keep_copy(context, caller, incident, {size, how, detail, now(), caller.name});
}

Result<TimestampRequest> request_timestamp(const Context& context, const std::string& incident) {
  const auto found = journal_protection(context, incident);
  if (!found) return tl::make_unexpected(found.error());
  const auto note = found->last ? journal::parse_note(found->last->note) : fail(ErrorCode::not_found, tr("checkpoint.none"));
  if (!note) return tl::make_unexpected(note.error());
  return TimestampRequest{found->last->size, timestamp_request(sha256(note->text))};
}

Result<Protection> add_timestamp(const Context& context, const Caller& caller, const std::string& incident, std::int64_t size,
                                 const std::string& response, const std::string& authorities) {
  const auto all = store::reading(context.cases, [&](store::CaseReader& reader) { return reader.checkpoints(incident); });
  if (!all) return tl::make_unexpected(all.error());
  const auto at = std::find_if(all->begin(), all->end(), [&](const auto& one) { return one.size == size; });
  if (at == all->end()) return fail(ErrorCode::not_found, tr("checkpoint.absent", {{"size", std::to_string(size)}}), "size");
  const auto note = journal::parse_note(at->note);
  if (!note) return tl::make_unexpected(note.error());
  const auto stamp = verify_timestamp(response, sha256(note->text), authorities);
  if (!stamp) return tl::make_unexpected(stamp.error());
  const auto detail = tr_in(context.settings.language, "timestamp.detail",
                            {{"time", to_iso8601(stamp->time)}, {"authority", stamp->authority}, {"serial", stamp->serial}});
  return keep_copy(context, caller, incident, {size, "timestamp", detail, now(), caller.name, response});
}

Result<std::string> line_proof(const Context& context, const std::string& incident, std::int64_t seq) {
  return store::reading(context.cases, [&](store::CaseReader& reader) -> Result<std::string> {
    if (const auto there = known(reader, incident); !there) return tl::make_unexpected(there.error());
    std::optional<std::string> line;
    const auto read = reader.journal_lines(incident, seq - 1, 1, [&](const journal::StoredLine& one) -> Result<void> {
      line = journal::export_line(one);
      return {};
    });
    if (!read) return tl::make_unexpected(read.error());
    const auto last = reader.last_checkpoint(incident);
    if (!last) return tl::make_unexpected(last.error());
    if (!line || !*last || (*last)->size < seq) return fail(ErrorCode::not_found, tr("journal.absent"), std::to_string(seq));
    const auto leaves = reader.leaves(incident, (*last)->size);
    if (!leaves) return tl::make_unexpected(leaves.error());
    const auto index = static_cast<std::uint64_t>(seq - 1);
    return journal::to_text({std::move(*line), index, journal::inclusion_proof(*leaves, index), (*last)->note});
  });
}

Result<JournalExport> JournalExport::open(const Context& context, const std::string& incident) {
  return store::reading(context.cases, [&](store::CaseReader& reader) -> Result<JournalExport> {
    if (const auto there = known(reader, incident); !there) return tl::make_unexpected(there.error());
    JournalExport out(context, incident);
    auto keys = store::journal_keys_of(reader, incident);
    if (!keys) return tl::make_unexpected(keys.error());
    auto checkpoints = reader.checkpoints(incident);
    if (!checkpoints) return tl::make_unexpected(checkpoints.error());
    const auto page = reader.journal(incident, 0, 0, {});
    if (!page) return tl::make_unexpected(page.error());
    out.head_ = journal::export_head(incident, *keys) + "\n";
    out.checkpoints_ = std::move(*checkpoints);
    out.size_ = page->size;
    return out;
  });
}

std::string JournalExport::code() const {
  return checkpoints_.empty() ? std::string() : code_of(checkpoints_.back());
}

Result<bool> JournalExport::next(std::string& part) {
  part += head_;
  head_.clear();
  if (after_ < size_) {
    const auto read = store::reading(context_->cases, [&](store::CaseReader& reader) -> Result<std::int64_t> {
      auto at = after_;
      const auto lines = reader.journal_lines(incident_, after_, std::min(lines_per_part, size_ - after_), [&](const auto& line) {
        part += journal::export_line(line) + "\n";
        ++at;
        for (; next_checkpoint_ < checkpoints_.size() && checkpoints_[next_checkpoint_].size <= at; ++next_checkpoint_)
          part += journal::export_checkpoint(checkpoints_[next_checkpoint_].note) + "\n";
        return Result<void>();
      });
      if (!lines) return tl::make_unexpected(lines.error());
      return at;
    });
    if (!read) return tl::make_unexpected(read.error());
    // Fewer lines than were counted: some are missing, which the checkpoints behind tell.
    after_ = *read == after_ ? size_ : *read;
    if (after_ < size_) return true;
  }
  for (; next_checkpoint_ < checkpoints_.size(); ++next_checkpoint_)
    part += journal::export_checkpoint(checkpoints_[next_checkpoint_].note) + "\n";
  return false;
}

}  // namespace digue::service
