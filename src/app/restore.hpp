#pragma once

#include "cli/cli.hpp"

namespace digue::app {

/// `digue restore`. Exit code: 0 restored, 1 restored and something was not good before the backup already, 2 usage (the directory is not
/// empty), 4 failure: the directory is as it was.
int restore(const cli::RestoreArguments& arguments);

}  // namespace digue::app
