#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "connect/host/host.hpp"

/// The two ways of host_of(); each runs `words`, then the arguments.
namespace digue::connect {

inline constexpr std::size_t max_host_answer = std::size_t{64} << 20;  ///< bytes of each stream

std::unique_ptr<Host> local_host(std::vector<std::string> words);

struct SshTarget {
  std::string host, user;
  std::uint16_t port = 22;
  std::string host_key;  ///< "SHA256:..."
  std::string identity;  ///< private key, PEM or OpenSSH's own form
};
bool is_private_key(const std::string& identity);
std::unique_ptr<Host> ssh_host(SshTarget target, std::vector<std::string> words);

}  // namespace digue::connect
