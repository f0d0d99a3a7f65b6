#include "service/jobs.hpp"

#include <algorithm>
#include <exception>

#include "base/crypto/random.hpp"
#include "base/text.hpp"
#include "service/notes.hpp"

namespace digue::service {

namespace {

using Steady = std::chrono::steady_clock;

Result<incident::Job> read_job(const Context& context, const std::string& incident, const std::string& id) {
  return store::reading(context.cases, [&](store::CaseReader& reader) { return reader.job(incident, id); });
}

}  // namespace

Jobs::Jobs(const Context& context) : context_(context), thread_([this] { serve(); }) {}

Jobs::~Jobs() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    if (running_) running_->cancelled = true;
  }
  wake_.notify_one();
  thread_.join();
}

Result<void> Jobs::recover() {
  const auto open = store::reading(context_.cases, [](store::CaseReader& reader) { return reader.open_jobs(); });
  if (!open) return tl::make_unexpected(open.error());
  for (const auto& job : *open) end(job, "failed", say(context_, "job.cut"));
  return {};
}

Result<JobView> Jobs::start(const Caller& caller, const std::string& incident, const std::string& kind, const Prepare& prepare, Work work) {
  write_ends();
  auto added = store::writing(context_.cases, [&](store::CaseWriter& writer) -> Result<incident::Job> {
    if (const auto known = writer.incident(incident); !known) return tl::make_unexpected(known.error());
    const auto jobs = writer.jobs(incident);
    if (!jobs) return tl::make_unexpected(jobs.error());
    if (std::any_of(jobs->begin(), jobs->end(),
                    [&](const auto& job) { return job.kind == kind && (job.state == "queued" || job.state == "running"); }))
      return fail(ErrorCode::conflict, tr(kind + ".under_way"), {}, tr("job.under_way_help"));
    incident::Job job;
    job.id = random_hex(8);
    job.incident = incident;
    job.kind = kind;
    job.state = "queued";
    job.queued = now();
    job.by = caller.name;
    if (auto ready = prepare(writer, job); !ready) return tl::make_unexpected(ready.error());
    if (auto done = writer.put_job(job); !done) return tl::make_unexpected(done.error());
    return job;
  });
  if (!added) return tl::make_unexpected(added.error());
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back({incident, added->id, std::move(work)});
  }
  wake_.notify_one();
  context_.notify("job", incident);
  return view(std::move(*added));
}

JobView Jobs::view(incident::Job job) {
  JobView out{std::move(job), std::nullopt};
  const std::lock_guard lock(mutex_);
  if (!running_ || running_->job != out.job.id) return out;
  out.job.bytes_done = static_cast<std::int64_t>(running_->bytes_done.load());
  if (const auto total = running_->bytes_total.load(); total > 0) out.job.bytes_total = static_cast<std::int64_t>(total);
  const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(Steady::now() - running_->started).count();
  if (elapsed > 0) out.rate = out.job.bytes_done * 1000 / elapsed;
  return out;
}

Result<std::vector<JobView>> Jobs::list(const std::string& incident) {
  write_ends();
  auto jobs = store::reading(context_.cases, [&](store::CaseReader& reader) -> Result<std::vector<incident::Job>> {
    if (const auto known = reader.incident(incident); !known) return tl::make_unexpected(known.error());
    return reader.jobs(incident);
  });
  if (!jobs) return tl::make_unexpected(jobs.error());
  std::vector<JobView> out;
  for (auto& job : *jobs) out.push_back(view(std::move(job)));
  return out;
}

Result<JobView> Jobs::cancel(const Caller& caller, const std::string& incident, const std::string& id) {
  write_ends();
  auto job = read_job(context_, incident, id);
  if (!job) return tl::make_unexpected(job.error());
  bool was_queued = false;
  {
    const std::lock_guard lock(mutex_);
    if (running_ && running_->job == id) {
      running_->cancelled = true;
    } else {
      const auto at =
          std::find_if(queue_.begin(), queue_.end(), [&](const Queued& one) { return one.incident == incident && one.id == id; });
      if (at == queue_.end()) return fail(ErrorCode::conflict, tr("job.ended"), id);
      queue_.erase(at);
      was_queued = true;
    }
  }
  if (was_queued) {
    job->by = caller.name;
    end(*job, "cancelled", "");
    job = read_job(context_, incident, id);
    if (!job) return tl::make_unexpected(job.error());
  }
  return view(std::move(*job));
}

void Jobs::serve() {
  const LanguageScope language(context_.settings.language);
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
    if (stopping_) return;
    const Queued queued = std::move(queue_.front());
    queue_.pop_front();
    running_ = std::make_unique<Running>();
    running_->job = queued.id;
    Running& running = *running_;
    lock.unlock();
    run(queued, running);
    lock.lock();
    running_.reset();
    lock.unlock();
    context_.notify("job", queued.incident);
    lock.lock();
  }
}

void Jobs::run(const Queued& queued, Running& running) {
  const auto job = read_job(context_, queued.incident, queued.id);
  if (!job) return;
  Result<void> done;
  try {
    done = queued.work(*job, running);
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
    end(*job, "failed", say(context_, "job.cut"));
  else if (running.cancelled)
    end(*job, "cancelled", "");
  else
    end(*job, "failed", to_text(done.error()));
}

void Jobs::end(const incident::Job& job, const std::string& state, const std::string& error) {
  const auto done = context_.cases.write([&](store::CaseWriter& writer) -> Result<void> {
    auto record = writer.job(job.incident, job.id);
    if (!record) return tl::make_unexpected(record.error());
    record->state = state;
    record->ended = now();
    if (!error.empty()) record->error = error;
    if (auto put = writer.put_job(*record); !put) return put;
    std::string text = say(context_, "note." + job.kind + "_" + state);
    if (!error.empty()) text += ' ' + std::string(clip(error, 2000));
    const auto line =
        write_note(writer, context_, {job.by}, job.incident, {job.kind + "." + state, std::move(text), {}, {{"job", job.id}}});
    if (!line) return tl::make_unexpected(line.error());
    return {};
  });
  if (!done) {
    const std::lock_guard lock(mutex_);
    unwritten_.push_back({job, state, error});
  }
  context_.notify("job", job.incident);
  context_.notify("journal", job.incident);
}

void Jobs::write_ends() {
  std::vector<Ended> ends;
  {
    const std::lock_guard lock(mutex_);
    ends.swap(unwritten_);
  }
  for (const auto& one : ends) end(one.job, one.state, one.error);
}

Result<void> job_started(store::CaseWriter& writer, const incident::Job& job, UtcMicros at) {
  auto record = job;
  record.state = "running";
  record.started = at;
  return writer.put_job(record);
}

Result<void> job_done(store::CaseWriter& writer, const incident::Job& job, UtcMicros started, UtcMicros ended) {
  auto record = job;
  record.state = "done";
  record.started = started;
  record.ended = ended;
  record.bytes_done = record.bytes_total;
  return writer.put_job(record);
}

}  // namespace digue::service
