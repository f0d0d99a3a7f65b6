#pragma once

#include "api/api.hpp"

/// Shared by the routes of platforms and operations.
namespace digue::api {

/// What a call of a platform answered: 502 when the platform is out of reach or cut, not the storage of the workbench.
Answer refuse_platform(const Error& error);

}  // namespace digue::api
