#include "cli/analyze.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <map>
#include <thread>

#include "base/files.hpp"
#include "base/text.hpp"
#include "cli/inputs.hpp"
#include "cli/profile.hpp"
#include "worker/job.hpp"

namespace digue::cli {

namespace {

constexpr int exit_done = 0, exit_findings = 1, exit_usage = 2, exit_nothing = 3, exit_failure = 4;

std::atomic<bool> interrupted{false};

void complain(const Error& error) {
  fmt::print(stderr, "digue: {}\n", terminal(to_text(error)));
}

Result<UtcMicros> instant(const std::string& text, const std::string& option) {
  const auto parsed = parse_iso8601(text.size() == 10 ? text + "T00:00:00Z" : text);
  if (!parsed) return fail(ErrorCode::usage, "not a time: '" + text + "'", option, "Write 2026-03-09 or 2026-03-09T20:00:00Z.");
  return UtcMicros{parsed->civil - parsed->offset_minutes.value_or(0) * micros_per_minute};
}

Result<Profile> profile_of(const AnalyzeOptions& options) {
  Profile profile;
  if (!options.profile.empty()) {
    auto read = read_profile(options.profile);
    if (!read) return read;
    profile = std::move(*read);
  }
  for (const std::string& domain : options.own_domains) profile.own_domains.push_back(lower(domain));
  for (const std::string& text : options.own_ranges) {
    const auto range = parse_range(text);
    if (!range) return fail(ErrorCode::usage, "not an address range: '" + text + "'", "--own-range", "For example: 192.0.2.0/24");
    profile.own_ranges.push_back(*range);
  }
  if (!options.zone.empty()) {
    auto zone = Zone::named(options.zone);
    if (!zone) return tl::make_unexpected(Error{ErrorCode::usage, zone.error().message, "--zone", zone.error().help});
    profile.zone = std::move(*zone);
  }
  if (options.year) profile.year = options.year;
  for (const auto& [text, option, slot] :
       {std::tuple{options.since, "--since", &profile.since}, std::tuple{options.until, "--until", &profile.until}}) {
    if (text.empty()) continue;
    const auto time = instant(text, option);
    if (!time) return tl::make_unexpected(time.error());
    *slot = *time;
  }
  return profile;
}

/// Where the child's streams go: files, or standard output kept until the end so that a failure prints nothing there.
class Outputs {
 public:
  Result<void> open(worker::Stream stream, const std::string& path) {
    if (path.empty()) return {};
    auto file = File::create(path + ".part", 0600);
    if (!file && file_exists(path + ".part")) {
      if (auto removed = remove_file(path + ".part"); !removed) return removed;
      file = File::create(path + ".part", 0600);
    }
    if (!file) return tl::make_unexpected(file.error());
    files_.emplace(stream, Target{std::move(*file), path});
    return {};
  }

  Result<void> write(worker::Stream stream, std::string_view bytes) {
    if (const auto at = files_.find(stream); at != files_.end()) return at->second.file.write(bytes);
    text_ += bytes;
    return {};
  }

  /// The finished files get their names; standard output its text.
  Result<void> finish() {
    for (auto& [stream, target] : files_) {
      if (auto synced = target.file.sync(); !synced) return synced;
      if (auto renamed = rename_file(target.path + ".part", target.path); !renamed) return renamed;
    }
    std::size_t done = 0;
    while (done < text_.size()) {
      const ssize_t wrote = ::write(1, text_.data() + done, text_.size() - done);
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote <= 0) return fail(ErrorCode::io, std::string("cannot write to standard output: ") + std::strerror(errno));
      done += static_cast<std::size_t>(wrote);
    }
    return {};
  }

  void discard() {
    for (const auto& [stream, target] : files_) static_cast<void>(remove_file(target.path + ".part"));
  }

 private:
  struct Target {
    File file;
    std::string path;
  };
  std::map<worker::Stream, Target> files_;
  std::string text_;
};

class ProgressLine {
 public:
  explicit ProgressLine(bool shown) : shown_(shown) {}
  ~ProgressLine() {
    if (drawn_) fmt::print(stderr, "\r\x1b[K");
  }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  void show(const worker::Progress& progress) {
    if (!shown_) return;
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    const double done = static_cast<double>(progress.done) / 1e6;
    fmt::print(stderr, "\r\x1b[K{:.0f} / {:.0f} MB  {:.0f} MB/s", done, static_cast<double>(progress.total) / 1e6,
               seconds > 0 ? done / seconds : 0);
    std::fflush(stderr);
    drawn_ = true;
  }

 private:
  bool shown_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

std::optional<Severity> severity_named(const std::string& name) {
  static constexpr std::array<std::string_view, 5> names{"informational", "low", "medium", "high", "critical"};
  const auto at = std::find(names.begin(), names.end(), name);
  if (at == names.end()) return std::nullopt;
  return static_cast<Severity>(at - names.begin());
}

bool any_silent(const NamedInputs& inputs, std::size_t named_count, const worker::Outcome& outcome) {
  std::vector<bool> silent_source(inputs.sources.size(), false);
  for (const auto index : outcome.silent_sources) silent_source[index] = true;
  std::vector<bool> spoke(named_count, false);
  for (std::size_t i = 0; i < inputs.sources.size(); ++i)
    if (!silent_source[i]) spoke[inputs.named[i]] = true;
  return std::find(spoke.begin(), spoke.end(), false) != spoke.end();
}

}  // namespace

int analyze(const AnalyzeOptions& options) {
  const auto profile = profile_of(options);
  if (!profile) {
    complain(profile.error());
    return exit_usage;
  }
  std::optional<Severity> fail_on;
  if (!options.fail_on.empty()) {
    fail_on = severity_named(options.fail_on);
    if (!fail_on) {
      complain({ErrorCode::usage, "unknown severity '" + options.fail_on + "'", "--fail-on",
                "Choose informational, low, medium, high or critical."});
      return exit_usage;
    }
  }
  auto inputs = expand_inputs(options.paths);
  if (!inputs) {
    complain(inputs.error());
    return exit_failure;
  }
  const bool french = options.language == Language::fr;
  using worker::Stream;
  worker::Job job;
  job.sources = inputs->sources;
  job.profile = *profile;
  job.geo_databases = options.geo_databases;
  job.threads = options.threads > 0 ? options.threads : std::clamp(std::thread::hardware_concurrency(), 1U, 16U);
  job.all_accounts = options.all_accounts;
  job.allow_unjailed = options.allow_unjailed;
  job.streams.push_back(options.json ? (french ? Stream::json_fr : Stream::json_en) : (french ? Stream::summary_fr : Stream::summary_en));
  Outputs outputs;
  const Stream page = french ? Stream::html_fr : Stream::html_en;
  for (const auto& [stream, path] : {std::pair{Stream::events, options.events}, std::pair{page, options.html},
                                     std::pair{Stream::csv, options.csv}, std::pair{Stream::ocsf, options.ocsf}}) {
    if (path.empty()) continue;
    job.streams.push_back(stream);
    if (auto opened = outputs.open(stream, path); !opened) {
      complain(opened.error());
      outputs.discard();
      return exit_failure;
    }
  }
  for (const int signal : {SIGINT, SIGTERM}) std::signal(signal, [](int) { interrupted = true; });
  Result<worker::Outcome> outcome;
  {
    ProgressLine line(!options.quiet && ::isatty(2) != 0);
    outcome = worker::run(job,
                          {{},
                           [&](const worker::Progress& progress) { line.show(progress); },
                           [&](Stream stream, std::string_view bytes) { return outputs.write(stream, bytes); }},
                          interrupted);
  }
  if (outcome)
    if (auto finished = outputs.finish(); !finished) outcome = tl::make_unexpected(finished.error());
  if (!outcome) {
    complain(outcome.error());
    outputs.discard();
    return exit_failure;
  }
  if (any_silent(*inputs, options.paths.size(), *outcome) || (options.strict && outcome->rejected > 0)) return exit_nothing;
  if (fail_on && outcome->worst && *outcome->worst >= *fail_on) return exit_findings;
  return exit_done;
}

}  // namespace digue::cli
