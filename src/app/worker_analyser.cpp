#include "app/worker_analyser.hpp"

#include <algorithm>
#include <thread>

#include "base/json/value.hpp"
#include "worker/job.hpp"

namespace digue::app {

Result<std::string> WorkerAnalyser::run(const service::AnalysisJob& asked, const service::AnalysisSink& sink) {
  const auto options = json::parse(asked.options.empty() ? "{}" : asked.options, {std::size_t{16} << 20, 16});
  if (!options) return tl::make_unexpected(options.error());
  auto profile = worker::profile_from_json(*options);
  if (!profile) return tl::make_unexpected(profile.error());
  const bool english = options->is_object() && options->as_object().contains("language") && options->as_object().at("language") == "en";
  const worker::Stream story = english ? worker::Stream::json_en : worker::Stream::json_fr;  // the one that is kept with the case

  worker::Job job;
  for (const service::AnalysisInput& input : asked.inputs) job.sources.push_back({input.path, input.name, -1});
  job.profile = std::move(*profile);
  job.threads = std::clamp(std::thread::hardware_concurrency(), 1U, 16U);
  job.allow_unjailed = allow_unjailed_;
  job.geo_databases = geo_databases_;
  using worker::Stream;
  job.streams = {Stream::json_fr, Stream::json_en, Stream::events, Stream::csv, Stream::ocsf, english ? Stream::html_en : Stream::html_fr};

  std::string text;
  std::string lines;
  worker::JobEvents events;
  events.progress = [&](const worker::Progress& progress) { sink.progress(progress.done, progress.total); };
  events.output = [&](worker::Stream stream, std::string_view bytes) -> Result<void> {
    if (stream == story) text += bytes;
    switch (stream) {
      case Stream::json_fr:
        return sink.document("fr", bytes);
      case Stream::json_en:
        return sink.document("en", bytes);
      case Stream::csv:
        return sink.document("csv", bytes);
      case Stream::ocsf:
        return sink.document("ocsf", bytes);
      case Stream::html_fr:
      case Stream::html_en:
        return sink.document("html", bytes);
      case Stream::events:
      case Stream::summary_fr:
      case Stream::summary_en:
      case Stream::excerpt:
        break;
    }
    lines += bytes;
    const auto end = lines.rfind('\n');
    if (end == std::string::npos) return {};
    const auto kept = sink.events(std::string_view(lines).substr(0, end + 1));
    lines.erase(0, end + 1);
    return kept;
  };
  static const std::atomic<bool> never{false};
  const auto outcome = worker::run(job, events, sink.cancelled != nullptr ? *sink.cancelled : never);
  if (!outcome) return tl::make_unexpected(outcome.error());
  return text;
}

Result<std::string> WorkerAnalyser::excerpt(const service::AnalysisInput& input, const std::string& path, std::uint64_t offset,
                                            std::uint64_t size) {
  worker::Job job;
  job.sources.push_back({input.path, input.name, -1});
  job.allow_unjailed = allow_unjailed_;
  job.streams = {worker::Stream::excerpt};
  job.excerpt = {path, offset, std::min(size, worker::max_excerpt)};
  std::string bytes;
  worker::JobEvents events;
  events.output = [&](worker::Stream stream, std::string_view part) -> Result<void> {
    if (stream != worker::Stream::excerpt || bytes.size() + part.size() > worker::max_excerpt)
      return fail(ErrorCode::internal, "the worker sent what was not asked for");
    bytes += part;
    return {};
  };
  static const std::atomic<bool> never{false};
  if (const auto outcome = worker::run(job, events, never); !outcome) return tl::make_unexpected(outcome.error());
  return bytes;
}

}  // namespace digue::app
