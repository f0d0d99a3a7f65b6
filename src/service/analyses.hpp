#pragma once

#include "service/analyser.hpp"
#include "service/jobs.hpp"

namespace digue::service {

/// Analyses of exhibits, each in the analyser given. Any thread.
class Analyses {
 public:
  /// The jobs end before the context and the analyser do.
  Analyses(const Context& context, Analyser& analyser, Jobs& jobs) : context_(context), analyser_(analyser), jobs_(jobs) {}

  /// conflict when the incident has one that has not ended, bad_input without an exhibit.
  Result<JobView> start(const Caller& caller, const std::string& incident);
  Analyser& analyser() const { return analyser_; }

 private:
  const Context& context_;
  Analyser& analyser_;
  Jobs& jobs_;
};

}  // namespace digue::service
