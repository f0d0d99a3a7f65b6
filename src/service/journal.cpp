#include "service/journal.hpp"

namespace digue::service {

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
    if (const auto known = writer.incident(incident); !known) return tl::make_unexpected(known.error());
    return writer.append(incident, draft, now());
  });
  if (written) context.notify("journal", incident);
  return written;
}

Result<store::JournalPage> read_journal(const Context& context, const std::string& incident, std::int64_t after, std::int64_t limit,
                                        const std::string& words) {
  return store::reading(context.cases, [&](store::CaseReader& reader) -> Result<store::JournalPage> {
    if (const auto known = reader.incident(incident); !known) return tl::make_unexpected(known.error());
    return reader.journal(incident, after, limit, words);
  });
}

}  // namespace digue::service
