#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <memory>
#include <mutex>
#include <thread>

#include "analysis/analysis.hpp"
#include "analysis/content.hpp"
#include "analysis/output.hpp"
#include "analysis/partition.hpp"
#include "analysis/spill.hpp"
#include "base/json/writer.hpp"
#include "base/sandbox/sandbox.hpp"
#include "worker/job.hpp"

namespace digue::worker {

namespace {

/// Standard output, shared by the analysis and the progress thread. A closed pipe ends the process: nobody listens any more.
class Answer {
 public:
  void send(const std::string& frame) {
    const std::lock_guard lock(mutex_);
    for (std::size_t done = 0; done < frame.size();) {
      const ssize_t wrote = ::write(1, frame.data() + done, frame.size() - done);
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote <= 0) ::_exit(1);
      done += static_cast<std::size_t>(wrote);
    }
  }

  void output(Stream stream, std::string_view text) {
    for (std::size_t at = 0; at < text.size(); at += max_payload - 1)
      send(encode(FrameType::output, static_cast<char>(stream) + std::string(text.substr(at, max_payload - 1))));
  }

  int failed(const Error& error) {
    std::string json;
    JsonWriter(json)
        .open_object()
        .key("code")
        .number(static_cast<std::int64_t>(error.code))
        .key("message")
        .text(error.message)
        .key("where")
        .text(error.where)
        .key("help")
        .text(error.help)
        .close_object();
    send(encode(FrameType::failed, json.substr(0, max_payload)));
    return 1;
  }

 private:
  std::mutex mutex_;
};

Result<Job> read_job() {
  std::string text;
  std::string buffer(64 * 1024, '\0');
  while (true) {
    const ssize_t got = ::read(0, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    text.append(buffer, 0, static_cast<std::size_t>(got));
  }
  return job_from_json(text);
}

/// Lines of one stream, sent in large pieces.
class Lines {
 public:
  Lines(Answer& answer, Stream stream) : answer_(answer), stream_(stream) {}
  ~Lines() { answer_.output(stream_, pending_); }
  Lines(const Lines&) = delete;
  Lines& operator=(const Lines&) = delete;
  void add(std::string_view line) {
    pending_.append(line) += '\n';
    if (pending_.size() < max_payload / 2) return;
    answer_.output(stream_, pending_);
    pending_.clear();
  }

 private:
  Answer& answer_;
  Stream stream_;
  std::string pending_;
};

bool wants(const Job& job, Stream stream) {
  return std::find(job.streams.begin(), job.streams.end(), stream) != job.streams.end();
}

/// Events go out as one text per event that holds a line for each wanted shape, separated by line feeds.
std::vector<std::pair<Stream, void (*)(const analysis::EventOut&, std::string&)>> event_shapes(const Job& job) {
  std::vector<std::pair<Stream, void (*)(const analysis::EventOut&, std::string&)>> shapes;
  if (wants(job, Stream::events)) shapes.emplace_back(Stream::events, &analysis::append_event);
  if (wants(job, Stream::csv)) shapes.emplace_back(Stream::csv, &analysis::append_csv);
  if (wants(job, Stream::ocsf)) shapes.emplace_back(Stream::ocsf, &analysis::append_ocsf);
  return shapes;
}

std::string outcome_of(const analysis::Analysis& analysis, const Job& job) {
  std::uint64_t rejected = 0;
  std::vector<bool> spoke(job.sources.size(), false);
  for (std::uint32_t i = 0; i < analysis.inputs->size(); ++i) {
    const auto& input = (*analysis.inputs)[i];
    rejected += input.total.rejected;
    if (input.total.records > input.total.rejected) spoke[input.source] = true;
  }
  std::optional<Severity> worst;
  for (const Finding& finding : analysis.findings) worst = std::max(worst.value_or(finding.severity), finding.severity);
  std::string out;
  JsonWriter json(out);
  json.open_object().key("rejected").number(static_cast<std::int64_t>(rejected)).key("worst");
  worst ? json.number(static_cast<std::int64_t>(*worst)) : json.null();
  json.key("silent").open_array();
  for (std::size_t i = 0; i < spoke.size(); ++i)
    if (!spoke[i] && out.size() < max_payload - 100) json.number(static_cast<std::int64_t>(i));
  json.close_array().close_object();
  return out;
}

Result<std::string> analyse(const Job& job, analysis::Options options, analysis::ReadControl& control, Answer& answer) {
  const auto shapes = event_shapes(job);
  std::vector<std::unique_ptr<Lines>> lines;
  for (const auto& [stream, shape] : shapes) lines.push_back(std::make_unique<Lines>(answer, stream));
  if (wants(job, Stream::csv)) answer.output(Stream::csv, analysis::csv_header());
  const analysis::EventSink sink{[&](const analysis::EventOut& event, std::string& out) {
                                   for (std::size_t i = 0; i < shapes.size(); ++i) {
                                     if (i > 0) out += '\x1e';
                                     shapes[i].second(event, out);
                                   }
                                 },
                                 [&](std::string_view text) {
                                   for (std::size_t i = 0; i < shapes.size(); ++i) {
                                     const auto end = std::min(text.find('\x1e'), text.size());
                                     lines[i]->add(text.substr(0, end));
                                     text.remove_prefix(std::min(end + 1, text.size()));
                                   }
                                 }};
  auto result = analysis::analyse(std::move(options), control, shapes.empty() ? nullptr : &sink);
  if (!result) return tl::make_unexpected(result.error());
  lines.clear();
  for (const Stream stream : job.streams) {
    switch (stream) {
      case Stream::json_fr:
        answer.output(stream, analysis::to_json(*result, Language::fr));
        break;
      case Stream::json_en:
        answer.output(stream, analysis::to_json(*result, Language::en));
        break;
      case Stream::html_fr:
        answer.output(stream, analysis::to_html(*result, Language::fr));
        break;
      case Stream::html_en:
        answer.output(stream, analysis::to_html(*result, Language::en));
        break;
      case Stream::summary_fr:
        answer.output(stream, analysis::to_summary(*result, Language::fr));
        break;
      case Stream::summary_en:
        answer.output(stream, analysis::to_summary(*result, Language::en));
        break;
      case Stream::events:
      case Stream::csv:
      case Stream::ocsf:
      case Stream::excerpt:
        break;
    }
  }
  return outcome_of(*result, job);
}

Result<std::string> cut_out(const Job& job, const analysis::ReadControl& control, Answer& answer) {
  if (job.sources.size() != 1) return fail(ErrorCode::bad_input, "an excerpt is of one file");
  const Job::Source& source = job.sources.front();
  const auto bytes = analysis::excerpt({source.path, source.name, source.fd}, job.excerpt->path, job.excerpt->offset, job.excerpt->size,
                                       control.cancelled);
  if (!bytes) return bytes;
  answer.output(Stream::excerpt, *bytes);
  return R"({"rejected":0,"worst":null,"silent":[]})";
}

}  // namespace

int worker_main() {
  Answer answer;
  std::signal(SIGPIPE, SIG_IGN);
  auto job = read_job();
  if (!job) return answer.failed(job.error());

  analysis::Options options;
  std::vector<std::string> readable = job->geo_databases;
  std::uint64_t total = 0;
  for (const Job::Source& source : job->sources) {
    options.sources.push_back({source.path, source.name, source.fd});
    if (source.fd < 0) readable.push_back(source.path);
    struct stat status{};
    if ((source.fd >= 0 ? ::fstat(source.fd, &status) : ::stat(source.path.c_str(), &status)) == 0)
      total += static_cast<std::uint64_t>(status.st_size);
  }
  for (int* file : {&options.spill_file, &options.event_file}) {
    const auto opened = analysis::Spill::open_private_file();
    if (!opened) return answer.failed(opened.error());
    *file = *opened;
  }
  options.profile = job->profile;
  options.geo_databases = job->geo_databases;
  options.threads = job->threads;
  options.all_accounts = job->all_accounts;
  options.now = now();
  // Zones are read from the system's files on first use: that must happen before those are out of reach.
  analysis::load_zones();
  if (options.profile.zone) static_cast<void>(options.profile.zone->offset_minutes(options.now));

  const auto jail = enter_jail(readable, job->allow_unjailed);
  if (!jail) return answer.failed(jail.error());
  answer.send(encode(FrameType::started, "{\"landlock_abi\":" + std::to_string(jail->landlock_abi) + "}"));

  analysis::ReadControl control;
  std::atomic<bool> over{false};
  std::thread progress([&] {
    while (!over) {
      answer.send(encode_progress(std::min(control.bytes_done.load(), total), total));
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  });
  const auto done = job->excerpt ? cut_out(*job, control, answer) : analyse(*job, std::move(options), control, answer);
  over = true;
  progress.join();
  if (!done) return answer.failed(done.error());
  answer.send(encode(FrameType::done, *done));
  return 0;
}

}  // namespace digue::worker
