#pragma once

#include "service/analyser.hpp"

namespace digue::app {

/// Analyses in the jailed worker process.
class WorkerAnalyser final : public service::Analyser {
 public:
  WorkerAnalyser(std::vector<std::string> geo_databases, bool allow_unjailed)
      : geo_databases_(std::move(geo_databases)), allow_unjailed_(allow_unjailed) {}
  Result<std::string> run(const service::AnalysisJob& job, const service::AnalysisSink& sink) override;
  Result<std::string> excerpt(const service::AnalysisInput& input, const std::string& path, std::uint64_t offset,
                              std::uint64_t size) override;

 private:
  std::vector<std::string> geo_databases_;
  bool allow_unjailed_;
};

}  // namespace digue::app
