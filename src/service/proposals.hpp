#pragma once

#include "service/containment.hpp"

/// Where the two rivers meet: what the last story justifies, on the platforms that are set up.
namespace digue::service {

struct Proposal {
  std::string capability;
  std::string account;  ///< of the story; empty: none
  std::map<std::string, std::string> parameters{};
  std::vector<std::string> platforms;  ///< those that offer it; empty: only guided commands
  std::vector<std::string> evidence;   ///< ids of the findings that justify it
  std::vector<std::string> missing;    ///< parameters that only a person knows
  std::string task;                    ///< of its action and account; empty: none
  Localized why;
  std::string operation;  ///< the last one for it that was not given up; empty: none
  std::string state;      ///< of that operation
};

/// In the order of work. Empty before the first story.
Result<std::vector<Proposal>> proposals(const Context& context, const Platforms& platforms, const std::string& incident);

}  // namespace digue::service
