#pragma once

#include <span>

#include "containment/connector.hpp"

namespace digue::connect {

/// The kinds of platform that Digue can act on, in the order of connectors.def.
std::span<const containment::Maker* const> connectors();
/// Null when there is none of that name.
const containment::Maker* connector_named(std::string_view kind);

}  // namespace digue::connect
