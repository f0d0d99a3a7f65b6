#include "connect/connectors.hpp"

#include <vector>

namespace digue::connect {

#define CONNECTOR(name) extern const containment::Maker name;
#include "connect/connectors.def"
#undef CONNECTOR

std::span<const containment::Maker* const> connectors() {
  static const std::vector<const containment::Maker*> all{
#define CONNECTOR(name) &name,
#include "connect/connectors.def"
#undef CONNECTOR
  };
  return all;
}

const containment::Maker* connector_named(std::string_view kind) {
  for (const auto* one : connectors())
    if (one->kind == kind) return one;
  return nullptr;
}

}  // namespace digue::connect
