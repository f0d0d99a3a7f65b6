#pragma once

#include "service/context.hpp"

namespace digue::service {

/// The reflex card on paper: measures and actions in the order of work, what the establishment adds, whom to call, what to declare until
/// when, room to tick and sign. `establishment` empty: the card as it is for everybody. HTML, see report/document.hpp. Errors: not_found.
Result<std::string> reflex_card(const Context& context, const std::string& establishment, Language language);

}  // namespace digue::service
