#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "base/json/value.hpp"
#include "base/result.hpp"

/// Every capability of the page from a terminal: a command is one request of docs/api.md, listed in commands.cpp.
namespace digue::cli {

/// A request as a command makes it.
struct Ask {
  std::string method;
  std::string target;  ///< below /api/v1, encoded
  std::string body;    ///< JSON; empty: none
  std::string file;    ///< instead of `body`: the bytes of this file
};

struct Reply {
  int status = 0;
  bool json = false;
  std::string body;  ///< empty when it went to the sink
};

/// Sends a request to the workbench that owns the data directory, or answers it in this process when none runs. A body that is no JSON goes
/// to `sink`.
using Send = std::function<Result<Reply>(const Ask& ask, const std::function<void(std::string_view)>& sink)>;

struct RemoteArguments {
  std::vector<std::string> words;                            ///< "incident", "show"
  std::vector<std::string> places;                           ///< what stands for {} in the path
  std::vector<std::pair<std::string, std::string>> options;  ///< as written, in order: "--title", "x"
  bool json = false;
};

/// Runs one command. The exit code of DESIGN section 1: 2 for what the person must write otherwise, 4 for what failed.
int run_remote(const RemoteArguments& arguments, const Send& send, std::ostream& out, std::ostream& err);

/// A JSON answer as a person reads it at a terminal: a list of objects as columns, an object as names and values. Everything passes the
/// terminal's encoder.
std::string readable(const json::Value& value);

}  // namespace digue::cli
