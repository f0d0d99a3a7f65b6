#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include "base/messages.hpp"
#include "net/http.hpp"
#include "service/analyser.hpp"

namespace digue::app {

inline constexpr std::uint16_t default_port = 8047;
/// In the data directory: where commands reach a running workbench.
inline constexpr const char* local_socket = "socket";

struct ServeOptions {
  std::string data;                   ///< empty: the default data directory
  std::string database;               ///< PostgreSQL's URI, or "sqlite"; empty: the one that the data directory had last
  std::string address = "127.0.0.1";  ///< beyond loopback: with TLS and accounts only
  std::uint16_t port = default_port;  ///< 0: a free one
  std::string certificate;            ///< PEM file; with `key`: TLS
  std::string key;                    ///< PEM file
  std::vector<std::string> hosts;     ///< host names by which the page may be reached, beside the address
  std::string zone = "Europe/Paris";
  Language language = Language::fr;  ///< of the lines that the workbench writes by itself
  std::vector<std::string> own_domains;
  bool demo = false;  ///< load the demonstration incident into an empty data directory
  /// Instead of listening: works with the routes and gives the exit code.
  std::function<int(net::Handler&)> instead;
};

/// Opens the data directory and serves the workbench until SIGTERM or SIGINT. `out` gets the address and the sign-in link, `err` what went
/// wrong. Exit code as in DESIGN 1: 0 stopped, 2 usage, 4 failure.
int serve(const ServeOptions& options, service::Analyser& analyser, std::ostream& out, std::ostream& err);

}  // namespace digue::app
