#pragma once

#include <array>
#include <string_view>

#include "base/arena.hpp"
#include "model/event.hpp"

/// Changes in the Entra directory: the same operations reach us as records of the unified audit log (RecordType 8, names with a final dot)
/// and as directory audits.
namespace digue::formats::entra {

/// The properties whose change tells something; everything else only counts as "changed".
enum class Property : std::uint8_t {
  strong_methods,
  strong_requirement,
  strong_user_details,
  strong_phone_apps,
  role_name,
  role_template,
  consent_permissions,
  consent_all,
  consent_admin,
  grant_scope,
  grant_type,
  app_role,
  user_upn,
  key_description,
  account_enabled,
  display_name,
  app_id,
  principal_names,
  app_address,  ///< where an application takes its answers
  user_type,
  device_os,
  included,
  first_other,  ///< the first property without a name here
};
inline constexpr std::size_t property_count = static_cast<std::size_t>(Property::first_other) + 1;

struct Change {
  std::string_view before;
  std::string_view after;
};

/// What one record tells about a change.
struct Directory {
  std::array<Change, property_count> changes;
  std::string_view first_other_name;
  std::string_view target_upn;   ///< user acted upon
  std::string_view target_name;  ///< display name of what was acted upon
  std::string_view target_type;  ///< User, Application, ServicePrincipal, Role, Device, Policy ...
  std::string_view result_reason;

  const Change& operator[](Property property) const { return changes[static_cast<std::size_t>(property)]; }
  /// Files a modified property under its name.
  void note(std::string_view name, std::string_view before, std::string_view after);
};

/// The name as the tables know it: lower-case, without final dots and blanks, EN DASH as hyphen. Empty when longer than any known name.
std::string_view plain_operation(std::string_view operation, std::array<char, 96>& buffer);

/// Whether a plain operation is one of the directory's.
bool is_directory_operation(std::string_view plain);

/// Sets activity and details of a directory operation. Sets nothing and returns false when the operation is not known.
bool describe(const Directory& directory, std::string_view plain, Arena& arena, Event& event);

}  // namespace digue::formats::entra
