#pragma once

#include "base/json/value.hpp"
#include "service/jobs.hpp"

namespace digue::api {

/// A job as docs/api.md shows it.
json::Value job_json(const service::JobView& view);

}  // namespace digue::api
