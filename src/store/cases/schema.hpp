#pragma once

#include <span>
#include <string_view>

namespace digue::store {

/// The steps that lead from an empty case database to the present one, in order. A step that was released never changes.
std::span<const std::string_view> case_schema();

}  // namespace digue::store
