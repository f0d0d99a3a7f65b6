#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace digue::cli {

/// A member of a command's body or query, given by the option of its name ("severity_reason": --severity-reason).
struct Member {
  enum class Kind { text, flag, number, list, pairs, file, binary, secret };
  std::string name;
  Kind kind = Kind::text;
  bool required = false;
};

/// A command of the table in commands.cpp.
struct Command {
  std::vector<std::string> words;
  std::string_view method;  ///< of HTTP; FILE: streams files; WAIT: POST, then waits for the job; SAVE: POST, the answer becomes a new file
  std::string_view path;    ///< below /api/v1, {name} for arguments
  std::vector<Member> members;
  std::string_view help;

  std::vector<std::string> arguments() const;  ///< names between braces
};

const std::vector<Command>& commands();
const Command* command_named(const std::vector<std::string>& words);

}  // namespace digue::cli
