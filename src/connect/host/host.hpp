#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json/value.hpp"
#include "base/result.hpp"

/// Running the few commands that a mail server allows us: here, or there through SSH.
namespace digue::connect {

struct HostAnswer {
  int exit = 0;
  std::string out, err;  ///< hostile text
};

/// A machine on which one program may be run: digue-mail-host (packaging/host), which knows a fixed set of verbs and checks their
/// arguments again. One call at a time, any thread.
class Host {
 public:
  virtual ~Host() = default;
  /// Runs it with these arguments (any bytes but NUL: they never pass a shell unquoted) and `input` on its standard input. io when it
  /// could not be started, was cut or took longer than `limit`: whether it did something is unknown then. limit when it answered more
  /// than 64 MiB.
  virtual Result<HostAnswer> run(const std::vector<std::string>& arguments, std::string_view input, std::chrono::milliseconds limit) = 0;
};

/// From a connector's settings: `host` absent or "local": this machine, program `helper` (with "sudo": true through `sudo -n`); else SSH to
/// `host`:`port` as `user`, whose host key must be `host_key` (SHA256:..., as ssh-keygen -l prints it), with the private key in
/// `identity` (secret). bad_input names the setting. Does not connect.
Result<std::unique_ptr<Host>> host_of(const json::Object& settings, std::string_view identity);

}  // namespace digue::connect
