#pragma once

#include <string_view>

#include "model/event.hpp"

namespace digue::formats::entra {

/// Outcome of a sign-in by Entra's error code (AADSTS number) alone: 0 succeeded; steps that ask the person for more (second factor,
/// expired password, consent, stay signed in ...) are interruptions; everything else failed. The same code tells the same in the audit log.
Outcome outcome_of_code(std::string_view code);

}  // namespace digue::formats::entra
