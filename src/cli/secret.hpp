#pragma once

#include <optional>
#include <string>

#include "base/result.hpp"

/// Secrets at a terminal: never an argument, which every user of the machine can read.
namespace digue::cli {

/// The first line of a file or descriptor (/dev/fd/3), at most 4096 bytes.
Result<std::string> read_secret(const std::string& path);

/// Asked on standard error, read from the terminal without showing it. Nothing where standard input is no terminal, or was ended;
/// Ctrl-C ends the program.
std::optional<std::string> ask_secret(const std::string& question);

}  // namespace digue::cli
