#pragma once

#include "base/json/value.hpp"
#include "service/establishments.hpp"

/// Texts and contacts as JSON, shared by the routes of declaring.
namespace digue::api {

json::Value texts_json(const std::vector<Localized>& texts);
json::Value sources_json(const std::vector<incident::Source>& sources);
json::Value reached_json(const std::vector<service::Reachable>& reached);

}  // namespace digue::api
