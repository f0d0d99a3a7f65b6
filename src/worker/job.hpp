#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/json/value.hpp"
#include "base/result.hpp"
#include "model/timeline.hpp"
#include "worker/frames.hpp"

namespace digue::worker {

/// Instead of an analysis: bytes of the one source, as decoded (see analysis::excerpt), on Stream::excerpt.
struct Excerpt {
  std::string path;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;  ///< at most max_excerpt
};
inline constexpr std::uint64_t max_excerpt = std::uint64_t{2} << 20;

/// One analysis, as asked from the jailed process.
struct Job {
  struct Source {
    std::string path, name;
    int fd = -1;  ///< inherited descriptor, used instead of the path
  };
  std::vector<Source> sources;  ///< files only: folders are walked by the caller
  Profile profile;
  std::vector<std::string> geo_databases;
  unsigned threads = 2;
  bool all_accounts = false;
  bool allow_unjailed = false;
  std::vector<Stream> streams;
  std::optional<Excerpt> excerpt;
};

std::string to_json(const Job& job);
Result<Job> job_from_json(std::string_view text);
/// The "profile" part alone: {own_domains, own_ranges, zone, year, since, until, rosters:[{accounts, from, to}], pins:[{kind, value, actor,
/// reason}], own_probes:[{account, ip, port, from, to}]}, all optional.
Result<Profile> profile_from_json(const json::Value& value);

/// What a finished job tells about its inputs and findings.
struct Outcome {
  std::uint64_t rejected = 0;                 ///< records refused in all inputs
  std::optional<Severity> worst;              ///< of the findings
  std::vector<std::uint32_t> silent_sources;  ///< indices of sources that gave no record at all
};

/// What happens while the job runs; called from the thread that called run().
struct JobEvents {
  std::function<void(int landlock_abi)> started;
  std::function<void(const Progress&)> progress;
  std::function<Result<void>(Stream, std::string_view)> output;
};

/// Runs the job in a child process (this program with the hidden command `worker`) and waits for it. `cancelled` ends it at once.
/// Errors: what the child told; internal when it died, with the signal; cancelled.
Result<Outcome> run(const Job& job, const JobEvents& events, const std::atomic<bool>& cancelled);

/// The child's side: reads the job from standard input, shuts itself in, analyses, answers on standard output. The exit code.
int worker_main();

}  // namespace digue::worker
