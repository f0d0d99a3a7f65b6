#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "worker/job.hpp"

namespace digue::cli {

/// The files behind the named paths.
struct NamedInputs {
  std::vector<worker::Job::Source> sources;
  std::vector<std::size_t> named;  ///< per source: index of the path on the command line that it comes from
};

/// Walks folders in the order of names (links inside them are followed, each real file once); "-" is standard input, spooled to a private
/// file. A path that does not exist stays a source: its analysis says so.
Result<NamedInputs> expand_inputs(const std::vector<std::string>& paths);

}  // namespace digue::cli
