#pragma once

#include "connect/guided/guided.hpp"
#include "playbook/playbook.hpp"

/// The content that was built into the program, loaded by the same checks as any other.
namespace digue::service {

Result<playbook::Playbook> embedded_playbook();
Result<std::vector<guided::Platform>> embedded_platforms(const playbook::Playbook& playbook);

}  // namespace digue::service
