#pragma once

#include "api/api.hpp"

namespace digue::api {

/// Without any secret.
json::Object account_json(const people::Account& account);
/// `current` marks the caller's own.
json::Array sessions_json(const std::vector<service::LoginSession>& sessions, const service::Caller& caller);

}  // namespace digue::api
