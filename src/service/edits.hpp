#pragma once

#include <optional>
#include <string>

#include "base/result.hpp"
#include "base/time.hpp"

namespace digue::service {

/// What an editor saw of a record when they began: when it was changed last, nothing inside: never. Nothing at all: not said, so not
/// checked.
using BasedOn = std::optional<std::optional<UtcMicros>>;

/// conflict at "based_on" when `by` changed the record (at `changed`) since the editor read it: nobody writes over what they have not seen.
Result<void> check_based_on(const BasedOn& based_on, const std::optional<UtcMicros>& changed, const std::string& by);

}  // namespace digue::service
