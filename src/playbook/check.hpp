#pragma once

#include "base/result.hpp"
#include "playbook/playbook.hpp"

namespace digue::playbook {

/// What only the whole can show: every measure, action and title of the card is there once, views and actions agree, references lead
/// somewhere, requirements do not wait for each other. The error names the place of the part that is wrong.
Result<void> check_playbook(const Playbook& playbook);

}  // namespace digue::playbook
