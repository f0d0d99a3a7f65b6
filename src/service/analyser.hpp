#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace digue::service {

/// One exhibit to read. The name is unique within the job; the analysis gives it back as the path of its inputs ("name", "name!member").
struct AnalysisInput {
  std::string path;  ///< of the bytes, read-only
  std::string name;
};

struct AnalysisJob {
  std::vector<AnalysisInput> inputs;
  /// JSON: {"zone", "own_domains":[..], "own_ranges":[..], "pins":[{kind, value, actor, reason}], "own_probes":[..], "aliases":[{name,
  /// account}], "language"}
  std::string options;
};

/// Where an analysis tells how it goes. Called on the thread of run().
struct AnalysisSink {
  std::function<void(std::uint64_t bytes_done, std::uint64_t bytes_total)> progress;
  /// Whole NDJSON lines, rows of `--events`, in their order. After an error the analysis ends with it.
  std::function<Result<void>(std::string_view lines)> events;
  /// More bytes of a document made of the story: html, csv, ocsf, and the story itself in its languages: fr, en. Documents that are not
  /// given cannot be downloaded.
  std::function<Result<void>(std::string_view kind, std::string_view bytes)> document;
  /// Becomes true when a person cancels; looked at often.
  const std::atomic<bool>* cancelled = nullptr;
};

/// Turns exhibits into a story; implemented with the jailed worker process.
class Analyser {
 public:
  virtual ~Analyser() = default;
  /// The analysis as JSON (docs/schemas/analysis.schema.json). Errors: cancelled; anything else is told to the person as it is
  /// ("the worker was killed by signal 9").
  virtual Result<std::string> run(const AnalysisJob& job, const AnalysisSink& sink) = 0;
  /// Up to `size` bytes (at most 2 MiB) of the input that the analysis called `path`, decoded as it read them.
  virtual Result<std::string> excerpt(const AnalysisInput& input, const std::string& path, std::uint64_t offset, std::uint64_t size) = 0;
};

}  // namespace digue::service
