#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/json/value.hpp"
#include "base/loopback_test.hpp"

namespace digue::testing {

/// An OpenSSH server of its own on loopback, which lets one user in with one key: us, unless said otherwise.
class SshServer {
 public:
  /// Says why and gives null where it cannot be. `forced`: what the key runs, whatever is asked. `through`: words that start it.
  static std::unique_ptr<SshServer> start(const std::string& forced = {}, const std::string& user = {},
                                          const std::vector<std::string>& through = {});
  ~SshServer();
  SshServer(const SshServer&) = delete;
  SshServer& operator=(const SshServer&) = delete;

  /// Of host_of(), for that program.
  json::Object settings(const std::string& helper) const;
  /// The private key that is let in.
  std::string identity() const;
  /// What the server wrote so far.
  std::string log() const;

  SshServer() = default;

 private:
  Folder folder_;
  pid_t server_ = 0;
  std::uint16_t port_ = 0;
  std::string user_;
};

/// A new file of the folder that may be run.
std::string write_program(const std::string& folder, const std::string& name, const std::string& text);

}  // namespace digue::testing
