#include "service/exhibits.hpp"

#include "base/crypto/random.hpp"
#include "base/text.hpp"

namespace digue::service {

namespace {

constexpr std::size_t head_bytes = 512;

}  // namespace

Result<std::unique_ptr<Upload>> receive_exhibit(const Context& context, const Caller& caller, const std::string& incident,
                                                const std::string& name, Arrival arrival) {
  if (trim(name).empty()) return fail(ErrorCode::bad_input, tr("field.missing", {{"field", "name"}}), "name");
  if (name.size() > max_exhibit_name)
    return fail(ErrorCode::bad_input, tr("field.too_long", {{"field", "name"}, {"limit", std::to_string(max_exhibit_name)}}), "name");
  if (!arrival.parents.empty() && trim(arrival.transformation).empty())
    return fail(ErrorCode::bad_input, tr("field.missing", {{"field", "transformation"}}), "transformation");
  if (!arrival.content.empty() && arrival.content != "mail" && arrival.content != "log")
    return fail(ErrorCode::bad_input, tr("field.not_a_choice", {{"field", "content"}}), "content");
  const auto known = store::reading(context.cases, [&](store::CaseReader& reader) -> Result<void> {
    if (const auto there = reader.incident(incident); !there) return tl::make_unexpected(there.error());
    for (const auto& parent : arrival.parents)
      if (const auto there = reader.exhibit(incident, parent); !there) return tl::make_unexpected(there.error());
    return {};
  });
  if (!known) return tl::make_unexpected(known.error());
  auto incoming = context.vault.receive();
  if (!incoming) return tl::make_unexpected(incoming.error());
  return std::unique_ptr<Upload>(new Upload(context, caller, incident, to_utf8_lossy(name), std::move(arrival), std::move(*incoming)));
}

Result<void> Upload::write(std::string_view data) {
  if (head_.size() < head_bytes) head_ += data.substr(0, head_bytes - head_.size());
  return incoming_.write(data);
}

Result<incident::Exhibit> take_in(store::CaseWriter& writer, const Context& context, const Caller& caller, const std::string& incident,
                                  const store::SealedBytes& sealed, std::string_view head, const TakenIn& taken) {
  const auto& arrival = taken.arrival;
  incident::Exhibit exhibit;
  exhibit.id = random_hex(8);
  exhibit.name = taken.name;
  exhibit.bytes = sealed.bytes;
  exhibit.sha256 = sealed.sha256;
  exhibit.sha512 = sealed.sha512;
  exhibit.received = now();
  exhibit.by = caller.name;
  exhibit.method = taken.method;
  // A person may say that there is mail where nothing shows it, never that there is none where it shows.
  exhibit.content = arrival.content == "mail" || incident::holds_mail(taken.name, head) ? "mail" : "log";
  exhibit.parents = arrival.parents;
  exhibit.transformation = arrival.transformation;
  auto acquisition = arrival.acquisition;
  if (trim(acquisition.who).empty()) acquisition.who = caller.name;
  if (acquisition.at.value == 0) acquisition.at = exhibit.received;
  if (trim(acquisition.method).empty()) acquisition.method = taken.method;
  const auto line = writer.take_in(incident, exhibit, acquisition, draft_of(context, caller, taken.note, exhibit.received));
  if (!line) return tl::make_unexpected(line.error());
  return exhibit;
}

Result<incident::Exhibit> Upload::finish() {
  const auto sealed = context_.vault.seal(std::move(incoming_));
  if (!sealed) return tl::make_unexpected(sealed.error());
  Result<incident::Exhibit> added;
  const auto done = record_sealed(context_, *sealed, [&](store::CaseWriter& writer) -> Result<void> {
    std::string text =
        say(context_, "note.exhibit",
            {{"name", std::string(clip(name_, 1000))}, {"bytes", std::to_string(sealed->bytes)}, {"sha256", sealed->sha256}});
    if (const auto& source = arrival_.acquisition.source; !source.empty())
      text += ' ' + say(context_, "note.exhibit_source", {{"source", source}, {"authority", arrival_.acquisition.authority}});
    added = take_in(writer, context_, caller_, incident_, *sealed, head_,
                    {name_, "upload", arrival_, {"exhibit.received", std::move(text), {}, {}}});
    return added ? Result<void>() : tl::make_unexpected(added.error());
  });
  if (!done) return tl::make_unexpected(done.error());
  context_.notify("exhibit", incident_);
  context_.notify("journal", incident_);
  return added;
}

Result<void> record_sealed(const Context& context, const store::SealedBytes& sealed,
                           const std::function<Result<void>(store::CaseWriter&)>& record) {
  const auto done = context.cases.write(record);
  if (done) {
    context.vault.keep(sealed);
  } else {
    context.vault.discard(sealed, [&context](const std::string& sha256) {
      return store::reading(context.cases, [&](store::CaseReader& reader) { return reader.holds(sha256); });
    });
  }
  return done;
}

Result<std::vector<incident::Exhibit>> list_exhibits(const Context& context, const std::string& incident) {
  return store::reading(context.cases, [&](store::CaseReader& reader) -> Result<std::vector<incident::Exhibit>> {
    if (const auto known = reader.incident(incident); !known) return tl::make_unexpected(known.error());
    return reader.exhibits(incident);
  });
}

}  // namespace digue::service
