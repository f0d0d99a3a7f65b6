#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace digue::postgres {

/// Which database to speak to, as a connection URI of libpq says it.
class Target {
 public:
  /// `postgresql://[user@][host][:port][/database][?option=value&...]`; the environment of libpq gives what is left out. usage when it is
  /// none, when it holds a password (it would stand in the list of processes), or when a host beyond this machine is to be reached
  /// without TLS; for such a host sslmode is `require` where nothing better is asked for.
  static Result<Target> parse(const std::string& uri);

  /// Keywords and values for libpq.
  const std::vector<std::pair<std::string, std::string>>& options() const { return options_; }
  const std::string& uri() const { return uri_; }

 private:
  std::string uri_;
  std::vector<std::pair<std::string, std::string>> options_;
};

}  // namespace digue::postgres
