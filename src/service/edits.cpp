#include "service/edits.hpp"

#include "base/messages.hpp"

namespace digue::service {

Result<void> check_based_on(const BasedOn& based_on, const std::optional<UtcMicros>& changed, const std::string& by) {
  if (!based_on || *based_on == changed) return {};
  return fail(ErrorCode::conflict, tr("edit.changed", {{"name", by}}), "based_on", tr("edit.changed_help"));
}

}  // namespace digue::service
