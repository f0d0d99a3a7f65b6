#pragma once

#include "cli/cli.hpp"
#include "service/analyser.hpp"

namespace digue::app {

/// Runs a command of cli/commands.cpp: through the Unix socket of the workbench that runs on the data directory, else on that directory
/// itself, with the same routes, rights and journal lines. The exit code.
int remote(const cli::RemoteTarget& target, const cli::RemoteArguments& arguments, service::Analyser& analyser);

}  // namespace digue::app
