#include "service/verification.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "service/custody.hpp"

namespace digue::service {

namespace {

constexpr std::size_t block = std::size_t{1} << 20;
constexpr auto tell_every = std::chrono::milliseconds(500);
constexpr std::size_t max_named = 50;

/// The exhibits named, all when none is, but for those that were destroyed; not_found for one that is not there.
Result<std::vector<incident::Exhibit>> chosen(store::CaseReader& reader, const std::string& incident, const std::vector<std::string>& ids) {
  auto all = reader.exhibits(incident);
  if (!all) return all;
  std::erase_if(*all, [](const auto& one) { return one.state == "destroyed"; });
  if (ids.empty()) return all;
  std::vector<incident::Exhibit> out;
  for (const auto& id : ids) {
    const auto at = std::find_if(all->begin(), all->end(), [&](const auto& one) { return one.id == id; });
    if (at == all->end()) return fail(ErrorCode::not_found, tr("exhibit.absent"), id);
    out.push_back(*at);
  }
  return out;
}

Result<void> verify(const Context& context, const incident::Job& job, const std::vector<incident::Exhibit>& exhibits, Running& running) {
  const Caller caller{job.by};
  const auto started = now();
  const auto begun = context.cases.write([&](store::CaseWriter& writer) -> Result<void> {
    if (auto done = job_started(writer, job, started); !done) return done;
    Note note{"verification.started",
              say(context, "note.verification_started",
                  {{"exhibits", std::to_string(exhibits.size())}, {"bytes", std::to_string(job.bytes_total)}}),
              {},
              {{"job", job.id}}};
    const auto line = write_note(writer, context, caller, job.incident, std::move(note));
    return line ? Result<void>() : tl::make_unexpected(line.error());
  });
  if (!begun) return begun;
  context.notify("job", job.incident);
  std::vector<Reread> found;
  auto told = std::chrono::steady_clock::now();
  for (const auto& exhibit : exhibits) {
    auto one = reread(context.vault, exhibit, running, [&](std::string_view) -> Result<void> {
      if (std::chrono::steady_clock::now() - told >= tell_every) {
        told = std::chrono::steady_clock::now();
        context.notify("job", job.incident);
      }
      return {};
    });
    if (!one) return tl::make_unexpected(one.error());
    found.push_back(std::move(*one));
  }
  const auto ended = now();
  const auto done = context.cases.write([&](store::CaseWriter& writer) -> Result<void> {
    std::vector<incident::CustodyEvent> events;
    const auto bad = settle(writer, context, caller, job.incident, found, ended, events);
    if (!bad) return tl::make_unexpected(bad.error());
    Note note{bad->empty() ? "verification.good" : "verification.damaged",
              bad->empty() ? say(context, "note.verification_good", {{"count", std::to_string(found.size())}}) : *bad,
              {},
              {{"job", job.id}}};
    if (auto noted = note_custody(writer, context, caller, job.incident, std::move(events), std::move(note)); !noted) return noted;
    return job_done(writer, job, started, ended);
  });
  if (!done) return done;
  for (const auto* kind : {"exhibit", "journal"}) context.notify(kind, job.incident);
  return {};
}

}  // namespace

Result<Reread> reread(const store::Vault& vault, const incident::Exhibit& exhibit, Running& running, const TakeBytes& take) {
  Reread out{exhibit, {}};
  const auto unreadable = [&](const Error& error) {
    out.problem = tr("verification.unreadable", {{"reason", to_text(error)}});
    return out;
  };
  const auto file = vault.open_exhibit(exhibit.sha256);
  if (!file) return unreadable(file.error());
  Sha256Stream sha256;
  Sha512Stream sha512;
  std::string part(block, '\0');
  for (std::uint64_t at = 0;;) {
    if (running.cancelled) return fail(ErrorCode::cancelled, "");
    const auto got = file->read_at(at, part.data(), part.size());
    if (!got) return unreadable(got.error());
    if (*got == 0) break;
    const std::string_view bytes(part.data(), *got);
    sha256.update(bytes);
    sha512.update(bytes);
    if (take)
      if (auto taken = take(bytes); !taken) return tl::make_unexpected(taken.error());
    at += *got;
    running.bytes_done += *got;
  }
  const auto hash = to_hex(sha256.finish());
  const bool same512 = exhibit.sha512.empty() || to_hex(sha512.finish()) == exhibit.sha512;
  if (hash != exhibit.sha256 || !same512) out.problem = tr("verification.damaged", {{"found", hash}});
  return out;
}

Result<std::string> settle(store::CaseWriter& writer, const Context& context, const Caller& caller, const std::string& incident,
                           std::span<const Reread> found, UtcMicros at, std::vector<incident::CustodyEvent>& events) {
  std::string names;
  std::size_t bad = 0;
  for (const auto& one : found) {
    // Its state may have changed since it was read.
    auto exhibit = writer.exhibit(incident, one.exhibit.id);
    if (!exhibit) return tl::make_unexpected(exhibit.error());
    incident::CustodyEvent event{exhibit->id, at, caller.name, one.problem.empty() ? "verified" : "damaged", one.problem};
    event.digest = exhibit->sha256;
    events.push_back(std::move(event));
    if (one.problem.empty()) {
      exhibit->verified = at;
      if (exhibit->state == "damaged") exhibit->state = exhibit->format ? "analysed" : exhibit->records ? "unrecognised" : "received";
    } else {
      exhibit->state = "damaged";
      if (++bad <= max_named) names += (bad == 1 ? "" : ", ") + std::string(clip(exhibit->name, 300)) + " (" + one.problem + ")";
    }
    if (auto set = writer.set_exhibit_findings(incident, *exhibit); !set) return tl::make_unexpected(set.error());
  }
  if (bad == 0) return std::string();
  return say(context, "note.verification_bad",
             {{"bad", std::to_string(bad)}, {"count", std::to_string(found.size())}, {"names", std::move(names)}});
}

Result<JobView> start_verification(const Context& context, Jobs& jobs, const Caller& caller, const std::string& incident,
                                   const std::vector<std::string>& ids) {
  // Filled when the job is added, read when it runs.
  const auto exhibits = std::make_shared<std::vector<incident::Exhibit>>();
  const auto prepare = [&](store::CaseWriter& writer, incident::Job& job) -> Result<void> {
    auto found = chosen(writer, incident, ids);
    if (!found) return tl::make_unexpected(found.error());
    if (found->empty()) return fail(ErrorCode::bad_input, tr("analysis.no_exhibit"), {}, tr("analysis.no_exhibit_help"));
    for (const auto& exhibit : *found) job.bytes_total += exhibit.bytes;
    *exhibits = std::move(*found);
    return {};
  };
  return jobs.start(caller, incident, "verification", prepare,
                    [&context, exhibits](const incident::Job& job, Running& running) { return verify(context, job, *exhibits, running); });
}

}  // namespace digue::service
