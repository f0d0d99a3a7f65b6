#pragma once

#include <map>

#include "service/context.hpp"

/// Commands that a person runs by hand for a task, and the answers kept as proofs.
namespace digue::service {

inline constexpr std::size_t max_answer = std::size_t{512} << 10;
inline constexpr std::size_t max_command = std::size_t{16} << 10;

/// A task's procedure on one platform, filled with what the incident knows.
struct TaskCommands {
  std::optional<std::string> chosen;  ///< the platform chosen last for the incident
  const guided::Platform* platform = nullptr;
  const guided::Procedure* procedure = nullptr;
  guided::Facts facts;
  guided::Filled connect;
  guided::Filled steps;
  std::vector<std::string> asked;                               ///< placeholders that only a person can fill
  std::map<std::string, std::vector<std::string>> suggestions;  ///< for them, from the story
};

/// `platform` empty: the one chosen last, else the first of the establishments' own that knows the action; none: no procedure. `asked`
/// holds values that the person gave; those that are not of their placeholder's kind are refused with the name as `where`.
Result<TaskCommands> task_commands(const Context& context, const std::string& incident, const std::string& task,
                                   const std::string& platform, const std::map<std::string, std::string>& asked);

/// Remembers the platform of an incident; told in the journal when it changes.
Result<void> choose_platform(const Context& context, const Caller& caller, const std::string& incident, const std::string& platform);

struct NewProof {
  std::string platform;
  std::string command;
  std::string answer;  ///< the bytes that are kept
  std::string note;
};

/// Seals the answer in the vault as an exhibit with its custody event, ties it to the task and tells it in the journal, in one transaction.
Result<incident::Proof> add_proof(const Context& context, const Caller& caller, const std::string& incident, const std::string& task,
                                  const NewProof& proof);
Result<std::vector<incident::Proof>> list_proofs(const Context& context, const std::string& incident, const std::string& task);

}  // namespace digue::service
