#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/remote.hpp"

namespace digue::cli {

struct ServeArguments {
  std::string data_directory;  ///< empty: the default place
  std::string database;        ///< PostgreSQL's URI, or "sqlite"; empty: the one that the data directory had last
  std::string bind = "127.0.0.1";
  unsigned port = 8047;
  std::string certificate;  ///< PEM file
  std::string key;          ///< PEM file
  std::vector<std::string> hosts;
  std::string zone;  ///< of the establishment; empty: Europe/Paris
  std::vector<std::string> own_domains;
  std::vector<std::string> geo_databases;
  bool demo = false;
  bool allow_unjailed = false;
};

/// Which workbench a command speaks to, and as whom.
struct RemoteTarget {
  std::string data_directory;  ///< empty: the default place
  std::string database;        ///< as in ServeArguments, when no workbench runs
  std::string author;          ///< of journal lines
};

struct RestoreArguments {
  std::string file;
  std::string data_directory;
  std::string author;
  std::string passphrase_file;
  std::string key_file;
  bool json = false;
};

/// What the program is composed of; given by app/.
struct Commands {
  std::function<int(const ServeArguments&)> serve;
  std::function<int(const RemoteTarget&, const RemoteArguments&)> remote;
  std::function<int(const RestoreArguments&)> restore;
  std::function<int()> worker;
  std::function<int(const std::string& python)> document;
};

/// Reads the command line and runs the command. The exit code.
int run(int argc, char** argv, const Commands& parts);

}  // namespace digue::cli
