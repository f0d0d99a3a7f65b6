#pragma once

#include <string>

#include "base/result.hpp"
#include "model/timeline.hpp"

namespace digue::cli {

/// Reads an establishment's profile (YAML): own_domains, own_ranges, trusted_mail_servers (addresses of webmail and relays: connections
/// from them are the establishment's own), aliases (other names of accounts), bare_domain (of names that are logged without one), zone,
/// year, rosters (accounts and their hours, local clock). Unknown keys are refused, so that a misspelt one is not silently without effect.
/// Errors name file, line and column.
Result<Profile> read_profile(const std::string& path);

}  // namespace digue::cli
