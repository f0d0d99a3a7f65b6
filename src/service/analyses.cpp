#include "service/analyses.hpp"

#include <algorithm>
#include <chrono>
#include <exception>

#include "base/crypto/random.hpp"
#include "base/json/value.hpp"
#include "base/text.hpp"
#include "service/establishments.hpp"
#include "service/notes.hpp"
#include "service/overlays.hpp"
#include "service/story.hpp"
#include "service/tasks.hpp"

namespace digue::service {

namespace {

using Steady = std::chrono::steady_clock;
constexpr auto tell_every = std::chrono::milliseconds(500);
constexpr std::size_t max_told_accounts = 20;

std::string options_of(const Settings& settings, const std::vector<incident::Pin>& pins) {
  json::Array list;
  for (const auto& pin : pins)
    list.push_back(json::Object{{"kind", pin.kind}, {"value", pin.value}, {"actor", pin.actor}, {"reason", pin.reason}});
  return json::canonical(json::Object{{"zone", settings.zone},
                                      {"own_domains", json::array_of(settings.own_domains)},
                                      {"own_ranges", json::array_of(settings.own_ranges)},
                                      {"language", settings.language == Language::fr ? "fr" : "en"},
                                      {"pins", std::move(list)}});
}

/// Answers pasted as proofs of a task are no evidence to analyse.
Result<std::vector<incident::Exhibit>> evidence_of(store::CaseReader& reader, const std::string& incident) {
  auto exhibits = reader.exhibits(incident);
  if (exhibits) std::erase_if(*exhibits, [](const incident::Exhibit& exhibit) { return exhibit.method == "pasted"; });
  return exhibits;
}

/// What one analysis reads and replaces.
struct Before {
  std::vector<incident::Exhibit> exhibits;
  std::vector<incident::Pin> pins;
  std::int64_t version = 0;
  Settings settings;
};

Result<Before> read_before(store::CaseReader& reader, const Context& context, const std::string& incident) {
  auto exhibits = evidence_of(reader, incident);
  if (!exhibits) return tl::make_unexpected(exhibits.error());
  auto pins = reader.pins(incident);
  if (!pins) return tl::make_unexpected(pins.error());
  const auto story = reader.story_head(incident);
  if (!story && story.error().code != ErrorCode::not_found) return tl::make_unexpected(story.error());
  auto settings = settings_for(reader, context, incident);
  if (!settings) return tl::make_unexpected(settings.error());
  return Before{std::move(*exhibits), std::move(*pins), story ? story->version : 0, std::move(*settings)};
}

Result<void> take_over_exhibits(store::CaseWriter& writer, const std::string& incident, const Before& before, const StoryFacts& facts,
                                const std::vector<incident::StoryInput>& inputs) {
  for (auto exhibit : before.exhibits) {
    exhibit.format.reset();
    exhibit.records = 0;
    exhibit.rejected = 0;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      if (inputs[i].exhibit != exhibit.id) continue;
      *exhibit.records += facts.inputs[i].records;
      *exhibit.rejected += facts.inputs[i].rejected;
      if (!exhibit.format) exhibit.format = facts.inputs[i].format;
    }
    exhibit.state = exhibit.format ? "analysed" : "unrecognised";
    if (auto done = writer.set_exhibit_findings(incident, exhibit); !done) return done;
  }
  return {};
}

/// Verdicts of compromised and suspected accounts; the compromised ones join the incident. Those that join now come back.
Result<std::vector<std::string>> take_over_accounts(store::CaseWriter& writer, const Context& context, const std::string& incident,
                                                    const StoryFacts& facts) {
  const auto known = writer.accounts(incident);
  if (!known) return tl::make_unexpected(known.error());
  std::vector<std::string> joining;
  const auto verdict_of = [&](const std::string& account) -> std::optional<std::string> {
    for (const auto& one : facts.accounts)
      if (one.account == account) return one.verdict;
    return std::nullopt;
  };
  const auto put = [&](incident::Account record, const std::optional<std::string>& verdict) -> Result<void> {
    record.verdict = verdict;
    if (verdict == "compromised" && !record.joined) {
      record.joined = true;
      joining.push_back(record.account);
    }
    return writer.put_account(incident, record, now());
  };
  for (const auto& record : *known)
    if (auto done = put(record, verdict_of(record.account).value_or("clear")); !done) return tl::make_unexpected(done.error());
  for (const auto& one : facts.accounts) {
    if (one.verdict != "compromised" && one.verdict != "suspected") continue;
    if (std::any_of(known->begin(), known->end(), [&](const auto& record) { return record.account == one.account; })) continue;
    if (auto done = put({one.account, "analysis", std::nullopt, false}, one.verdict); !done) return tl::make_unexpected(done.error());
  }
  for (const auto& account : joining)
    if (auto done = open_account_tasks(writer, context, incident, account); !done) return tl::make_unexpected(done.error());
  return joining;
}

std::string list_of(const std::vector<std::string>& accounts) {
  std::string out;
  for (std::size_t i = 0; i < std::min(accounts.size(), max_told_accounts); ++i) out += (i == 0 ? "" : ", ") + accounts[i];
  if (accounts.size() > max_told_accounts) out += ", +" + std::to_string(accounts.size() - max_told_accounts);
  return out;
}

}  // namespace

struct Analyses::Running {
  std::string job;
  std::atomic<bool> cancelled{false};
  std::atomic<std::uint64_t> bytes_done{0};
  std::atomic<std::uint64_t> bytes_total{0};
  Steady::time_point started = Steady::now();
};

Analyses::Analyses(const Context& context, Analyser& analyser) : context_(context), analyser_(analyser), thread_([this] { serve(); }) {}

Analyses::~Analyses() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    if (running_) running_->cancelled = true;
  }
  wake_.notify_one();
  thread_.join();
}

Result<void> Analyses::recover() {
  const auto open = store::reading(context_.cases, [](store::CaseReader& reader) { return reader.open_jobs(); });
  if (!open) return tl::make_unexpected(open.error());
  for (const auto& job : *open) end(job, "failed", say(context_, "analysis.cut"));
  return {};
}

Result<JobView> Analyses::start(const Caller& caller, const std::string& incident) {
  auto added = store::writing(context_.cases, [&](store::CaseWriter& writer) -> Result<incident::Job> {
    if (const auto known = writer.incident(incident); !known) return tl::make_unexpected(known.error());
    const auto jobs = writer.jobs(incident);
    if (!jobs) return tl::make_unexpected(jobs.error());
    if (std::any_of(jobs->begin(), jobs->end(), [](const auto& job) { return job.state == "queued" || job.state == "running"; }))
      return fail(ErrorCode::conflict, tr("analysis.under_way"), {}, tr("analysis.under_way_help"));
    const auto exhibits = evidence_of(writer, incident);
    if (!exhibits) return tl::make_unexpected(exhibits.error());
    if (exhibits->empty()) return fail(ErrorCode::bad_input, tr("analysis.no_exhibit"), {}, tr("analysis.no_exhibit_help"));
    incident::Job job;
    job.id = random_hex(8);
    job.incident = incident;
    job.kind = "analysis";
    job.state = "queued";
    for (const auto& exhibit : *exhibits) job.bytes_total += exhibit.bytes;
    job.queued = now();
    job.by = caller.name;
    if (auto done = writer.put_job(job); !done) return tl::make_unexpected(done.error());
    return job;
  });
  if (!added) return tl::make_unexpected(added.error());
  {
    const std::lock_guard lock(mutex_);
    queue_.emplace_back(incident, added->id);
  }
  wake_.notify_one();
  context_.notify("job", incident);
  return view(std::move(*added));
}

JobView Analyses::view(incident::Job job) {
  JobView out{std::move(job), std::nullopt};
  const std::lock_guard lock(mutex_);
  if (!running_ || running_->job != out.job.id) return out;
  out.job.bytes_done = static_cast<std::int64_t>(running_->bytes_done.load());
  if (const auto total = running_->bytes_total.load(); total > 0) out.job.bytes_total = static_cast<std::int64_t>(total);
  const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(Steady::now() - running_->started).count();
  if (elapsed > 0) out.rate = out.job.bytes_done * 1000 / elapsed;
  return out;
}

Result<std::vector<JobView>> Analyses::list(const std::string& incident) {
  auto jobs = store::reading(context_.cases, [&](store::CaseReader& reader) -> Result<std::vector<incident::Job>> {
    if (const auto known = reader.incident(incident); !known) return tl::make_unexpected(known.error());
    return reader.jobs(incident);
  });
  if (!jobs) return tl::make_unexpected(jobs.error());
  std::vector<JobView> out;
  for (auto& job : *jobs) out.push_back(view(std::move(job)));
  return out;
}

Result<JobView> Analyses::cancel(const Caller& caller, const std::string& incident, const std::string& id) {
  auto job = store::reading(context_.cases, [&](store::CaseReader& reader) { return reader.job(incident, id); });
  if (!job) return tl::make_unexpected(job.error());
  bool was_queued = false;
  {
    const std::lock_guard lock(mutex_);
    if (running_ && running_->job == id) {
      running_->cancelled = true;
    } else {
      const auto at = std::find(queue_.begin(), queue_.end(), std::pair(incident, id));
      if (at == queue_.end()) return fail(ErrorCode::conflict, tr("analysis.ended"), id);
      queue_.erase(at);
      was_queued = true;
    }
  }
  if (was_queued) {
    job->by = caller.name;
    end(*job, "cancelled", "");
    job = store::reading(context_.cases, [&](store::CaseReader& reader) { return reader.job(incident, id); });
    if (!job) return tl::make_unexpected(job.error());
  }
  return view(std::move(*job));
}

void Analyses::serve() {
  const LanguageScope language(context_.settings.language);
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
    if (stopping_) return;
    const auto [incident, id] = queue_.front();
    queue_.pop_front();
    running_ = std::make_unique<Running>();
    running_->job = id;
    Running& running = *running_;
    lock.unlock();
    run(incident, id, running);
    lock.lock();
    running_.reset();
    lock.unlock();
    context_.notify("job", incident);
    lock.lock();
  }
}

void Analyses::run(const std::string& incident, const std::string& id, Running& running) {
  const auto job = store::reading(context_.cases, [&](store::CaseReader& reader) { return reader.job(incident, id); });
  if (!job) return;
  Result<void> done;
  try {
    done = analyse(*job, running);
  } catch (const std::exception& problem) {
    done = fail(ErrorCode::internal, problem.what());
  }
  if (done) return;
  bool stopping = false;
  {
    const std::lock_guard lock(mutex_);
    stopping = stopping_;
  }
  if (stopping)
    end(*job, "failed", say(context_, "analysis.cut"));
  else if (running.cancelled)
    end(*job, "cancelled", "");
  else
    end(*job, "failed", to_text(done.error()));
}

Result<void> Analyses::analyse(const incident::Job& job, Running& running) {
  const auto& incident = job.incident;
  const Caller caller{job.by};
  const auto started = now();
  const auto before = store::writing(context_.cases, [&](store::CaseWriter& writer) -> Result<Before> {
    auto found = read_before(writer, context_, incident);
    if (!found) return found;
    auto record = job;
    record.state = "running";
    record.started = started;
    if (auto done = writer.put_job(record); !done) return tl::make_unexpected(done.error());
    for (const auto& exhibit : found->exhibits)
      if (auto done = writer.add_custody(incident, {exhibit.id, started, job.by, "analysed", "analysis " + job.id}); !done)
        return tl::make_unexpected(done.error());
    Note note{"analysis.started",
              say(context_, "note.analysis_started",
                  {{"exhibits", std::to_string(found->exhibits.size())}, {"bytes", std::to_string(job.bytes_total)}}),
              {},
              {{"job", job.id}}};
    if (auto line = write_note(writer, context_, caller, incident, std::move(note)); !line) return tl::make_unexpected(line.error());
    return found;
  });
  if (!before) return tl::make_unexpected(before.error());
  context_.notify("job", incident);
  context_.notify("journal", incident);

  const auto names = unique_names(before->exhibits);
  AnalysisJob work;
  work.options = options_of(before->settings, before->pins);
  for (std::size_t i = 0; i < names.size(); ++i) work.inputs.push_back({context_.vault.path_of(before->exhibits[i].sha256), names[i]});
  const std::int64_t version = before->version + 1;
  auto batch = context_.events.begin(incident, version);
  if (!batch) return tl::make_unexpected(batch.error());
  const auto documents = context_.documents.begin(incident, version);
  if (!documents) return tl::make_unexpected(documents.error());

  Steady::time_point told = Steady::now();
  AnalysisSink sink;
  sink.cancelled = &running.cancelled;
  sink.progress = [&](std::uint64_t done, std::uint64_t total) {
    running.bytes_done = done;
    running.bytes_total = total;
    if (Steady::now() - told < tell_every) return;
    told = Steady::now();
    context_.notify("job", incident);
  };
  sink.events = [&](std::string_view lines) -> Result<void> {
    while (!lines.empty()) {
      const auto end = lines.find('\n');
      const auto line = lines.substr(0, end);
      lines = end == std::string_view::npos ? std::string_view() : lines.substr(end + 1);
      if (line.empty()) continue;
      const auto row = read_event(line);
      if (!row) return tl::make_unexpected(row.error());
      if (auto added = (*batch)->add(*row); !added) return added;
    }
    return {};
  };
  sink.document = [&](std::string_view kind, std::string_view bytes) { return (*documents)->write(kind, bytes); };
  auto analysis = analyser_.run(work, sink);
  if (!analysis) return tl::make_unexpected(analysis.error());
  if (running.cancelled) return fail(ErrorCode::cancelled, "");
  const auto facts = read_story(*analysis);
  if (!facts) return tl::make_unexpected(facts.error());
  if (auto kept = (*batch)->commit(); !kept) return kept;
  if (auto kept = (*documents)->commit(); !kept) return kept;

  const auto done = context_.cases.write([&](store::CaseWriter& writer) -> Result<void> {
    const auto inputs = map_inputs(facts->inputs, before->exhibits, names);
    const auto time = now();
    if (auto added = writer.add_story(incident, {version, time, *analysis, inputs}); !added) return added;
    if (auto taken = take_over_exhibits(writer, incident, *before, *facts, inputs); !taken) return taken;
    const auto joining = take_over_accounts(writer, context_, incident, *facts);
    if (!joining) return tl::make_unexpected(joining.error());
    auto record = job;
    record.state = "done";
    record.started = started;
    record.ended = time;
    record.bytes_done = record.bytes_total;
    if (auto put = writer.put_job(record); !put) return put;
    std::int64_t records = 0;
    std::int64_t rejected = 0;
    for (const auto& input : facts->inputs) {
      records += input.records;
      rejected += input.rejected;
    }
    std::string text = say(context_, "note.analysis_done",
                           {{"version", std::to_string(version)},
                            {"records", std::to_string(records)},
                            {"rejected", std::to_string(rejected)},
                            {"findings", std::to_string(facts->findings)}});
    if (!joining->empty()) text += ' ' + say(context_, "note.analysis_accounts", {{"accounts", list_of(*joining)}});
    Note note{"analysis.done", std::move(text), *joining, {{"job", job.id}, {"story", std::to_string(version)}}};
    note.accounts.resize(std::min(note.accounts.size(), journal::max_items));
    const auto line = write_note(writer, context_, caller, incident, std::move(note));
    if (!line) return tl::make_unexpected(line.error());
    if (const auto applied = apply_overlays(writer, context_, caller, incident); !applied) return tl::make_unexpected(applied.error());
    return {};
  });
  if (!done) return done;
  // What stays of older versions takes room, no more; the next analysis tries again.
  static_cast<void>(context_.events.keep_only(incident, version));
  static_cast<void>(context_.documents.keep_only(incident, version));
  for (const auto* kind : {"story", "exhibit", "task", "incident", "journal"}) context_.notify(kind, incident);
  return {};
}

void Analyses::end(const incident::Job& job, std::string state, const std::string& error) {
  const auto done = context_.cases.write([&](store::CaseWriter& writer) -> Result<void> {
    auto record = writer.job(job.incident, job.id);
    if (!record) return tl::make_unexpected(record.error());
    record->state = state;
    record->ended = now();
    if (!error.empty()) record->error = error;
    if (auto put = writer.put_job(*record); !put) return put;
    std::string text = say(context_, "note.analysis_" + state);
    if (!error.empty()) text += ' ' + std::string(clip(error, 2000));
    const auto line = write_note(writer, context_, {job.by}, job.incident, {"analysis." + state, std::move(text), {}, {{"job", job.id}}});
    if (!line) return tl::make_unexpected(line.error());
    return {};
  });
  // Without a place to write it, the next start tells it (recover).
  static_cast<void>(done);
  context_.notify("job", job.incident);
  context_.notify("journal", job.incident);
}

}  // namespace digue::service
