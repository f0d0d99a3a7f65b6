#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "playbook/playbook.hpp"

/// CACAO Security Playbooks 2.0 (OASIS CS01): the playbook as others read it, and playbooks of others as data to look at.
namespace digue::playbook {

/// The whole playbook as one CACAO JSON object (JCS text): every action a step with manual commands in both languages, in the order of
/// priority. The same content gives the same bytes; ids are UUIDs version 5.
std::string to_cacao(const Playbook& playbook);

/// What is wrong in a playbook that was read, and where.
struct CacaoProblem {
  std::string pointer;  ///< RFC 6901
  std::string message;
  std::string expected;  ///< with an example
};

inline constexpr std::size_t max_cacao = std::size_t{4} << 20;
inline constexpr std::size_t max_cacao_problems = 200;

/// Checks what the schemas demand and what they do not catch: ids that lead nowhere, steps that are never reached or do not end, cycles,
/// exclusive members, missing commands, unknown variables, dates. Empty: nothing found. bad_input, limit when it is no JSON object.
Result<std::vector<CacaoProblem>> check_cacao(std::string_view text);

struct CacaoStep {
  std::string id;
  std::string type;
  std::string name;
  std::string description;
  std::vector<std::string> commands;  ///< "type: text", never run
  bool executable = false;            ///< a command that another tool would run
};

/// A foreign playbook as a person may look at it.
struct CacaoView {
  std::string id, name, description, created_by, created, modified;
  bool revoked = false;
  std::vector<CacaoStep> steps;  ///< in the order of the workflow, then those never reached
};

Result<CacaoView> view_cacao(std::string_view text);

}  // namespace digue::playbook
