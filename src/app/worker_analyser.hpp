#pragma once

#include "service/analyser.hpp"

namespace digue::app {

/// Analyses in the jailed worker process.
class WorkerAnalyser final : public service::Analyser {
 public:
  explicit WorkerAnalyser(bool allow_unjailed) : allow_unjailed_(allow_unjailed) {}
  Result<std::string> run(const service::AnalysisJob& job, const service::AnalysisSink& sink) override;

 private:
  bool allow_unjailed_;
};

}  // namespace digue::app
