#pragma once

#include "service/analyses.hpp"

namespace digue::app {

/// Opens the demonstration incident (a fictional hospital, evidence built into the program) and starts its analysis, marked EXERCICE.
/// Does nothing when the data directory holds an incident already.
Result<void> load_demo(const service::Context& context, service::Analyses& analyses);

}  // namespace digue::app
