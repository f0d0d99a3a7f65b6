#pragma once

#include "base/json/value.hpp"
#include "base/localized.hpp"

/// Shared by the routes of platforms and operations.
namespace digue::api {

json::Value both(const Localized& text);

}  // namespace digue::api
